import { describe, expect, it } from 'vitest';
import type { CutoverError } from '../../src/index.js';
import type { LegacyWindow } from '../../src/operate/phases/legacy-window.js';
import { checkClaims, checkLegacyPoolOpen, checkLegacySignIn, checkNotExpired } from '../../src/verify/claims.js';
import { checkPools } from '../../src/verify/pool-options.js';

const NOW = 1_800_000_000_000;
const SECONDS = NOW / 1_000;
const CLIENTS = ['one', 'two', 'three', 'four', 'five'];

const poolOf = (options: object = {}) =>
  checkPools(undefined, { userPoolId: 'eu-west-1_New000000', clientIds: ['one'], ...options })[0]!;

const ACCESS = {
  token_use: 'access',
  sub: 'user',
  username: 'ann',
  client_id: 'one',
  iat: SECONDS - 60,
  exp: SECONDS + 60,
};
const ID = {
  ...ACCESS,
  token_use: 'id',
  username: undefined,
  'cognito:username': 'ann',
  client_id: undefined,
  aud: 'one',
};

/** What `checkClaims` makes of these claims: the code and the pool of its refusal, or what it read. */
function judged(claims: object, pool = poolOf()) {
  const rules = { toleranceSeconds: 5, tokenUse: 'any', pools: [pool] } as const;
  try {
    return checkClaims(claims as Readonly<Record<string, unknown>>, pool, NOW, rules);
  } catch (error) {
    const { code, pool: side } = error as CutoverError;
    return `${code} ${side}`;
  }
}

describe('the claims of a token', () => {
  it.each<[string, object]>([
    ['no exp', { exp: undefined }],
    ['an exp that is no number', { exp: `${SECONDS + 60}` }],
    // 1e999 in JSON.
    ['an exp without end', { exp: Number.POSITIVE_INFINITY }],
    ['no iat', { iat: undefined }],
    ['an iat without end', { iat: Number.NEGATIVE_INFINITY }],
    ['an nbf that is no number', { nbf: null }],
    ['an auth_time that is no number', { auth_time: '1' }],
    ['no sub', { sub: undefined }],
    ['an empty sub', { sub: '' }],
    ['a sub that is no text', { sub: 5 }],
    ['no client', { client_id: undefined }],
    ['a username that is no text', { username: 5 }],
    ['a scope that is no text', { scope: ['a'] }],
    ['a jti that is no text', { jti: 1 }],
    ['an aud that is no text', { aud: 5 }],
    ['an aud with something else among texts', { aud: ['a', 5] }],
    ['groups that are no list', { 'cognito:groups': 'admins' }],
    ['groups with something else among texts', { 'cognito:groups': ['admins', 5] }],
    ['no use', { token_use: undefined }],
  ])('with %s are invalid, and the refusal names the pool', (_, wrong) => {
    expect(judged({ ...ACCESS, ...wrong })).toBe('ERR_CLAIM_INVALID new');
  });

  it.each<[string, object, object, string]>([
    ['an unknown use', { token_use: 'refresh' }, {}, 'ERR_TOKEN_USE_NOT_ALLOWED new'],
    ['the use of another pool', {}, { tokenUse: 'id' }, 'ERR_TOKEN_USE_NOT_ALLOWED new'],
    ['another client', { client_id: 'two' }, {}, 'ERR_CLIENT_NOT_ALLOWED new'],
    ['a sixth client', { client_id: 'six' }, { clientIds: CLIENTS }, 'ERR_CLIENT_NOT_ALLOWED new'],
    ['a fifth client', { client_id: 'five' }, { clientIds: CLIENTS.slice(0, 4) }, 'ERR_CLIENT_NOT_ALLOWED new'],
    ['another audience', { aud: 'b' }, { audience: 'a' }, 'ERR_AUDIENCE_NOT_ALLOWED new'],
    ['no audience', {}, { audience: 'a' }, 'ERR_AUDIENCE_NOT_ALLOWED new'],
    ['an exp at the tolerance', { exp: SECONDS - 5 }, {}, 'ERR_TOKEN_EXPIRED new'],
    ['an nbf after the tolerance', { nbf: SECONDS + 6 }, {}, 'ERR_TOKEN_NOT_YET_VALID new'],
    ['an iat in five minutes', { iat: SECONDS + 301 }, {}, 'ERR_TOKEN_NOT_YET_VALID new'],
  ])('with %s are refused, and the refusal names the pool', (_, wrong, options, expected) => {
    expect(judged({ ...ACCESS, ...wrong }, poolOf(options))).toBe(expected);
  });

  it.each<[string, object, object]>([
    ['an nbf at the tolerance', { nbf: SECONDS + 5 }, {}],
    ['an nbf long ago', { nbf: 1 }, {}],
    ['an iat within five minutes', { iat: SECONDS + 300 }, {}],
    ['an exp just within the tolerance', { exp: SECONDS - 4 }, {}],
    ['any client of many', { client_id: 'five' }, { clientIds: CLIENTS }],
    ['any client', { client_id: 'else' }, { clientIds: null }],
    ['one audience of several', { aud: ['b', 'a'] }, { audience: 'a' }],
  ])('with %s are taken', (_, right, options) => {
    expect(judged({ ...ACCESS, ...right }, poolOf(options))).toMatchObject({ sub: 'user', kind: 'user' });
  });

  it('are read by the use of the token', () => {
    expect(judged(ACCESS)).toEqual({
      ...{ kind: 'user', tokenUse: 'access', sub: 'user', username: 'ann', clientId: 'one', groups: [], scopes: [] },
      ...{ issuedAt: SECONDS - 60, expiresAt: SECONDS + 60, authTime: undefined },
    });
    // An ID token has its client in `aud`, which is never its audience.
    expect(judged(ID, poolOf({ audience: 'a' }))).toMatchObject({ tokenUse: 'id', username: 'ann', clientId: 'one' });
    expect(judged({ ...ID, aud: ['one'] })).toBe('ERR_CLAIM_INVALID new');
  });

  it('have scopes without gaps, and groups as they are', () => {
    const claims = { ...ACCESS, scope: ' a  b ', 'cognito:groups': ['x', ''] };
    expect(judged(claims)).toMatchObject({ scopes: ['a', 'b'], groups: ['x', ''] });
    expect(judged({ ...ACCESS, scope: '' })).toMatchObject({ scopes: [] });
  });

  it('are those of a machine only where nothing speaks of a user', () => {
    const machine = { ...ACCESS, sub: 'one', username: undefined };
    expect(judged(machine)).toMatchObject({ kind: 'machine' });
    expect(judged({ ...machine, username: 'ann' })).toMatchObject({ kind: 'user' });
    expect(judged({ ...machine, sub: 'two' })).toMatchObject({ kind: 'user' });
    expect(judged({ ...ID, sub: 'one', 'cognito:username': undefined })).toMatchObject({ kind: 'user' });
  });
});

