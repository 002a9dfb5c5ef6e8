import { describe, expect, it } from 'vitest';
import { CutoverError, type CutoverErrorCode } from '../../src/errors.js';
import { CutoverHttpError, isQuotable, isScopeToken, refusalHeaders } from '../../src/http/challenge.js';

const refusal = (code: CutoverErrorCode, details = {}) => new CutoverError(code, 'A sentence.', details);

describe('the headers of a refusal', () => {
  it.each([
    ['ERR_CREDENTIALS_AMBIGUOUS', 'invalid_request'],
    ['ERR_TOKEN_MALFORMED', 'invalid_token'],
    ['ERR_ALGORITHM_NOT_ALLOWED', 'invalid_token'],
    ['ERR_ISSUER_NOT_TRUSTED', 'invalid_token'],
    ['ERR_KEY_NOT_FOUND', 'invalid_token'],
    ['ERR_SIGNATURE_INVALID', 'invalid_token'],
    ['ERR_TOKEN_EXPIRED', 'invalid_token'],
    ['ERR_TOKEN_NOT_YET_VALID', 'invalid_token'],
    ['ERR_CLAIM_INVALID', 'invalid_token'],
    ['ERR_TOKEN_USE_NOT_ALLOWED', 'invalid_token'],
    ['ERR_CLIENT_NOT_ALLOWED', 'invalid_token'],
    ['ERR_AUDIENCE_NOT_ALLOWED', 'invalid_token'],
    ['ERR_TOKEN_REVOKED', 'invalid_token'],
    ['ERR_LEGACY_POOL_CLOSED', 'invalid_token'],
    ['ERR_LEGACY_ID_MISSING', 'insufficient_scope'],
    ['ERR_LEGACY_ID_INVALID', 'insufficient_scope'],
    ['ERR_INSUFFICIENT_SCOPE', 'insufficient_scope'],
    ['ERR_GROUP_REQUIRED', 'insufficient_scope'],
  ] as const)('%s is %s, with a description that RFC 6750 allows', (code, error) => {
    const headers = refusalHeaders(refusal(code), 'api');
    expect(Object.keys(headers)).toEqual(['WWW-Authenticate']);
    const description = new RegExp(
      `^Bearer realm="api", error="${error}", error_description="([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]+)"$`,
    ).exec(headers['WWW-Authenticate']!)?.[1];
    expect(description).toMatch(/^[A-Z].*\.$/);
    expect(description).not.toBe('A sentence.');
  });

  it('name no error where no credentials came', () => {
    expect(refusalHeaders(refusal('ERR_TOKEN_MISSING'), 'orders')).toEqual({
      'WWW-Authenticate': 'Bearer realm="orders"',
    });
  });

  it('name the scopes that are needed', () => {
    expect(refusalHeaders(refusal('ERR_INSUFFICIENT_SCOPE'), 'api', 'orders/read orders/write')).toEqual({
      'WWW-Authenticate':
        'Bearer realm="api", error="insufficient_scope", error_description="The token lacks a required scope.", ' +
        'scope="orders/read orders/write"',
    });
  });

  it.each([
    [undefined, '1'],
    [0, '1'],
    [0.2, '1'],
    [30, '30'],
    [30.01, '31'],
  ])('say when to come back while nothing can be decided: %s', (retryAfterSeconds, expected) => {
    for (const code of ['ERR_KEYS_UNAVAILABLE', 'ERR_LEGACY_ID_UNAVAILABLE', 'ERR_REVOCATION_UNAVAILABLE'] as const) {
      expect(refusalHeaders(refusal(code, { retryAfterSeconds }), 'api')).toEqual({ 'Retry-After': expected });
    }
  });
});

describe('the headers of a refusal, for a guard of the application', () => {
  it("have this package's realm unless another is named", () => {
    expect(refusalHeaders(refusal('ERR_TOKEN_MISSING'))).toEqual({ 'WWW-Authenticate': 'Bearer realm="api"' });
  });

  it.each([
    ['a bug', new TypeError('a bug')],
    ['something that looks like a refusal', { code: 'ERR_TOKEN_MISSING', status: 401 }],
    ['nothing', undefined],
  ])('are refused for %s, which is kept as the cause', (_, fault) => {
    const ask = () => refusalHeaders(fault as never);
    expect(ask).toThrow(TypeError);
    expect(ask).toThrow(expect.objectContaining({ cause: fault }));
  });

  it.each([
    ['realm', () => refusalHeaders(refusal('ERR_TOKEN_MISSING'), 'a"b')],
    ['realm', () => refusalHeaders(refusal('ERR_KEYS_UNAVAILABLE'), 'a\r\nb')],
    ['realm', () => refusalHeaders(refusal('ERR_TOKEN_MISSING'), {} as never)],
    ['scope', () => refusalHeaders(refusal('ERR_INSUFFICIENT_SCOPE'), 'api', 'a"b')],
  ])('take no %s that would break the header', (option, ask) => {
    expect(ask).toThrow(expect.objectContaining({ code: 'ERR_CONFIGURATION', option }));
  });
});

describe('the error that Express is handed', () => {
  const cause = new Error('socket hang up');
  const original = refusal('ERR_KEYS_UNAVAILABLE', { pool: 'legacy', retryAfterSeconds: 7, cause });
  const headers = { 'Retry-After': '7' };

  it('keeps everything the refusal says, and leaves the refusal alone', () => {
    const error = new CutoverHttpError(Object.freeze(original), headers);
    expect(error).toBeInstanceOf(CutoverError);
    expect(error).toMatchObject({
      name: 'CutoverError',
      code: 'ERR_KEYS_UNAVAILABLE',
      message: 'A sentence.',
      status: 503,
      statusCode: 503,
      pool: 'legacy',
      retryAfterSeconds: 7,
      headers,
      expose: false,
    });
    expect(error.cause).toBe(cause);
    expect(original).not.toHaveProperty('headers');
  });

  it('lets frameworks send the message of a fault of the caller, not of one on this side', () => {
    const exposed = (['ERR_TOKEN_EXPIRED', 'ERR_GROUP_REQUIRED', 'ERR_KEYS_UNAVAILABLE'] as const).map(
      (code) => new CutoverHttpError(refusal(code), {}).expose,
    );
    expect(exposed).toEqual([true, true, false]);
  });

  it("has the stack of the refusal where the fault is on this side, and none where it is the caller's", () => {
    expect(new CutoverHttpError(original, headers).stack).toBe(original.stack);
    expect(new CutoverHttpError(refusal('ERR_TOKEN_EXPIRED'), {}).stack).toBe(
      'CutoverError [ERR_TOKEN_EXPIRED]: A sentence.',
    );
  });
});

describe('what a challenge may quote', () => {
  it.each(['orders', 'orders/read', 'https://api.example.com/orders.read', "it's ~{}!"])('takes %s', (text) => {
    expect(isQuotable(text)).toBe(true);
  });

  it.each(['', 'a"b', 'a\\b', 'a\r\nb', 'é', '\t', undefined, null, ['a']])('refuses %j', (value) => {
    expect(isQuotable(value)).toBe(false);
    expect(isScopeToken(value)).toBe(false);
  });

  it('takes a space in a realm, not in a scope', () => {
    expect(isQuotable('the orders')).toBe(true);
    expect(isScopeToken('the orders')).toBe(false);
  });
});
