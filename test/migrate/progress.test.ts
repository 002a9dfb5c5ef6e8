import { expect, it } from 'vitest';
import { listedShare, usersLeft } from '../../src/migrate/progress.js';

const part = { users: 250, estimatedUsers: 1_000, shardsDone: 0, shards: 16 };

it.each<[string, Partial<typeof part & { done: boolean }>, number, number]>([
  ['by its users', {}, 0.25, 750],
  ['by its parts, where more of them are listed', { shardsDone: 8 }, 0.5, 250],
  ['never whole by its users alone, because estimates lag behind', { users: 2_000 }, 0.99, 2_000 / 0.99 - 2_000],
  ['whole when it is done', { done: true }, 1, 0],
  ['before it has begun', { users: 0, shards: 0 }, 0, 1_000],
])('a pool is listed %s', (_, more, share, left) => {
  expect(listedShare({ ...part, ...more })).toBe(share);
  expect(usersLeft({ ...part, ...more })).toBeCloseTo(left);
});

it('does not pretend to know how many users are left where no pool says it', () => {
  const unknown = { ...part, estimatedUsers: undefined, users: 0 };
  expect(usersLeft(unknown)).toBeUndefined();
  expect(usersLeft({ ...unknown, users: 250, shardsDone: 4 })).toBe(750);
});
