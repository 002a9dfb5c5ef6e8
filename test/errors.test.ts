import { describe, expect, it } from 'vitest';
import {
  ConfigurationError,
  CutoverError,
  type CutoverErrorCode,
  nameToken,
  refusal,
  sentenceOf,
} from '../src/errors.js';

describe('CutoverError', () => {
  it.each<[CutoverErrorCode, number]>([
    ['ERR_TOKEN_MISSING', 401],
    ['ERR_CREDENTIALS_AMBIGUOUS', 400],
    ['ERR_TOKEN_MALFORMED', 401],
    ['ERR_ALGORITHM_NOT_ALLOWED', 401],
    ['ERR_ISSUER_NOT_TRUSTED', 401],
    ['ERR_KEY_NOT_FOUND', 401],
    ['ERR_SIGNATURE_INVALID', 401],
    ['ERR_TOKEN_EXPIRED', 401],
    ['ERR_TOKEN_NOT_YET_VALID', 401],
    ['ERR_CLAIM_INVALID', 401],
    ['ERR_TOKEN_USE_NOT_ALLOWED', 401],
    ['ERR_CLIENT_NOT_ALLOWED', 401],
    ['ERR_AUDIENCE_NOT_ALLOWED', 401],
    ['ERR_TOKEN_REVOKED', 401],
    ['ERR_LEGACY_POOL_CLOSED', 401],
    ['ERR_LEGACY_ID_MISSING', 403],
    ['ERR_LEGACY_ID_INVALID', 403],
    ['ERR_INSUFFICIENT_SCOPE', 403],
    ['ERR_GROUP_REQUIRED', 403],
    ['ERR_KEYS_UNAVAILABLE', 503],
    ['ERR_LEGACY_ID_UNAVAILABLE', 503],
    ['ERR_REVOCATION_UNAVAILABLE', 503],
  ])('%s has the status %i', (code, status) => {
    const error = new CutoverError(code, 'A sentence.');
    expect(error).toMatchObject({ name: 'CutoverError', code, status, message: 'A sentence.' });
    expect(Object.keys(error)).toEqual(['name', 'code', 'status']);
  });

  it('leads to the section about its code, unseen by serialisers', () => {
    const page = 'https://github.com/cognito-cutover/cognito-cutover/blob/main/docs/errors.md';
    const error = refusal('ERR_TOKEN_EXPIRED');
    expect(error.help).toBe(`${page}#err_token_expired`);
    expect(new ConfigurationError('a', 'b').help).toBe(`${page}#err_configuration`);
    expect(JSON.stringify([error, new ConfigurationError('a', 'b')])).not.toContain('http');
    expect({ ...error }).not.toHaveProperty('help');
  });

  it('keeps the details that it is given', () => {
    const cause = new Error('behind it');
    const error = new CutoverError('ERR_KEYS_UNAVAILABLE', 'x', { pool: 'legacy', retryAfterSeconds: 7, cause });
    expect(error).toMatchObject({ pool: 'legacy', retryAfterSeconds: 7, cause });
  });

  it.each([
    [60, 60],
    [61, 60],
    [3_600, 60],
  ])('asks a client to wait %i seconds as %i', (given, expected) => {
    const error = new CutoverError('ERR_KEYS_UNAVAILABLE', 'x', { retryAfterSeconds: given });
    expect(error.retryAfterSeconds).toBe(expected);
  });

  it('is recognised across the builds of this package, by its mark alone', () => {
    const mark = Symbol.for('cognito-cutover.CutoverError');
    expect({ [mark]: true }).toBeInstanceOf(CutoverError);
    expect(new Error('x')).not.toBeInstanceOf(CutoverError);
    expect(null).not.toBeInstanceOf(CutoverError);
  });
});

describe('the sentence of a code', () => {
  it('is the message of a general refusal', () => {
    expect(refusal('ERR_TOKEN_EXPIRED', { pool: 'new' })).toMatchObject({
      code: 'ERR_TOKEN_EXPIRED',
      pool: 'new',
      message: sentenceOf('ERR_TOKEN_EXPIRED'),
    });
  });

  it('is none for a code of another version', () => {
    expect(sentenceOf('ERR_OF_TOMORROW' as CutoverErrorCode)).toBeUndefined();
  });
});

describe('nameToken', () => {
  const token = { userPoolId: 'pool', sub: 'me', clientId: 'client', tokenUse: 'id' };

  it('adds whose token it is, hidden from serialisers', () => {
    const error = nameToken(refusal('ERR_TOKEN_EXPIRED'), token);
    const { userPoolId, sub, clientId, tokenUse } = error;
    expect({ userPoolId, sub, clientId, tokenUse }).toEqual(token);
    expect(JSON.stringify(error)).not.toContain('client');
  });

  it('leaves out what is not a string, and does not replace what is there', () => {
    const error = nameToken(refusal('ERR_TOKEN_EXPIRED'), { sub: 5, clientId: 'first' });
    nameToken(error, token);
    expect([error.sub, error.clientId]).toEqual(['me', 'first']);
  });

  it('leaves other errors alone', () => {
    expect(nameToken(new TypeError('x'), token)).not.toHaveProperty('sub');
  });
});

it('a ConfigurationError names the option and keeps the cause', () => {
  const cause = new Error('behind it');
  expect(new ConfigurationError('newPool.jwks', 'expected a JWKS', cause)).toMatchObject({
    name: 'ConfigurationError',
    code: 'ERR_CONFIGURATION',
    option: 'newPool.jwks',
    message: 'newPool.jwks: expected a JWKS',
    cause,
  });
});
