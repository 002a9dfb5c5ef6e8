import { describe, expect, it } from 'vitest';
import { checkFields, hasMoved, namesOf, ownersOf } from '../../src/triggers/legacy-owners.js';
import { LEGACY_POOL, MemoryPool } from './support.js';

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
});

describe('hasMoved', () => {
  it('is only who carries the legacy id: a user without sub never', async () => {
    const pool = new MemoryPool(LEGACY_POOL);
    pool.add({ username: 'anna' });
    const owner = { username: 'anna', sub: undefined, attributes: {}, status: 'CONFIRMED', enabled: true };
    expect(await hasMoved(owner, 'custom:legacy_sub', pool, signal)).toBe(false);
  });
});
