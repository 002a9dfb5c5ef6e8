import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolUser } from '../../src/directory/trigger-pools.js';
import { couldHaveIdentity, onlyOwner, splitsOf, usersNamedAfter } from '../../src/triggers/external-owners.js';
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
    await usersNamedAfter({ provider: 'Google', userId: '1' }, pool, signal);
    expect(pool.calls).toEqual(['findUsers username Google_1', 'findUsers username google_1']);
    pool.calls.length = 0;
    await usersNamedAfter({ provider: 'corp', userId: '1' }, pool, signal);
    expect(pool.calls).toEqual(['findUsers username corp_1']);
  });
});

describe('onlyOwner', () => {
  const identity = { provider: 'Corp', userId: 'anna' };

  it('is the one user with the identity, found once or twice', () => {
    const anna = user('Corp', 'anna');
    expect(onlyOwner([user('Corp', 'x'), anna, { ...anna }], identity)).toEqual(anna);
    expect(onlyOwner([user('Corp', 'Anna'), user('corp', 'anna')], identity)).toBeUndefined();
  });

  it('is nobody of several, unless one of them is disabled', () => {
    const [first, second] = [user('Corp', 'anna'), user('Corp', 'anna', { username: 'linked' })];
    expect(onlyOwner([first, second], identity)).toBeUndefined();
    expect(onlyOwner([first, { ...second, enabled: false }], identity)).toMatchObject({ username: 'linked' });
  });
});

describe('couldHaveIdentity', () => {
  const same = (provider: string) => provider;

  it('finds every identity behind its own username, in any letters', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
    fc.assert(
      fc.property(name, name, fc.boolean(), (provider, userId, small) => {
        const userName = `${provider}_${userId}`;
        expect(couldHaveIdentity(user(provider, userId), small ? userName.toLowerCase() : userName, same)).toBe(true);
      }),
    );
  });

  it('finds no other', () => {
    expect(couldHaveIdentity(user('Corp', 'anna'), 'Corp_anna2', same)).toBe(false);
    expect(couldHaveIdentity(user('Corp', 'anna'), 'anna', same)).toBe(false);
    expect(couldHaveIdentity({ ...user('Corp', 'anna'), attributes: {} }, 'Corp_anna', same)).toBe(false);
  });
});

describe('splitsOf', () => {
  it('is every way to part provider and user id', () => {
    expect(splitsOf('A_b_c')).toEqual([
      { provider: 'A', userId: 'b_c' },
      { provider: 'A_b', userId: 'c' },
    ]);
    expect(splitsOf('anna')).toEqual([]);
  });
});