/** The message of a refusal, with its code and its pool; `undefined` where there is none. */
function refusalOf(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    const { code, pool, message } = error as CutoverError;
    return `${code} ${pool}: ${message}`;
  }
}

describe('the dates of the legacy pool', () => {
  const windowOf = (until: number, signIns = Number.POSITIVE_INFINITY) =>
    ({
      acceptUntil: () => until,
      acceptSignInsBefore: () => signIns,
      unknown: () => new Error('not known'),
    }) as unknown as LegacyWindow;

  it('refuse after the end, not at it, and where the end is not known', () => {
    const open = (until: number) => refusalOf(() => checkLegacyPoolOpen(NOW, windowOf(until)));
    expect([open(NOW), open(NOW + 1), open(Number.POSITIVE_INFINITY)]).toEqual([undefined, undefined, undefined]);
    expect(open(NOW - 1)).toMatch(/^ERR_LEGACY_POOL_CLOSED legacy: .*legacyTokens\.acceptUntil/);
    expect(open(Number.NaN)).toContain('not known');
  });

  it('refuse sign-ins after the limit, and those of which the time is not known', () => {
    const signIn = (kind: 'user' | 'machine', authTime: number | undefined, before: number) =>
      refusalOf(() => checkLegacySignIn(kind, authTime, NOW, windowOf(0, before)));
    const limit = SECONDS * 1_000;
    expect([
      signIn('user', SECONDS, limit),
      signIn('user', undefined, Number.POSITIVE_INFINITY),
      signIn('machine', undefined, limit),
      signIn('machine', SECONDS + 1, Number.NaN),
    ]).toEqual([undefined, undefined, undefined, undefined]);
    expect(signIn('user', SECONDS + 1, limit)).toMatch(/^ERR_LEGACY_POOL_CLOSED legacy: .*signed in before/);
    expect(signIn('user', undefined, limit)).toContain('signed in before');
    expect(signIn('user', 0, Number.NaN)).toMatch(/acceptSignInsBefore did not return a valid Date/);
    for (const kind of ['user', 'machine'] as const) {
      expect(signIn(kind, 0, Number.NEGATIVE_INFINITY)).toMatch(/no longer accepted \(legacyTokens\.acceptUntil\)/);
    }
  });

  it('expire a token to the second, with the tolerance', () => {
    const expired = (secondsAgo: number) => refusalOf(() => checkNotExpired(SECONDS - secondsAgo, NOW, 5, 'legacy'));
    expect([expired(-1), expired(4.999)]).toEqual([undefined, undefined]);
    expect([expired(5), expired(60)]).toEqual([
      expect.stringMatching(/^ERR_TOKEN_EXPIRED legacy: /),
      expect.stringMatching(/^ERR_TOKEN_EXPIRED legacy: /),
    ]);
  });
});
