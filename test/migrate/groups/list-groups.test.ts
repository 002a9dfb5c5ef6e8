import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { type GroupPool, listGroups, listMembers, recordGroups } from '../../../src/migrate/groups/list-groups.js';
import type { GroupProgress } from '../../../src/migrate/progress.js';
import { GROUP_TABLES } from '../../../src/migrate/state/schema.js';
import { Sqlite } from '../../../src/migrate/state/sqlite.js';
import { AutoClock } from '../support/auto-clock.js';
import { type FakeGroup, FakeGroups, failure } from './support/fake-groups.js';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).reverse()) close();
});

const names = (count: number, prefix = 'u') => Array.from({ length: count }, (_, n) => `${prefix}${n}`);

function setUp(groups: readonly FakeGroup[]) {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-groups-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const db = new Sqlite(join(folder, 'state.db'));
  closing.push(() => db.close());
  db.exec(GROUP_TABLES);
  const directory = new FakeGroups('pool', groups);
  const pool: GroupPool = { id: 2, side: 'new', directory };
  const clock = new AutoClock();
  const events: GroupProgress[] = [];
  const options = (signal?: AbortSignal) => ({
    db,
    purpose: 'plan' as const,
    pace: new Pace(15, clock),
    clock,
    signal,
    onProgress: (event: GroupProgress) => events.push({ ...event }),
    nameOf: ({ username }: { username: string }) => username,
  });
  const record = async () => recordGroups(db, 'plan', pool, await listGroups(pool, options()), () => true);
  const members = (name: string) =>
    db
      .all<readonly [string]>(
        'SELECT member FROM pool_groups g JOIN group_members m ON m.pool_group = g.id WHERE g.name = ? ORDER BY 1',
        name,
      )
      .map(([member]) => member);
  return { db, directory, pool, clock, events, options, record, members };
}

it('lists every group, at four pages a second', async () => {
  const { directory, pool, options, clock } = setUp(names(700).map((name) => ({ name })));
  const before = clock.now();
  expect(await listGroups(pool, options())).toHaveLength(700);
  expect(directory.calls.get('ListGroups')).toBe(12);
  expect(clock.now() - before).toBeGreaterThanOrEqual((10 * 1000) / 4);
});

it('asks once per 60 members, and tells how far it is', async () => {
  const { directory, pool, options, record, members, events } = setUp([
    { name: 'all', members: names(130) },
    { name: 'few', members: ['u1'] },
    { name: 'empty' },
  ]);
  await record();
  await listMembers(pool, options());
  expect(members('all')).toEqual(names(130).sort());
  expect(members('few')).toEqual(['u1']);
  expect(directory.calls.get('ListUsersInGroup')).toBe(3 + 1 + 1);
  expect(events[0]).toMatchObject({ type: 'groups', groups: 3, groupsDone: 0, members: 0, done: false });
  expect(events.at(-1)).toMatchObject({ groups: 3, groupsDone: 3, members: 131, attempts: 5, done: true });
});

it('leaves out the members of groups that are not wanted', async () => {
  const { db, directory, pool, options, members } = setUp([{ name: 'yes', members: ['a'] }, { name: 'no' }]);
  recordGroups(db, 'plan', pool, await listGroups(pool, options()), ({ name }) => name === 'yes');
  await listMembers(pool, options());
  expect(members('yes')).toEqual(['a']);
  expect(directory.calls.get('ListUsersInGroup')).toBe(1);
});

describe('an interrupted listing', () => {
  it('continues at the page where it was', async () => {
    const { directory, pool, options, record, members, events } = setUp([{ name: 'all', members: names(600) }]);
    await record();
    const abort = new AbortController();
    directory.options = { before: (_, { attempt }) => attempt === 4 && abort.abort(new Error('enough')) };
    await expect(listMembers(pool, options(abort.signal))).rejects.toThrow('enough');
    // What was in flight is not lost.
    expect(members('all')).toHaveLength(240);
    directory.options = {};
    events.length = 0;
    await listMembers(pool, options());
    expect(members('all')).toHaveLength(600);
    expect(directory.calls.get('ListUsersInGroup')).toBe(10);
    expect(events[0]).toMatchObject({ members: 240 });
    expect(events.at(-1)).toMatchObject({ members: 600, attempts: 6 });
  });

  it('does not list finished groups again', async () => {
    const { directory, pool, options, record } = setUp([{ name: 'a', members: names(3) }]);
    await record();
    await listMembers(pool, options());
    await listMembers(pool, options());
    expect(directory.calls.get('ListUsersInGroup')).toBe(1);
  });
});

it('begins a group again when its page token expired, and forgets who has left', async () => {
  const { directory, pool, options, record, members, events } = setUp([{ name: 'all', members: names(130) }]);
  await record();
  directory.options = {
    before: (_, { attempt }) => {
      if (attempt !== 2) return;
      directory.groups.get('all')?.members.delete('u0');
      throw failure('token');
    },
  };
  await listMembers(pool, options());
  expect(members('all')).toEqual(names(130).slice(1).sort());
  expect(events.at(-1)).toMatchObject({ members: 129 });
});

it('gives up on tokens that never last', async () => {
  const { directory, pool, options, record } = setUp([{ name: 'all', members: names(130) }]);
  await record();
  directory.options = {
    before: (_, { token }) => {
      if (token !== undefined) throw failure('token');
    },
  };
  await expect(listMembers(pool, options())).rejects.toMatchObject({ kind: 'token' });
  expect(directory.calls.get('ListUsersInGroup')).toBe(12);
});

it('forgets a group that is deleted meanwhile', async () => {
  const { db, directory, pool, options, record } = setUp([
    { name: 'all', members: names(130) },
    { name: 'b', members: ['u1'] },
  ]);
  await record();
  directory.options = { before: (_, { token }) => void (token !== undefined && directory.groups.delete('all')) };
  await listMembers(pool, options());
  expect(db.all('SELECT name, done FROM pool_groups')).toEqual([['b', 1]]);
  expect(db.count('SELECT count(*) FROM group_members')).toBe(1);
});

it('ends where a page leads to itself', async () => {
  const { directory, pool, options, record } = setUp([{ name: 'all', members: names(130) }]);
  await record();
  directory.listMembers = async () => ({ users: [], nextToken: 'again' });
  await expect(listMembers(pool, options())).rejects.toMatchObject({ code: 'ERR_POOL' });
});

it('repeats what was throttled, and ends at the first failure that does not pass', async () => {
  const { directory, pool, options, record, members, events } = setUp([
    { name: 'a', members: names(200) },
    { name: 'b', members: names(3) },
  ]);
  await record();
  directory.options = {
    before: (_, { attempt, token }) => {
      if (attempt === 1) throw failure('throttled');
      if (token === '120') throw failure('refused');
    },
  };
  await expect(listMembers(pool, options())).rejects.toMatchObject({ kind: 'refused' });
  expect(members('a')).toHaveLength(120);
  expect(members('b')).toHaveLength(3);
  expect(events.at(-1)).toMatchObject({ throttled: 1, done: false });
});
