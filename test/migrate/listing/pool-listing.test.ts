import { describe, expect, it, vi } from 'vitest';
import { DirectoryError, type DirectoryUser } from '../../../src/directory/user-types.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { ListingRecord } from '../../../src/migrate/listing/listing-record.js';
import { PoolListing } from '../../../src/migrate/listing/pool-listing.js';
import { SCHEMA } from '../../../src/migrate/state/schema.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions, type FakeUser, failure } from '../support/fake-directory.js';

const HEX = '0123456789abcdef';

/** Users whose subs begin with every digit in turn. */
const users = (count: number): FakeUser[] =>
  Array.from({ length: count }, (_, i) => {
    const sub = `${HEX[i % 16]}${HEX[Math.floor(i / 16) % 16]}-${i}`;
    return { username: `u${i}`, sub, attributes: {} };
  });

/** A database in which listings can go on. */
function database(): Sqlite {
  const db = new Sqlite(':memory:');
  db.exec(SCHEMA);
  db.run("INSERT INTO pools (id, side, user_pool_id) VALUES (1, 'new', 'pool')");
  return db;
}

async function list(
  directory: FakeDirectory,
  {
    db = database(),
    seen = [],
    estimatedUsers,
    signal,
    workers = 4,
    clock = new AutoClock(),
    rps = 1000,
  }: {
    db?: Sqlite;
    seen?: DirectoryUser[];
    estimatedUsers?: number;
    signal?: AbortSignal;
    workers?: number;
    clock?: AutoClock;
    rps?: number;
  } = {},
) {
  const warnings: string[] = [];
  const progress: { users: number; shardsDone: number; shards: number }[] = [];
  const sink = {
    add: (added: readonly DirectoryUser[]) => void seen.push(...added),
    known: (subs: readonly string[]) => new Set(subs.filter((sub) => seen.some((user) => user.sub === sub))),
  };
  const listing = new PoolListing({
    directory,
    record: ListingRecord.open(db, 'plan', 1, sink),
    estimatedUsers,
    pace: new Pace(rps, clock),
    clock,
    signal,
    workers,
    counts: { attempts: 0, throttled: 0 },
    onProgress: (now) => progress.push({ ...now }),
    warn: (message) => warnings.push(message),
  });
  const error: unknown = await listing.run().then(
    () => undefined,
    (reason) => reason,
  );
  return { error, warnings, seen, progress, distinct: new Set(seen.map(({ username }) => username)).size };
}

const pool = (options: FakeDirectoryOptions) => new FakeDirectory('pool', { pageSize: 5, ...options });
const calls = (directory: FakeDirectory) => directory.calls.get('ListUsers') ?? 0;

describe('a pool is listed', () => {
  it('in one call when one page holds all', async () => {
    const directory = pool({ users: users(5) });
    expect((await list(directory)).distinct).toBe(5);
    expect(calls(directory)).toBe(1);
  });

  it.each([
    ['16', 10_000, 16],
    ['256, when it is large', 1_000_000, 256],
    ['16, when its size is not known', undefined, 16],
  ])('in shards: %s', async (_, estimatedUsers, shards) => {
    const directory = pool({ users: users(600), estimatedUsers: 0 });
    const { distinct, seen, progress, error } = await list(directory, {
      ...(estimatedUsers === undefined ? {} : { estimatedUsers }),
    });
    expect(error).toBeUndefined();
    expect(distinct).toBe(600);
    expect(progress.some((one) => one.shards === shards)).toBe(true);
    if (estimatedUsers === undefined) expect(seen).toHaveLength(600);
  });

  it('completely, with every user at least once, whatever the pages look like', async () => {
    const directory = pool({
      users: users(300),
      page: (page, _, attempt) => {
        if (attempt % 3 === 0 && page.nextToken !== undefined) {
          // An empty page that goes on: the users come with the next one, which begins at the same place.
          return { users: [], nextToken: page.nextToken.replace(/\d+$/, (next) => String(Number(next) - 5)) };
        }
        return attempt % 4 === 0 ? { ...page, users: [...page.users, ...page.users.slice(0, 2)] } : page;
      },
    });
    const { distinct, error } = await list(directory);
    expect([error, distinct]).toEqual([undefined, 300]);
  });

  it('as a whole when it does not filter', async () => {
    const directory = pool({ users: users(100), ignoresFilter: true });
    // The fake's tokens carry the filter; a pool that ignores it takes them all the same.
    const { distinct, warnings, error } = await list(directory);
    expect([error, distinct]).toEqual([undefined, 100]);
    expect(warnings).toEqual(['Pool pool does not filter by sub, so it is listed as a whole.']);
  });

  it('as a whole when its subs are no UUIDs, or missing', async () => {
    const odd: FakeUser[] = [
      ...users(20),
      { username: 'z', sub: 'zzz', attributes: {} },
      { username: 'none', sub: undefined, attributes: {} },
    ];
    const directory = pool({ users: [...odd].reverse() });
    const { distinct, seen, error } = await list(directory);
    expect([error, distinct, seen.length]).toEqual([undefined, 22, 22]);
  });

  it('until a page comes again and again', async () => {
    const directory = pool({ users: users(100), page: (page) => ({ ...page, nextToken: '@5' }), ignoresFilter: true });
    const { error } = await list(directory);
    expect(error).toMatchObject({ code: 'ERR_POOL', message: expect.stringContaining('again and again') });
  });

  it('once more as a whole when its shards lack somebody', async () => {
    const hidden = users(200);
    const directory = pool({
      users: hidden,
      page: (page, { subPrefix }) =>
        subPrefix !== undefined && subPrefix.length === 1
          ? { ...page, users: page.users.filter(({ username }) => username !== 'u3') }
          : page,
    });
    const { distinct, warnings } = await list(directory);
    expect(distinct).toBe(200);
    expect(warnings).toEqual([expect.stringContaining('The listing of pool pool by parts lacks a user')]);
  });

  it('once only when the one who is lacking was deleted meanwhile', async () => {
    const directory = pool({
      users: users(200),
      before: (_, { attempt }) => {
        if (attempt === 2) directory.users.delete('u3');
      },
    });
    const { seen, warnings } = await list(directory);
    expect([seen.length, warnings]).toEqual([199, []]);
  });

  it('once more as a whole when the pool estimates more', async () => {
    const directory = pool({
      users: users(400),
      page: (page, { subPrefix }) => (subPrefix?.startsWith('f') ? { ...page, users: [] } : page),
    });
    const { distinct, warnings } = await list(directory, { estimatedUsers: 500 });
    expect(distinct).toBe(400);
    expect(warnings).toEqual([
      'Pool pool estimates 500 users, and 375 were listed. It is listed once more as a whole.',
    ]);
  });

  it('with a word when the pool estimates less', async () => {
    const directory = pool({ users: users(400) });
    const { seen, warnings } = await list(directory, { estimatedUsers: 300 });
    expect(seen).toHaveLength(400);
    expect(warnings).toEqual(['Pool pool estimates 300 users, and 400 were listed. Estimates can lag behind.']);
  });
});

