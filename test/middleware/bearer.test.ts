import { describe, expect, it } from 'vitest';
import { type BearerRequest, bearerToken } from '../../middleware/bearer.js';

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
    expect(bearerToken(withHeader(header))).toBe(token);
  });

  it.each([
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['a scheme that begins alike', 'Bearers a.b.c'],
    ['a scheme set off by a tab', 'Bearer\ta.b.c'],
    ['a token without a scheme', 'a.b.c'],
    ['an empty header', ''],
  ])('is missing: %s', (_, header) => {
    expect(bearerToken(withHeader(header))).toBeUndefined();
  });

  it('is missing where there is no header', () => {
    expect(bearerToken({ headers: {} })).toBeUndefined();
    expect(bearerToken({ headers: {}, rawHeaders: [], url: '/?access_token=a.b.c' })).toBeUndefined();
  });

  it.each(['Bearer', 'Bearer ', 'bearer   '])('is malformed when nothing follows the scheme: "%s"', (header) => {
    expect(() => bearerToken(withHeader(header))).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
  });
});

describe('more than one credential', () => {
  const form = 'application/x-www-form-urlencoded; charset=utf-8';
  const raw = (...values: string[]) => ({
    rawHeaders: values.flatMap((value, at) => [at === 0 ? 'Authorization' : 'AUTHORIZATION', value]),
  });

  it.each([
    ['two headers', withHeader('Bearer a', raw('Bearer a', 'Bearer b'))],
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
    expect(() => bearerToken(req)).toThrow(expect.objectContaining({ code: 'ERR_CREDENTIALS_AMBIGUOUS', status: 400 }));
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
    ['a request built without raw headers', { headers: { authorization: 'Bearer a' } }],
  ])('is not seen in %s', (_, req) => {
    expect(bearerToken(req)).toBe('a');
  });
});
