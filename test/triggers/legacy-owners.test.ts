import { describe, expect, it } from 'vitest';
import { checkFields, hasMoved, namesOf, ownersOf } from '../../src/triggers/legacy-owners.js';
import { LEGACY_POOL, MemoryPool, NEW_POOL } from './support.js';

const signal = new AbortController().signal;

describe('namesOf', () => {
  it('is every name and address once', () => {
    const attributes = { email: 'a@example.com', phone_number: '', preferred_username: 'anna', name: 'Anna A.' };
    expect(namesOf('a@example.com', attributes)).toEqual(['a@example.com', 'anna']);
  });
});

describe('ownersOf', () => {
  it('looks wherever somebody could sign in with the name, in small letters too', async () => {
    const pool = new MemoryPool(LEGACY_POOL);
    await ownersOf(['Anna@example.com', '+4912345', 'anna'], checkFields(undefined), pool, signal);
    expect(pool.calls.sort()).toEqual([
      'findUsers email Anna@example.com',
      'findUsers email anna@example.com',
      'findUsers phone_number +4912345',
      'findUsers preferred_username anna',
      'findUsers username +4912345',
      'findUsers username Anna@example.com',
      'findUsers username anna',
      'findUsers username anna@example.com',
    ]);
  });

  it('finds a user once who is found in two ways', async () => {
    const pool = new MemoryPool(LEGACY_POOL);
    pool.add({ username: 'a@example.com', attributes: { email: 'a@example.com' } });
    expect(await ownersOf(['a@example.com'], checkFields(undefined), pool, signal)).toHaveLength(1);
  });

  it.each([
    ['+49 12a', ['preferred_username +49 12a', 'username +49 12a']],
    ['tel:+4912', ['preferred_username tel:+4912', 'username tel:+4912']],
  ])('takes %s for a name, not for a phone number', async (name, calls) => {
    const pool = new MemoryPool(LEGACY_POOL);
    await ownersOf([name], checkFields(['username', 'preferred_username', 'phone_number']), pool, signal);
    expect(pool.calls.sort()).toEqual(calls.map((call) => `findUsers ${call}`));
  });
});

describe('hasMoved', () => {
  const owner = {
    ...{ username: 'anna', sub: 'legacy-sub', status: 'CONFIRMED', enabled: true },
    attributes: { email: 'anna@example.com', phone_number: '+4912345' },
  };
  const moved = { 'custom:legacy_sub': 'legacy-sub' };

  it.each([
    ['username', { username: 'anna', attributes: moved }],
    ['e-mail address', { username: 'x', attributes: { ...moved, email: 'anna@example.com' } }],
    ['phone number', { username: 'x', attributes: { ...moved, phone_number: '+4912345' } }],
  ])('is whoever carries the legacy id under the same %s', async (_name, member) => {
    const pool = new MemoryPool(NEW_POOL);
    pool.add(member);
    expect(await hasMoved(owner, 'custom:legacy_sub', pool, signal)).toBe(true);
    expect(await hasMoved({ ...owner, sub: 'another' }, 'custom:legacy_sub', pool, signal)).toBe(false);
  });

  it('asks for no empty address', async () => {
    const pool = new MemoryPool(NEW_POOL);
    await hasMoved({ ...owner, attributes: { email: '', phone_number: '' } }, 'custom:legacy_sub', pool, signal);
    expect(pool.calls).toEqual(['findUsers username anna']);
  });

  it('is only who carries the legacy id: a user without sub never', async () => {
    const pool = new MemoryPool(LEGACY_POOL);
    pool.add({ username: 'anna' });
    const owner = { username: 'anna', sub: undefined, attributes: {}, status: 'CONFIRMED', enabled: true };
    expect(await hasMoved(owner, 'custom:legacy_sub', pool, signal)).toBe(false);
  });
});
