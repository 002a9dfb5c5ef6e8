import { describe, expect, it } from 'vitest';
import { ClientNames, isOfToken, labels, MAX_CLIENTS, OTHER } from '../../src/operate/metric-labels.js';

describe('labels', () => {
  it('leave out what is not known', () => {
    expect(labels({ outcome: 'rejected', pool: undefined, code: 'ERR_TOKEN_MALFORMED', cached: false })).toEqual({
      'cognito_cutover.outcome': 'rejected',
      'cognito_cutover.token.cached': false,
      'error.type': 'ERR_TOKEN_MALFORMED',
    });
    expect(Object.keys(labels({ pool: undefined }))).toEqual([]);
  });
});

describe('the names of clients', () => {
  it('are given to so many, and those keep them', () => {
    const names = new ClientNames();
    for (let index = 0; index < MAX_CLIENTS; index += 1)
      expect(names.nameOf({ clientId: `c${index}` })).toBe(`c${index}`);
    expect(names.nameOf({ clientId: 'one more' })).toBe(OTHER);
    expect(names.nameOf({ clientId: 'c0' })).toBe('c0');
    expect(names.nameOf({})).toBeUndefined();
  });

  it.each(['ERR_CLIENT_NOT_ALLOWED', 'ERR_TOKEN_EXPIRED', 'ERR_CLAIM_INVALID'] as const)(
    'are not given to one that was not allowed yet: %s',
    (code) => {
      const names = new ClientNames();
      expect(names.nameOf({ clientId: 'stranger', code })).toBe(OTHER);
      expect(names.nameOf({ clientId: 'app', code: 'ERR_LEGACY_ID_MISSING' })).toBe('app');
      expect(names.nameOf({ clientId: 'app', code })).toBe('app');
    },
  );
});

it.each([
  [{ outcome: 'accepted' }, true],
  [{ outcome: 'rejected', code: 'ERR_TOKEN_EXPIRED' }, true],
  [{ outcome: 'rejected', code: 'ERR_TOKEN_MISSING' }, false],
  [{ outcome: 'rejected', code: 'ERR_INSUFFICIENT_SCOPE' }, false],
  [{ outcome: 'anonymous' }, false],
  [{ outcome: 'mismatch' }, false],
] as const)('whether a verifier judged a token: %o', (event, expected) => {
  expect(isOfToken(event)).toBe(expected);
});
