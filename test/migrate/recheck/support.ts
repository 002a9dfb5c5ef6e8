import { Pace } from '../../../src/migrate/calls/pace.js';
import { UserLookup } from '../../../src/migrate/recheck/lookup.js';
import { ReadAhead } from '../../../src/migrate/recheck/read-ahead.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions } from '../support/fake-directory.js';

const hex = (n: number) => n.toString(16).padStart(3, '0');

/** 4096 users with the subs 000 to fff; those of them that are asked for; 16 share a prefix of two. */
export function setUp(every: number, { rps = 20, ...fake }: FakeDirectoryOptions & { rps?: number } = {}) {
  const clock = new AutoClock();
  const users = Array.from({ length: 4096 }, (_, n) => ({ username: `u${n}`, sub: hex(n), attributes: {} }));
  const pool = new FakeDirectory('new', { users, clock, ...fake });
  const lookup = new UserLookup(pool, { clock, pace: new Pace(25, clock) });
  const subjects = users.filter((_, n) => n % every === 0).map(({ username, sub }) => ({ username, sub }));
  const prefixOf = (sub: string) => sub.slice(0, 2);
  const ahead = new ReadAhead(subjects[Symbol.iterator](), { lookup, prefixOf, rps: () => rps });
  const reads = () => pool.calls.get('ListUsers') ?? 0;
  return { clock, pool, lookup, ahead, subjects, reads };
}