describe('a listing continues', () => {
  it('after throttling and broken connections', async () => {
    const directory = pool({
      users: users(200),
      before: (_, { attempt }) => {
        if (attempt % 3 === 0) throw failure('throttled');
        if (attempt % 5 === 0) throw failure('unavailable');
      },
    });
    const { error, seen } = await list(directory);
    expect([error, seen.length]).toEqual([undefined, 200]);
  });

  it('in a shard from its beginning when the token has expired', async () => {
    let refused = false;
    const directory = pool({
      users: users(400),
      before: (_, { request }) => {
        if (request?.token === 'a@10' && !refused) {
          refused = true;
          throw failure('token');
        }
      },
    });
    const { error, distinct, seen } = await list(directory);
    expect([error, distinct]).toEqual([undefined, 400]);
    expect(seen).toHaveLength(410);
  });

  it('not for ever when tokens are always refused', async () => {
    const directory = pool({
      users: users(400),
      before: (_, { request }) => {
        if (request?.token?.startsWith('a@') === true) throw failure('token');
      },
    });
    const { error } = await list(directory);
    expect(error).toMatchObject({ kind: 'token' });
  });

  it.each([
    ['stopped by an error', failure('credentials')],
    ['interrupted', undefined],
  ])('where it was, after it was %s', async (_, thrown) => {
    const db = database();
    const controller = new AbortController();
    const stopAt = 40;
    const directory = pool({
      users: users(400),
      before: (_, { attempt }) => {
        if (attempt !== stopAt) return;
        if (thrown !== undefined) throw thrown;
        controller.abort(new Error('interrupted'));
      },
    });
    const seen: DirectoryUser[] = [];
    const first = await list(directory, { db, seen, signal: controller.signal });
    expect(first.error).toMatchObject(thrown === undefined ? { message: 'interrupted' } : { kind: 'credentials' });
    const before = calls(directory);
    const second = await list(directory, { db, seen });
    expect(second.error).toBeUndefined();
    expect([second.distinct, seen.length]).toEqual([400, 400]);
    // 16 shards of 5 pages and the first page; what was recorded is not asked for again.
    expect(before).toBeLessThan(60);
    expect(calls(directory)).toBeLessThanOrEqual(1 + 16 * 5 + (thrown === undefined ? 0 : 1));
  });

  it('with every page recorded within a second or two, though the wall clock is set a day back', async () => {
    const clock = new AutoClock();
    const committed: number[] = [];
    const original = ListingRecord.prototype.commit;
    const spied = vi.spyOn(ListingRecord.prototype, 'commit').mockImplementation(function (this: ListingRecord) {
      committed.push(clock.monotonic());
      original.call(this);
    });
    const directory = pool({
      users: users(100),
      before: (_operation, { attempt }) => void (attempt === 5 && clock.setWallClock(-86_400_000)),
    });
    await list(directory, { clock, rps: 2, workers: 1 });
    spied.mockRestore();
    const gaps = committed.slice(1).map((at, i) => at - (committed[i] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2000);
  });

  it('nowhere after a failure that does not pass', async () => {
    const directory = pool({
      users: users(400),
      before: () => {
        throw failure('credentials', 'ListUsers', 'unavailable');
      },
    });
    const { error } = await list(directory);
    expect(error).toBeInstanceOf(DirectoryError);
    expect(calls(directory)).toBe(1);
  });

  it('until AWS has failed for minutes', async () => {
    const directory = pool({
      users: users(400),
      before: (_, { attempt }) => {
        if (attempt > 20) throw failure('unavailable');
      },
    });
    const { error } = await list(directory);
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE' });
  });
});
