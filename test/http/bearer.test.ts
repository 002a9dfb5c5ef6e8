import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  type BearerRequest,
  bearerToken,
  bearerTokenOf,
  missingToken,
  type RequestHeaders,
} from '../../src/http/bearer.js';

const withHeader = (authorization: string, more: Partial<BearerRequest> = {}): BearerRequest => ({
  headers: { authorization },
  rawHeaders: ['Host', 'localhost', 'Authorization', authorization],
  url: '/orders',
  ...more,
});

describe('the token of the Authorization header', () => {
  it.each([
    ['the usual form', 'Bearer a.b.c', 'a.b.c'],
    ['lower case', 'bearer a.b.c', 'a.b.c'],
    ['mixed case', 'bEaReR a.b.c', 'a.b.c'],
    ['several spaces', 'Bearer   a.b.c', 'a.b.c'],
    ['what no token may hold, for the verifier to refuse', 'Bearer a b', 'a b'],
    ['a tab behind the space, likewise', 'Bearer \ta', '\ta'],
  ])('is found: %s', (_, header, token) => {
    expect(bearerTokenOf(withHeader(header))).toBe(token);
  });

  it.each([
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['a scheme that begins alike', 'Bearers a.b.c'],
    ['a scheme set off by a tab', 'Bearer\ta.b.c'],
    ['a token without a scheme', 'a.b.c'],
    ['an empty header', ''],
  ])('is missing: %s', (_, header) => {
    expect(bearerTokenOf(withHeader(header))).toBeUndefined();
  });

  it('is missing where there is no header', () => {
    expect(bearerTokenOf({ headers: {} })).toBeUndefined();
    expect(bearerTokenOf({ headers: {}, rawHeaders: [], url: '/?access_token=a.b.c' })).toBeUndefined();
  });

  it.each(['Bearer', 'Bearer ', 'bearer   '])('is malformed when nothing follows the scheme: "%s"', (header) => {
    expect(() => bearerTokenOf(withHeader(header))).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
  });
});

describe('the token of headers alone', () => {
  const forms: [string, (...values: string[]) => RequestHeaders][] = [
    ['Node', (...values) => ({ host: 'localhost', authorization: values.join(', ') })],
    ['Node, every value kept', (...values) => ({ authorization: values })],
    ['API Gateway', (...values) => ({ Host: 'localhost', Authorization: values.join(', ') })],
    ['the Fetch standard', (...values) => new Headers(values.map((value) => ['authorization', value]))],
    ['a plain object', (...values) => Object.assign(Object.create(null), { AUTHORIZATION: values.join(', ') })],
  ];

  describe.each(forms)('of %s', (_, headers) => {
    it.each([
      ['Bearer a.b.c', 'a.b.c'],
      ['bearer   a.b.c', 'a.b.c'],
      ['Basic dXNlcjpwYXNz', undefined],
      ['Digest username="a", realm="bearer"', undefined],
      ['a.b.c', undefined],
    ])('is what follows the scheme: %s', (value, token) => {
      expect(bearerToken(headers(value))).toBe(token);
    });

    it.each(['Bearer', 'Bearer '])('is malformed when nothing follows the scheme: "%s"', (value) => {
      expect(() => bearerToken(headers(value))).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
    });

    it.each([
      ['Bearer a', 'Bearer b'],
      ['Bearer a', 'Bearer a'],
      ['Bearer a', 'Basic b'],
      ['Basic a', 'bearer b'],
    ])('is ambiguous beside another one: %s and %s', (...values) => {
      expect(() => bearerToken(headers(...values))).toThrow(
        expect.objectContaining({ code: 'ERR_CREDENTIALS_AMBIGUOUS' }),
      );
    });
  });

  it('is missing where there is no such header', () => {
    for (const headers of [{}, new Headers(), { authorization: undefined }, { 'x-authorization': 'Bearer a' }]) {
      expect(bearerToken(headers)).toBeUndefined();
    }
  });

  it('is ambiguous where the name stands twice in different case', () => {
    expect(() => bearerToken({ authorization: 'Bearer a', Authorization: 'Bearer a' })).toThrow(
      expect.objectContaining({ code: 'ERR_CREDENTIALS_AMBIGUOUS' }),
    );
  });

  it.each([
    ['a request of Node', new IncomingMessage(new Socket())],
    ['a request of the Fetch standard', new Request('http://localhost/')],
    ['nothing', undefined],
    ['null', null],
    ['a string', 'Bearer a.b.c'],
  ])('is not sought in %s', (_, given) => {
    expect(() => bearerToken(given as never)).toThrow(
      new TypeError('bearerToken: pass the headers of the request: bearerToken(req.headers)'),
    );
  });
});

describe('a request without a bearer token is told', () => {
  it.each([
    [undefined, 'The request has no Authorization header.'],
    ['', 'The request has no Authorization header.'],
    ['Basic dXNlcjpwYXNz', 'The Authorization header uses another scheme than Bearer.'],
    ['eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl', 'The Authorization header has a value without the scheme Bearer.'],
  ])('what was found, and what to send: %s', (authorization, found) => {
    const error = missingToken(authorization);
    expect([error.code, error.message]).toEqual([
      'ERR_TOKEN_MISSING',
      `${found} Send "Authorization: Bearer " followed by the token.`,
    ]);
  });
});

describe('more than one credential', () => {
  const form = 'application/x-www-form-urlencoded; charset=utf-8';
  const raw = (...values: string[]) => ({
    rawHeaders: values.flatMap((value, at) => [at === 0 ? 'Authorization' : 'AUTHORIZATION', value]),
  });

  it.each([
    ['two headers', withHeader('Bearer a', raw('Bearer a', 'Bearer b'))],
    ['two headers of the raw request', { headers: { authorization: 'Bearer a' }, raw: raw('Bearer a', 'Bearer b') }],
    ['the same header twice', withHeader('Bearer a', raw('Bearer a', 'Bearer a'))],
    ['a header of another scheme first', withHeader('Basic a', raw('Basic a', 'Bearer b'))],
    ['a query parameter beside the header', withHeader('Bearer a', { url: '/orders?page=1&access_token=b' })],
    [
      'a form field beside the header',
      {
        ...withHeader('Bearer a', { body: { access_token: 'b' } }),
        headers: { authorization: 'Bearer a', 'content-type': form },
      },
    ],
  ])('is refused: %s', (_, req) => {
    expect(() => bearerTokenOf(req)).toThrow(
      expect.objectContaining({ code: 'ERR_CREDENTIALS_AMBIGUOUS', status: 400 }),
    );
  });

  it.each([
    ['a parameter whose name ends alike', withHeader('Bearer a', { url: '/orders?my_access_token=b' })],
    ['a path of that name', withHeader('Bearer a', { url: '/access_token=b' })],
    [
      'a JSON body with such a property',
      {
        ...withHeader('Bearer a', { body: { access_token: 'b' } }),
        headers: { authorization: 'Bearer a', 'content-type': 'application/json' },
      },
    ],
    [
      'a form without it',
      {
        ...withHeader('Bearer a', { body: Object.create({ access_token: 'b' }) }),
        headers: { authorization: 'Bearer a', 'content-type': form },
      },
    ],
    ['a body that is no object', withHeader('Bearer a', { body: 'access_token=b' })],
    ['a request of a framework whose raw one is sound', withHeader('Bearer a', { raw: raw('Bearer a') })],
    ['a request built without raw headers', { headers: { authorization: 'Bearer a' } }],
  ])('is not seen in %s', (_, req) => {
    expect(bearerTokenOf(req)).toBe('a');
  });
});
