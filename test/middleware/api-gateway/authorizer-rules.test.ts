import { describe, expect, it, vi } from 'vitest';
import { answerThatFits, checkWholeIdentity } from '../../../middleware/api-gateway/authorizer-context.js';
import {
  checkIdentitySource,
  recognise,
  resourceOf,
  tokenOfRequest,
} from '../../../middleware/api-gateway/authorizer-event.js';
import { createApiGatewayAuthorizer } from '../../../middleware/api-gateway.js';
import type { CutoverIdentity } from '../../../src/verify/types.js';
import { httpEvent, httpEventV1, requestEvent, tokenEvent } from '../api-gateway-events.js';

const whole = {
  ...{ userId: 'user', userIdSource: 'claim', pool: 'new', userPoolId: 'p', kind: 'user', sub: 's', clientId: 'c' },
  ...{ tokenUse: 'access', scopes: ['a'], groups: ['g'], issuedAt: 1, expiresAt: 2, claims: {} },
} as CutoverIdentity;

describe('an identity for the context', () => {
  it('is taken with all that the context holds', () => {
    expect(checkWholeIdentity(whole)).toBe(whole);
  });

  it.each(['userId', 'kind', 'pool', 'sub', 'clientId', 'tokenUse'])('needs a text as %s', (name) => {
    for (const value of [undefined, '', 5]) {
      expect(() => checkWholeIdentity({ ...whole, [name]: value })).toThrow(TypeError);
    }
  });

  it.each([{ scopes: [5] }, { groups: [undefined] }, { expiresAt: Number.POSITIVE_INFINITY }, { expiresAt: '2' }])(
    'needs what is in %j to be of its type',
    (wrong) => {
      expect(() => checkWholeIdentity({ ...whole, ...wrong })).toThrow(TypeError);
    },
  );

  /** The answer to a user with a group whose name is so long. */
  const answerWith = (length: number) =>
    answerThatFits({ ...whole, groups: ['g'.repeat(length)] }, (context) => ({ context }));

  it('may be as long as API Gateway takes, to the byte', () => {
    const rest = JSON.stringify(answerWith(0)).length;
    expect(answerWith(8_000 - rest).context.groups).toHaveLength(8_000 - rest);
    expect(answerWith(8_001 - rest).context).toMatchObject({ groupsOmitted: 'true', scopes: 'a' });
  });

  it('is refused where even the identifiers are too long, and the refusal names the pool', () => {
    const tooLong = { ...whole, userId: 'u'.repeat(8_000) };
    expect(() => answerThatFits(tooLong, (context) => context)).toThrow(
      expect.objectContaining({ code: 'ERR_LEGACY_ID_INVALID', pool: 'new' }),
    );
  });
});

describe('what is read of an event', () => {
  it.each([undefined, null, ''])('by getToken is no token: %j', async (none) => {
    const verifier = { verify: vi.fn(() => whole) };
    const handler = createApiGatewayAuthorizer({ verifier, getToken: () => none as never });
    expect(await handler(httpEvent({}))).toEqual({ isAuthorized: false, context: { error: 'ERR_TOKEN_MISSING' } });
    expect(verifier.verify).not.toHaveBeenCalled();
  });

  const resourceFor = (arn: unknown) => resourceOf(recognise({ ...tokenEvent('Bearer t'), methodArn: arn } as never));

  it('is the stage of its ARN', () => {
    const stage = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef/prod';
    expect(resourceFor(`${stage}/GET/orders`)).toBe(`${stage}/*/*`);
  });

  it.each([
    undefined,
    null,
    5,
    '',
    ['arn:aws:execute-api:eu-west-1:123456789012:abcdef/prod/GET'],
    'xarn:aws:execute-api:eu-west-1:123456789012:abcdef/prod/GET',
    'arn:aws:execute-api:eu-west-1:123456789012:abcdef',
    'arn:aws:execute-api:eu-west-1:123456789012:abcdef/prod',
    'arn:aws:lambda:eu-west-1:123456789012:abcdef/prod/GET',
    'arn:*:execute-api:eu-west-1:123456789012:abcdef/prod/GET',
    'arn:aws:execute-api:eu-west-1:123456789012:*/prod/GET',
    'arn:aws:execute-api:eu-west-1:123456789012:abcdef/*/GET',
  ])('is no other text: %j', (arn) => {
    const expected = { name: 'TypeError', message: 'This is not an event of an API Gateway authorizer.' };
    expect(() => resourceFor(arn)).toThrow(expect.objectContaining(expected));
  });

  it.each(['queryStringParameters', 'multiValueQueryStringParameters'])(
    'is a second token in %s alone, which makes it unclear which one counts',
    (query) => {
      const headers = { Authorization: 'Bearer t' };
      const event = {
        ...requestEvent({ headers }),
        queryStringParameters: null,
        multiValueQueryStringParameters: null,
      };
      expect(tokenOfRequest(event as never)).toBe('t');
      expect(() => tokenOfRequest({ ...event, [query]: { access_token: 'other' } } as never)).toThrow(
        expect.objectContaining({ code: 'ERR_CREDENTIALS_AMBIGUOUS' }),
      );
      expect(tokenOfRequest({ ...event, [query]: { other: 'x' } } as never)).toBe('t');
    },
  );

  it('is an identity source with the token in it, where an HTTP API sends one', () => {
    const check = (event: object, identitySource: unknown) => () =>
      checkIdentitySource(recognise({ ...event, identitySource } as never), 'token');
    for (const event of [httpEvent({}), httpEventV1({})]) {
      for (const right of [undefined, [], [''], 'Bearer token', ['x', 'Bearer token']]) {
        expect(check(event, right)).not.toThrow();
      }
      for (const wrong of ['x', ['x'], ['x', ''], [5, 'x']]) expect(check(event, wrong)).toThrow('identity source');
    }
    expect(check(requestEvent({}), 'x')).not.toThrow();
  });
});
