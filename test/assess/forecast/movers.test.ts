import { describe, expect, it } from 'vitest';
import { leftOf, mayHaveNativeUsers, moversOf } from '../../../src/assess/forecast/movers.js';
import type { UserStatistics } from '../../../src/assess/snapshot/pool-snapshot.js';
import { context, legacyParts } from '../pools.js';

const ATTRIBUTE = 'custom:legacy_sub';
const users = (changes: Partial<UserStatistics> = {}) => ({ ...legacyParts.users, ...changes });
const there = (total: number, native: number, mapped = 0) =>
  users({ total, native, customAttributes: { [ATTRIBUTE]: mapped } });

describe('what is left to do for legacy users', () => {
  it.each([
    ['no new pool', undefined, { mapped: 0, unmapped: 0, native: 800, federated: 200 }],
    ['an empty new pool', there(0, 0), { mapped: 0, unmapped: 0, native: 800, federated: 200 }],
    ['half of them moved', there(500, 400, 300), { mapped: 300, unmapped: 200, native: 400, federated: 100 }],
    ['all of them mapped', there(1000, 800, 1000), { mapped: 1000, unmapped: 0, native: 0, federated: 0 }],
    ['more users than legacy ones', there(5000, 4000, 4000), { mapped: 1000, unmapped: 0, native: 0, federated: 0 }],
    ['all of them federated now', there(1000, 0), { mapped: 0, unmapped: 1000, native: 0, federated: 0 }],
  ])('with %s', (_which, newUsers, expected) => {
    expect(moversOf([users()], newUsers, ATTRIBUTE)).toEqual(expected);
  });
});

describe('the users of one legacy pool who are left', () => {
  const left = (legacyUsers: readonly UserStatistics[] | undefined) =>
    leftOf(users(), there(500, 400), { legacyUsers, options: context.options });

  it('are its share of all', () => {
    expect(left([users()])).toEqual({ native: 400, federated: 100 });
    expect(left([users(), users()])).toEqual({ native: 600, federated: 150 });
  });

  it('are all of them while the users of another pool are not known', () => {
    expect(left(undefined)).toEqual({ native: 800, federated: 200 });
  });
});

it.each([
  ['of whom nothing is known', undefined, true],
  ['with a password', users(), true],
  ['of identity providers alone', users({ native: 0 }), false],
])('users %s may have one: %#', (_who, statistics, expected) => {
  expect(mayHaveNativeUsers(statistics)).toBe(expected);
});
