import { describe, expect, it } from 'vitest';
import { checkClaims } from '../../src/verify/claims.js';
import { checkLegacyIdFormat, identityOf, ownerOf, ownerWithoutClaim } from '../../src/verify/identity.js';
import { checkPools } from '../../src/verify/pool-options.js';

const UUID = '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';
const [legacyPool, newPool] = checkPools(
  { userPoolId: 'eu-west-1_Legacy', clientIds: null },
  { userPoolId: 'eu-west-1_New', clientIds: null, clientAliases: { machine: 'old-machine' } },
) as [never, never];
const POLICY = {
  idTokenClaim: 'custom:legacy_sub',
  accessTokenClaim: 'legacy_sub',
  readLegacyId: checkLegacyIdFormat('format', 'uuid'),
  onMissing: 'reject',
} as const;
const NOW = 1_000_000;
const ID = { token_use: 'id', aud: 'c', sub: 's', 'cognito:username': 'u', iat: 1, exp: 2_000 };
const ACCESS = { token_use: 'access', client_id: 'c', sub: 's', username: 'u', iat: 1, exp: 2_000 };
const MACHINE = { token_use: 'access', client_id: 'machine', sub: 'machine', iat: 1, exp: 2_000 };
const claimsOf = (payload: object, pool = newPool) =>
  checkClaims(payload as never, pool, NOW, { toleranceSeconds: 0, tokenUse: 'any', pools: [legacyPool, newPool] });
const owner = (payload: object, pool = newPool, policy: object = {}) =>
  ownerOf(payload as never, claimsOf(payload, pool), pool, { ...POLICY, ...policy } as never);

describe('ownerOf', () => {
  it.each([
    ['a legacy user is their sub', ID, legacyPool, 's', 'sub'],
    ['a mapping claim in a legacy token is ignored', { ...ID, 'custom:legacy_sub': UUID }, legacyPool, 's', 'sub'],
    ['a broken mapping claim in a legacy token is ignored', { ...ID, 'custom:legacy_sub': 5 }, legacyPool, 's', 'sub'],
    ['a new user is the claim of their ID token', { ...ID, 'custom:legacy_sub': UUID }, newPool, UUID, 'claim'],
    ['a new user is the claim of their access token', { ...ACCESS, legacy_sub: UUID }, newPool, UUID, 'claim'],
    ['the other token’s claim does not count', { ...ACCESS, 'custom:legacy_sub': UUID }, newPool, undefined, 'claim'],
    ['no claim: somebody else has to know', ID, newPool, undefined, 'claim'],
    ['an inherited claim is none', Object.create({ legacy_sub: UUID }, desc(ACCESS)), newPool, undefined, 'claim'],
    ['a machine is its client', { ...MACHINE, client_id: 'm', sub: 'm' }, newPool, 'm', 'client'],
    ['a machine that moved is its old client', MACHINE, newPool, 'old-machine', 'client'],
    ['a machine is not mapped', { ...MACHINE, legacy_sub: UUID }, newPool, 'old-machine', 'client'],
    ['a machine of the legacy pool too', { ...MACHINE, client_id: 'm', sub: 'm' }, legacyPool, 'm', 'client'],
    ['with a username it is a user', { ...MACHINE, username: 'u' }, newPool, undefined, 'claim'],
    ['with another sub it is a user', { ...MACHINE, sub: 's' }, newPool, undefined, 'claim'],
  ])('%s', (_, payload, pool, userId, userIdSource) => {
    if (userId === undefined) expect(owner(payload, pool)).toBeUndefined();
    else expect(owner(payload, pool)).toMatchObject({ userId, userIdSource });
  });

  it.each([null, '', ' ', 5, {}, [UUID], true, 'not-a-uuid', `${UUID} `, `${UUID}\n`, `x${UUID}`])(
    'a claim that is there but cannot be a legacy id is invalid, not missing: %j',
    (value) => {
      const error = expect.objectContaining({ code: 'ERR_LEGACY_ID_INVALID' });
      expect(() => owner({ ...ID, 'custom:legacy_sub': value })).toThrow(error);
      expect(() => owner({ ...ID, 'custom:legacy_sub': value }, newPool, { onMissing: 'own-sub' })).toThrow(error);
    },
  );
});

function desc(value: object): PropertyDescriptorMap {
  return Object.getOwnPropertyDescriptors(value);
}

