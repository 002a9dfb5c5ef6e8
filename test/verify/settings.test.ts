import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { checkVerifierOptions } from '../../src/verify/settings.js';
import type { VerifierOptions } from '../../src/verify/types.js';

const MINIMAL: VerifierOptions = {
  legacyPool: { userPoolId: 'eu-west-1_Legacy', clientIds: null },
  newPool: { userPoolId: 'eu-west-1_New', clientIds: null },
  tokenUse: 'access',
};

describe('checkVerifierOptions', () => {
  it('fills in the documented defaults', () => {
    const settings = checkVerifierOptions(MINIMAL);
    expect(settings).toMatchObject({
      mapping: { idTokenClaim: 'custom:legacy_sub', accessTokenClaim: 'legacy_sub', onMissing: 'reject' },
      resolve: undefined,
      resolveTimeoutMs: 3_000,
      toleranceSeconds: 5,
      maxTokens: 10_000,
      keys: { timeoutMs: 3_000, refreshSeconds: 3_600, maxStaleSeconds: 86_400, cooldownSeconds: 30 },
      resolvedSeconds: 300,
      isRevoked: undefined,
      onEvent: undefined,
    });
    expect(settings.legacyWindow.acceptUntil()).toBe(Number.POSITIVE_INFINITY);
    expect(settings.legacyWindow.acceptSignInsBefore(0)).toBe(Number.POSITIVE_INFINITY);
    expect(settings.mapping.readLegacyId('not-a-uuid')).toBeUndefined();
  });

  it('reads dates once, so that changing the Date later changes nothing', () => {
    const date = new Date(5_000);
    const settings = checkVerifierOptions({
      ...MINIMAL,
      legacyTokens: { acceptUntil: date, acceptSignInsBefore: date },
    });
    date.setTime(9_000);
    expect(settings.legacyWindow.acceptUntil()).toBe(5_000);
    expect(settings.legacyWindow.acceptSignInsBefore(0)).toBe(5_000);
  });

  it.each<[string, () => unknown]>([
    ['no date', () => 'soon'],
    ['an invalid date', () => new Date(Number.NaN)],
    [
      'an exception',
      () => {
        throw new Error('no');
      },
    ],
  ])('takes %s from a function for "cannot tell"', (_, odd) => {
    const ask = odd as () => Date;
    const legacyTokens = { acceptUntil: ask, acceptSignInsBefore: ask };
    const { legacyWindow } = checkVerifierOptions({ ...MINIMAL, legacyTokens });
    expect(legacyWindow.acceptUntil()).toBeNaN();
    expect(legacyWindow.acceptSignInsBefore(0)).toBeNaN();
  });

  it('takes no cache for an answer', () => {
    expect(checkVerifierOptions({ ...MINIMAL, cache: false }).maxTokens).toBe(0);
  });

  it('takes as many tokens, and keys as old, as are documented', () => {
    const keys = { maxStaleSeconds: 31 * 86_400 };
    const settings = checkVerifierOptions({ ...MINIMAL, cache: { maxTokens: 10_000_000 }, keys });
    expect(settings).toMatchObject({ maxTokens: 10_000_000, keys });
  });

  it.each<[string, object]>([
    ['tokenuse', { tokenuse: 'id' }],
    ['tokenUse', { tokenUse: undefined }],
    ['tokenUse', { tokenUse: 'both' }],
    ['legacyId.claim', { legacyId: { claim: 'x' } }],
    ['legacyId', { legacyId: 'x' }],
    ['legacyId.idTokenClaim', { legacyId: { idTokenClaim: '' } }],
    ['legacyId.accessTokenClaim', { legacyId: { accessTokenClaim: 5 } }],
    ['legacyId.format', { legacyId: { format: 'number' } }],
    ['legacyId.resolve', { legacyId: { resolve: new Map() } }],
    ['legacyId.resolveTimeoutMs', { legacyId: { resolveTimeoutMs: 0 } }],
    ['legacyId.onMissing', { legacyId: { onMissing: 'ownSub' } }],
    ['legacyTokens.until', { legacyTokens: { until: new Date() } }],
    ['legacyTokens.acceptUntil', { legacyTokens: { acceptUntil: '2026-12-01' } }],
    ['legacyTokens.acceptUntil', { legacyTokens: { acceptUntil: new Date('soon') } }],
    ['legacyTokens.acceptUntil', { legacyTokens: { acceptUntil: null } }],
    ['legacyTokens.acceptSignInsBefore', { legacyTokens: { acceptSignInsBefore: 1_700_000_000 } }],
    ['clockToleranceSeconds', { clockToleranceSeconds: -1 }],
    ['clockToleranceSeconds', { clockToleranceSeconds: 301 }],
    ['clockToleranceSeconds', { clockToleranceSeconds: '5' }],
    ['clockToleranceSeconds', { clockToleranceSeconds: Number.NaN }],
    ['cache', { cache: true }],
    ['cache.maxTokens', { cache: { maxTokens: 0 } }],
    ['cache.maxTokens', { cache: { maxTokens: 1.5 } }],
    ['cache.max', { cache: { max: 5 } }],
    ['keys.fetch', { keys: { fetch: 'https://x' } }],
    ['keys.timeoutMs', { keys: { timeoutMs: 0 } }],
    ['keys.refreshSeconds', { keys: { refreshSeconds: 0 } }],
    ['keys.maxStaleSeconds', { keys: { maxStaleSeconds: -1 } }],
    ['keys.maxStaleSeconds', { keys: { maxStaleSeconds: 31 * 86_400 + 1 } }],
    ['keys.cooldownSeconds', { keys: { cooldownSeconds: Number.POSITIVE_INFINITY } }],
    ['clock', { clock: {} }],
    ['clock', { clock: null }],
    ['onEvent', { onEvent: [] }],
    ['isRevoked', { isRevoked: true }],
    ['legacyId.resolvedSeconds', { legacyId: { resolvedSeconds: -1 } }],
    ['newPool.audience', { tokenUse: 'id', newPool: { userPoolId: 'eu-west-1_New', clientIds: null, audience: 'a' } }],
    ['clock.monotonic', { clock: { now: () => 0, monotonic: 5 } }],
  ])('refuses a wrong %s', (option, more) => {
    const options = { ...MINIMAL, ...more } as VerifierOptions;
    expect(() => checkVerifierOptions(options)).toThrow(ConfigurationError);
    expect(() => checkVerifierOptions(options)).toThrow(expect.objectContaining({ option }));
  });

  it('refuses nothing at all', () => {
    expect(() => checkVerifierOptions(undefined as never)).toThrow(ConfigurationError);
  });

  it('says what came and what is expected', () => {
    expect(() => checkVerifierOptions({ ...MINIMAL, tokenUse: 'both' as never })).toThrow(
      "tokenUse: expected 'access' or 'id' or 'any', got \"both\"",
    );
  });
});

it.each(['legacyId', 'legacyTokens', 'cache', 'keys'])(
  '%s is not null, a Date or a promise, which would be no options at all',
  (name) => {
    const newPool = { userPoolId: 'eu-west-1_New000000', clientIds: ['a'] };
    for (const value of [null, new Date(0), Promise.resolve({})]) {
      const options = { newPool, tokenUse: 'access', [name]: value } as unknown as VerifierOptions;
      expect(() => checkVerifierOptions(options)).toThrow(new RegExp(`^${name}: expected`));
    }
  },
);
