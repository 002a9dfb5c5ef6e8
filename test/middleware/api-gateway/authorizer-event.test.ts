import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ApiGatewayOptions, createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import { CutoverError } from '../../../src/errors.js';
import { ARN, bearer, httpEvent, httpEventV1, requestEvent, socketEvent, tokenEvent } from '../api-gateway-events.js';

/** Refuses every token, and takes nothing else for one. */
const verifier = {
  verify: async (token: string) => {
    expect(token).toBeTypeOf('string');
    throw new CutoverError('ERR_TOKEN_MALFORMED', 'refused');
  },
};
const answerTo = (event: unknown, options: ApiGatewayOptions = {}) =>
  createApiGatewayAuthorizer({ verifier, ...options })(event as never);

const huge = 'x'.repeat(1_000_000);
const HOSTILE: readonly (readonly [string, object])[] = [
  ['no headers', { headers: undefined, multiValueHeaders: undefined }],
  ['headers of null', { headers: null, multiValueHeaders: null }],
  ['headers that are a number', { headers: 7, multiValueHeaders: 7 }],
  ['headers that are a string', { headers: 'authorization' }],
  ['headers that are a list', { headers: [['authorization', 'Bearer x']] }],
  ['a header that is a number', { headers: { authorization: 7 } }],
  ['a header that is an object', { headers: { authorization: { startsWith: 1 } } }],
  ['a header that is true', { headers: { Authorization: true } }],
  ['a header that is a list of numbers', { headers: { authorization: [7] } }],
  ['a header that is a list of lists', { multiValueHeaders: { authorization: [['Bearer x']] } }],
  ['many headers of one name', { multiValueHeaders: { authorization: Array(10_000).fill('Bearer x') } }],
  ['many headers', { headers: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`h${n}`, 'x'])) }],
  ['a huge header', { headers: { authorization: bearer(huge) } }],
  ['a huge scheme', { headers: { authorization: huge } }],
  ['a query that is a number', { headers: { authorization: 'Bearer x' }, queryStringParameters: 7 }],
  ['a query that is a string', { headers: { authorization: 'Bearer x' }, queryStringParameters: 'access_token' }],
  [
    'a token in a list of the query',
    { headers: { authorization: 'Bearer x' }, multiValueQueryStringParameters: { access_token: [] } },
  ],
  ['no context of the request', { headers: { authorization: 'Bearer x' }, requestContext: null }],
];

const KINDS = {
  'REST REQUEST': requestEvent,
  WebSocket: socketEvent,
  'HTTP API, payload format 1.0': httpEventV1,
  'HTTP API, payload format 2.0': httpEvent,
};

describe.each(Object.entries(KINDS))('%s', (kind, eventOf) => {
  it.each(HOSTILE)('%s: refused, and never an error', async (_name, part) => {
    const answer = answerTo(eventOf(part));
    if (kind.endsWith('2.0')) expect(await answer).toMatchObject({ isAuthorized: false });
    else if (kind.endsWith('1.0'))
      expect(await answer).toMatchObject({
        policyDocument: { Statement: [{ Effect: 'Deny', Resource: `${ARN}/test/*/*` }] },
      });
    else await expect(answer).rejects.toThrow(/^Unauthorized$/);
  });

  it.each([7, true, ['Bearer x'], { token: 'x' }, () => 'x', Symbol('x'), null, Promise.resolve(7)])(
    'getToken answers %o: refused',
    async (token) => {
      const answer = answerTo(eventOf({ identitySource: 'x' }), { getToken: () => token as never });
      if (kind.endsWith('.0')) expect(JSON.stringify(await answer)).toMatch(/"isAuthorized":false|"Deny"/);
      else await expect(answer).rejects.toThrow(/^Unauthorized$/);
    },
  );

  it('is never let through, and never a TypeError, whatever stands in the event', async () => {
    const value = fc.anything({ withNullPrototype: true });
    const parts = fc.record(
      {
        headers: fc.oneof(value, fc.dictionary(fc.constantFrom('authorization', 'Authorization'), value)),
        multiValueHeaders: fc.oneof(value, fc.dictionary(fc.constantFrom('authorization', 'AUTHORIZATION'), value)),
        queryStringParameters: value,
        identitySource: fc.oneof(fc.constant(undefined), fc.array(fc.integer()), fc.integer()),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(parts, async (part) => {
        const answer = await answerTo(eventOf(part)).catch((error: Error) => error.message);
        expect(answer).toSatisfy(
          (one) => one === 'Unauthorized' || /"isAuthorized":false|"Deny"/.test(JSON.stringify(one)),
        );
      }),
    );
  });
});

describe('REST TOKEN', () => {
  it.each([undefined, null, 7, true, {}, ['Bearer x'], huge, bearer(huge)])('a token of %o: refused', async (token) => {
    await expect(answerTo({ ...tokenEvent(''), authorizationToken: token })).rejects.toThrow(/^Unauthorized$/);
  });
});