describe('ownerWithoutClaim', () => {
  const ownSub = { ...POLICY, onMissing: 'own-sub' } as const;
  it.each([
    [UUID, POLICY, UUID, 'resolver'],
    [UUID, ownSub, UUID, 'resolver'],
    [undefined, ownSub, 's', 'own-sub'],
    [null, ownSub, 's', 'own-sub'],
  ])('%s', (found, policy, userId, userIdSource) => {
    expect(ownerWithoutClaim(found, claimsOf(ID), policy, true)).toEqual({ kind: 'user', userId, userIdSource });
  });

  it.each([
    [undefined, POLICY, 'ERR_LEGACY_ID_MISSING'],
    [null, POLICY, 'ERR_LEGACY_ID_MISSING'],
    ['', ownSub, 'ERR_LEGACY_ID_INVALID'],
    ['nonsense', ownSub, 'ERR_LEGACY_ID_INVALID'],
    [42, ownSub, 'ERR_LEGACY_ID_INVALID'],
    [{}, POLICY, 'ERR_LEGACY_ID_INVALID'],
    [false, ownSub, 'ERR_LEGACY_ID_INVALID'],
  ])('refuses the answer %j', (found, policy, code) => {
    expect(() => ownerWithoutClaim(found, claimsOf(ID), policy, true)).toThrow(expect.objectContaining({ code }));
  });
});

describe('checkLegacyIdFormat', () => {
  it.each([
    ['uuid', UUID, UUID],
    ['uuid', UUID.toUpperCase(), UUID],
    ['uuid', UUID.slice(1), undefined],
    [null, 'Anything', 'Anything'],
    [null, '', undefined],
    [/u-\d+/, 'u-12', 'u-12'],
    [/u-\d+/i, 'U-12', 'U-12'],
    [/u-\d+/, 'xu-12', undefined],
    [/u-\d+/, 'u-12\n', undefined],
    [/u-\d+|v/, 'vu-1', undefined],
    [/^u$/m, 'u\nv', undefined],
    [/.*/, '', undefined],
  ] as const)('%s and %j: %s', (format, value, expected) => {
    expect(checkLegacyIdFormat('format', format)(value)).toBe(expected);
  });

  it('gives a RegExp no more than an attribute of Cognito can hold', () => {
    const read = checkLegacyIdFormat('format', /(?:x+x+)+/);
    expect(read('x'.repeat(2048))).toBe('x'.repeat(2048));
    expect(read('x'.repeat(2049))).toBeUndefined();
  });

  it('keeps no state between values, whatever the flags', () => {
    const read = checkLegacyIdFormat('format', /u-\d/gy);
    expect([read('u-1'), read('u-2'), read('u-3')]).toEqual(['u-1', 'u-2', 'u-3']);
  });
});

describe('identityOf', () => {
  const payload = JSON.parse(
    JSON.stringify({ ...ID, 'cognito:groups': ['a'], scope: 'x  y', auth_time: 5, deep: [{ er: {} }] }),
  );
  const identity = identityOf(payload, claimsOf(payload), newPool, {
    kind: 'user',
    userId: 'me',
    userIdSource: 'claim',
  });

  it('says who it is', () => {
    expect(identity).toEqual({
      userId: 'me',
      userIdSource: 'claim',
      pool: 'new',
      userPoolId: 'eu-west-1_New',
      kind: 'user',
      sub: 's',
      username: 'u',
      clientId: 'c',
      tokenUse: 'id',
      groups: ['a'],
      scopes: [],
      issuedAt: 1,
      expiresAt: 2_000,
      authTime: 5,
      claims: payload,
    });
  });

  it('has only what the token says', () => {
    const { username: _, auth_time: __, ...machine } = { ...MACHINE, username: undefined, auth_time: undefined };
    const owner = { kind: 'machine', userId: 'c', userIdSource: 'client' } as const;
    const bare = identityOf(machine as never, claimsOf(machine), newPool, owner);
    expect(['username' in bare, 'authTime' in bare]).toEqual([false, false]);
  });

  it('is frozen to the bottom', () => {
    const claims = identity.claims as { deep: [{ er: object }] };
    for (const part of [
      identity,
      identity.groups,
      identity.scopes,
      claims,
      claims.deep,
      claims.deep[0],
      claims.deep[0].er,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });
});
