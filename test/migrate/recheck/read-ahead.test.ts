import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { UserLookup } from '../../../src/migrate/recheck/lookup.js';
import { ReadAhead } from '../../../src/migrate/recheck/read-ahead.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, failure } from '../support/fake-directory.js';

const hex = (n: number) => n.toString(16).padStart(3, '0');

/** 4096 users with the subs 000 to fff; those of them that are asked for; 16 share a prefix of two. */
function setUp(every: number, { rps = 20, ...fake }: FakeDirectoryOptions & { rps?: number } = {}) {
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

describe('reading ahead', () => {
  it('reads pages of users that come next, and each user once', async () => {
    const { ahead, subjects, reads } = setUp(1);
    const seen: string[] = [];
    for (let one = await ahead.next(); one !== undefined; one = await ahead.next()) {
      expect(one.found.user?.sub).toBe(one.subject.sub);
      seen.push(one.subject.sub);
    }
    expect(seen.sort()).toEqual(subjects.map(({ sub }) => sub));
    expect(reads()).toBeLessThan(4096 / 8);
  });

  it.each([
    ['every user', 1],
    ['few among many', 200],
  ])('costs writing no time, and what it gave is young: %s', async (_, every) => {
    const { clock, lookup, ahead, subjects } = setUp(every, { latencyMs: 300 });
    const pace = new Pace(20, clock);
    await ahead.next();
    const from = clock.monotonic();
    const many = Math.min(subjects.length, 400) - 1;
    for (let n = 0; n < many; n += 1) {
      const one = await ahead.next();
      await pace.acquire();
      expect(one && lookup.ageOf(one.found)).toBeLessThan(8000);
    }
    expect(clock.monotonic() - from).toBeLessThan((many / 20) * 1000 * 1.02);
  });

  it('reads again what has become old while nobody asked', async () => {
    const { clock, lookup, ahead, reads } = setUp(1);
    const first = await ahead.next();
    const before = reads();
    await clock.sleep(60_000);
    const second = await ahead.next();
    expect(second?.subject).not.toEqual(first?.subject);
    expect(second && lookup.ageOf(second.found)).toBeLessThan(1000);
    expect(reads()).toBeGreaterThan(before);
  });

  it('finds everybody in a pool that does not filter, and knows who is gone', async () => {
    const { ahead, pool, lookup } = setUp(512, { ignoresFilter: true });
    pool.users.delete('u512');
    pool.users.set('u1024', { username: 'u1024', sub: 'other', attributes: {} });
    const found = new Map<string, readonly [string | undefined, string | undefined]>();
    for (let one = await ahead.next(); one !== undefined; one = await ahead.next()) {
      found.set(one.subject.username, [one.found.user?.sub, one.found.holder?.sub]);
    }
    expect(found.get('u0')).toEqual(['000', '000']);
    expect(found.get('u512')).toEqual([undefined, undefined]);
    expect(found.get('u1024')).toEqual([undefined, 'other']);
    expect(found.size).toBe(8);
    expect(lookup.filters).toBe(false);
  });

  it('reads pages to their end, and without a filter where that is refused', async () => {
    const short = setUp(1024, { pageSize: 3 });
    for (let one = await short.ahead.next(); one !== undefined; one = await short.ahead.next()) {
      expect(one.found.user?.sub).toBe(one.subject.sub);
    }
    const { ahead } = setUp(1024, {
      before: (operation, { request }) => {
        if (request?.subPrefix !== undefined) throw failure('invalid', operation);
      },
    });
    for (let one = await ahead.next(); one !== undefined; one = await ahead.next()) {
      expect(one.found.user?.sub).toBe(one.subject.sub);
    }
  });

  it('ends with what ended a read', async () => {
    const { ahead } = setUp(1, {
      before: (operation, { attempt }) => {
        if (attempt > 2) throw failure('credentials', operation);
      },
    });
    const all = async () => {
      while ((await ahead.next()) !== undefined);
    };
    await expect(all()).rejects.toMatchObject({ kind: 'credentials' });
    await ahead.end();
  });

  it('does not go round in circles', async () => {
    const { ahead } = setUp(1, {
      page: (page, { subPrefix = '' }) => ({ users: page.users.slice(0, 1), nextToken: `${subPrefix}@0` }),
    });
    const all = async () => {
      while ((await ahead.next()) !== undefined);
    };
    await expect(all()).rejects.toMatchObject({ code: 'ERR_POOL' });
    await ahead.end();
  });
});
