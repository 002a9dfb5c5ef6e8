import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolUser } from '../../src/directory/lambda/trigger-pools.js';
import {
  couldHaveIdentity,
  identitiesNamed,
  onlyOwner,
  usersNamedAfter,
  usersWith,
} from '../../src/triggers/external-owners.js';
import { checkProviderMap } from '../../src/users/identities.js';
import { LEGACY_POOL, MemoryPool } from './support.js';

const signal = new AbortController().signal;

const user = (provider: string, userId: string, more: Partial<PoolUser> = {}): PoolUser => ({
  username: `${provider}_${userId}`,
  sub: '11111111-1111-4111-8111-111111111111',
  status: 'EXTERNAL_PROVIDER',
  enabled: true,
  attributes: { identities: JSON.stringify([{ providerName: provider, userId }]) },
  ...more,
});

describe('usersNamedAfter', () => {
  it('asks for the username as written and in small letters', async () => {
    const pool = new MemoryPool(LEGACY_POOL);
    await usersNamedAfter([{ provider: 'Google', userId: '1' }], pool, signal);
    expect(pool.calls).toEqual(['findUsers username Google_1', 'findUsers username google_1']);
    pool.calls.length = 0;
    await usersNamedAfter([{ provider: 'corp', userId: '1' }], pool, signal);
    expect(pool.calls).toEqual(['findUsers username corp_1']);
  });
});

describe('onlyOwner', () => {
  const ownerOf = (users: readonly PoolUser[]) => onlyOwner(usersWith([{ provider: 'Corp', userId: 'anna' }], users));

  it('is the one user with the identity, found once or twice', () => {
    const anna = user('Corp', 'anna');
    expect(ownerOf([user('Corp', 'x'), anna, { ...anna }])).toEqual(anna);
    expect(ownerOf([user('Corp', 'Anna'), user('corp', 'anna')])).toBeUndefined();
  });

  it('is nobody of several, unless one of them is disabled', () => {
    const [first, second] = [user('Corp', 'anna'), user('Corp', 'anna', { username: 'linked' })];
    expect(ownerOf([first, second])).toBeUndefined();
    expect(ownerOf([first, { ...second, enabled: false }])).toMatchObject({ username: 'linked' });
  });
});

describe('couldHaveIdentity', () => {
  const { toLegacy } = checkProviderMap({ Old: 'New' });
  const could = (owner: PoolUser, userName: string) => couldHaveIdentity(owner, identitiesNamed(userName, toLegacy));

  it('finds every identity behind its own username, in any letters', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/).filter((one) => !/^(old|new)(_|$)/i.test(one));
    fc.assert(
      fc.property(name, name, fc.boolean(), (provider, userId, small) => {
        const userName = `${provider}_${userId}`;
        expect(could(user(provider, userId), small ? userName.toLowerCase() : userName)).toBe(true);
      }),
    );
  });

  it('finds no other', () => {
    expect(could(user('Corp', 'anna'), 'Corp_anna2')).toBe(false);
    expect(could(user('Corp', 'anna'), 'anna')).toBe(false);
    expect(could({ ...user('Corp', 'anna'), attributes: {} }, 'Corp_anna')).toBe(false);
  });
});

describe('identitiesNamed', () => {
  const named = (userName: string, map = {}) => identitiesNamed(userName, checkProviderMap(map).toLegacy);

  it('is every way to part provider and user id', () => {
    expect(named('A_b_c')).toEqual([
      { provider: 'A', userId: 'b_c' },
      { provider: 'A_b', userId: 'c' },
    ]);
    expect(named('anna')).toEqual([]);
  });

  it('is under all names that the providers have in the legacy pool, in any case', () => {
    expect(named('okta_anna', { OldOkta: 'Okta', Okta: 'Okta' })).toEqual([
      { provider: 'OldOkta', userId: 'anna' },
      { provider: 'Okta', userId: 'anna' },
    ]);
    expect(named('Okta_anna', { Okta: 'OktaEU' })).toEqual([]);
  });
});
