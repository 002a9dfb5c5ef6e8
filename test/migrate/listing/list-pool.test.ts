import { describe, expect, it } from 'vitest';
import type { DirectoryUser } from '../../../src/directory/user-types.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { type ListPoolOptions, listPool, reportListed } from '../../../src/migrate/listing/list-pool.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeDirectoryOptions } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const users = Array.from({ length: 200 }, (_, n) => ({
  ...{ username: `user${n}`, sub: `${(n % 16).toString(16)}-${n}`, attributes: {} },
}));

function listing(options: FakeDirectoryOptions = {}) {
  const opened = state();
  opened.db.run("INSERT INTO pools (id, side, user_pool_id) VALUES (7, 'new', 'new_1')");
  const clock = new AutoClock();
  const directory = new FakeDirectory('new_1', { users, ...options });
  const seen: string[] = [];
  const events: ProgressEvent[] = [];
  const how: ListPoolOptions = {
    ...{
      state: opened,
      purpose: 'plan',
      pool: 7,
      side: 'new',
      directory,
      estimatedUsers: 200,
      clock,
      signal: undefined,
    },
    sink: {
      add: (page: readonly DirectoryUser[]) => void seen.push(...page.map(({ username }) => username)),
      known: (subs) => new Set(subs),
    },
    pace: new Pace(1000, clock),
    warn: () => {},
    onProgress: (event) => events.push(event),
  };
  const listings = () => opened.db.all('SELECT purpose, pool, mode, users FROM listings');
  return { opened, directory, seen, events, how, listings };
}

describe('the listing of a pool', () => {
  it('reports whose it is, how far it is and what it cost, and is not done yet', async () => {
    const { seen, events, how } = listing();
    await listPool(how);
    expect(new Set(seen).size).toBe(200);
    expect(events.at(-1)).toEqual({
      ...{ type: 'list', side: 'new', userPoolId: 'new_1', estimatedUsers: 200, users: 200 },
      ...{ shards: 16, shardsDone: 16, attempts: 17, throttled: 0, done: false },
    });
  });

  it('goes on where the state says, and asks for nothing of a listing that is complete', async () => {
    const broken = new Error('the process was killed');
    const { directory, seen, how } = listing({
      pageSize: 5,
      before: (_operation, { attempt }) => {
        if (attempt === 30) throw broken;
      },
    });
    await expect(listPool(how)).rejects.toBe(broken);
    await listPool(how);
    expect(seen.toSorted()).toEqual(users.map(({ username }) => username).toSorted());
    const asked = directory.calls.get('ListUsers');
    await listPool(how);
    expect(directory.calls.get('ListUsers')).toBe(asked);
  });

  it('is one of its own for each purpose', async () => {
    const { seen, how, listings } = listing();
    await listPool(how);
    await listPool({ ...how, purpose: 'verify' });
    expect(seen).toHaveLength(400);
    expect(listings()).toEqual([
      ['plan', 7, 'done', null],
      ['verify', 7, 'done', null],
    ]);
  });
});

it('what a pool really has, once users listed twice are gone, is recorded and reported as the end', async () => {
  const { events, how, listings } = listing();
  await listPool({ ...how, purpose: 'verify' });
  await listPool(how);
  reportListed(how, 198);
  expect(listings()).toEqual([
    ['verify', 7, 'done', null],
    ['plan', 7, 'done', 198],
  ]);
  expect(events.at(-1)).toEqual({
    ...{ type: 'list', side: 'new', userPoolId: 'new_1', estimatedUsers: 198, users: 198 },
    ...{ shards: 16, shardsDone: 16, attempts: 0, throttled: 0, done: true },
  });
});
