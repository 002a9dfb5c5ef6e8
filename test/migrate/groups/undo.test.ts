import { expect, it } from 'vitest';
import type { GroupDirectory } from '../../../src/directory/group-types.js';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { countAddedGroups, groupDeletions, memberRemovals } from '../../../src/migrate/groups/undo.js';
import type { WriteStatus } from '../../../src/migrate/outcomes.js';
import { UndoJournal } from '../../../src/migrate/state/journal.js';
import { AutoClock } from '../support/auto-clock.js';
import { state } from '../support/workspace.js';
import { FakeGroups, failure } from './support/fake-groups.js';

const EVERYTHING = { plan: undefined, since: undefined, isLimited: false };
const PLAIN = JSON.stringify({ description: 'd' });

function setUp(directory: GroupDirectory) {
  const { db } = state();
  const clock = new AutoClock();
  const settled: string[] = [];
  const write = (kind: string, username: string, target: string, status: WriteStatus, plan = 1) =>
    db.run(
      `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
       VALUES (?, ?, ?, '', ?, ?, '', ?, 1)`,
      plan,
      kind,
      username,
      target,
      kind === 'group' ? PLAIN : '',
      status,
    );
  const undo = {
    db,
    journal: new UndoJournal(db, { now: clock.now }),
    directory,
    reads: { clock, pace: new Pace(100, clock) },
    scope: EVERYTHING,
    dryRun: false,
    onUndone: (what: string) => settled.push(what),
    onFound: (what: string) => settled.push(what),
  };
  const run = async (next: ReturnType<typeof memberRemovals>) => {
    for (let job = await next(); job !== undefined; job = await next()) {
      job.begin();
      await job.send();
      job.end('written');
    }
  };
  const statuses = () =>
    db.all<readonly [string, string]>('SELECT target, status FROM operations ORDER BY id').map((row) => row.join(' '));
  return { db, undo, settled, write, run, statuses };
}

it('removes what was written, and what may have been', async () => {
  const directory = new FakeGroups('new', [{ name: 'a', members: ['u1', 'u2', 'u3', 'u4'] }]);
  const { db, undo, settled, write, run, statuses } = setUp(directory);
  write('member', 'u1', 'a', 'written');
  write('member', 'u2', 'a', 'begun');
  write('member', 'u3', 'a', 'failed');
  write('member', 'u1', 'a', 'written', 2);
  write('attribute', 'u1', 'custom:legacy_sub', 'written');
  expect(countAddedGroups(db, EVERYTHING)).toEqual({ groups: 0, members: 2, users: 1 });
  await run(memberRemovals(undo));
  expect([...(directory.groups.get('a')?.members ?? [])]).toEqual(['u3', 'u4']);
  expect(settled).toEqual(['removed', 'removed']);
  expect(statuses()).toEqual([
    'a rolled-back',
    'a rolled-back',
    'a failed',
    'a rolled-back',
    'custom:legacy_sub written',
  ]);
  expect(countAddedGroups(db, EVERYTHING)).toEqual({ groups: 0, members: 0, users: 0 });
});

it('deletes groups that are empty and as they were created, the last first', async () => {
  const directory = new FakeGroups('new', [
    { name: 'empty', description: 'd' },
    { name: 'empty-too', description: 'd' },
    { name: 'changed', description: 'other' },
    { name: 'used', description: 'd', members: ['u9'] },
    { name: 'theirs', description: 'd' },
  ]);
  const deleted: string[] = [];
  directory.options = { before: (operation, { group }) => operation === 'DeleteGroup' && deleted.push(group) };
  const { undo, settled, write, run, statuses } = setUp(directory);
  for (const name of ['empty', 'empty-too', 'changed', 'used', 'gone']) write('group', '', name, 'written');
  write('group', '', 'theirs', 'skipped');
  await run(groupDeletions(undo));
  expect(deleted).toEqual(['empty-too', 'empty']);
  expect(settled).toEqual(['gone', 'changed', 'changed', 'removed', 'removed']);
  expect(statuses()).toEqual([
    'empty rolled-back',
    'empty-too rolled-back',
    'changed written',
    'used written',
    'gone skipped',
    'theirs skipped',
  ]);
});

it('removes members whose addition failed without an answer', async () => {
  const directory = new FakeGroups('new', [{ name: 'a', members: ['u1', 'u2'] }]);
  const { db, undo, write, run, statuses } = setUp(directory);
  write('member', 'u1', 'a', 'failed');
  write('member', 'u2', 'a', 'failed');
  db.run("UPDATE operations SET error = 'Refused, after a call without an answer' WHERE username = 'u1'");
  await run(memberRemovals(undo));
  expect([...(directory.groups.get('a')?.members ?? [])]).toEqual(['u2']);
  expect(statuses()).toEqual(['a rolled-back', 'a failed']);
});

it('takes back one plan alone, and no groups where it is limited to users', async () => {
  const directory = new FakeGroups('new', [
    { name: 'a', description: 'd', members: ['u1', 'u2'] },
    { name: 'b', description: 'd' },
  ]);
  const { db, undo, write, run } = setUp(directory);
  write('group', '', 'b', 'written', 2);
  write('member', 'u1', 'a', 'written', 1);
  write('member', 'u2', 'a', 'written', 2);
  const second = { ...EVERYTHING, plan: 2 };
  expect(countAddedGroups(db, second)).toMatchObject({ groups: 1, members: 1 });
  await run(memberRemovals({ ...undo, scope: second }));
  expect([...(directory.groups.get('a')?.members ?? [])]).toEqual(['u1']);

  db.exec("CREATE TEMP TABLE chosen (username TEXT PRIMARY KEY); INSERT INTO temp.chosen VALUES ('u1')");
  const chosen = { ...EVERYTHING, isLimited: true };
  expect(countAddedGroups(db, chosen)).toMatchObject({ groups: 0, members: 1 });
  await run(groupDeletions({ ...undo, scope: chosen }));
  expect(directory.groups.has('b')).toBe(true);
});

it.each([
  ['that an attempt without an answer has deleted counts as deleted', 'unavailable', undefined],
  ['that somebody else deleted while calls were throttled does not', 'throttled', 'group-not-found'],
] as const)('a group %s', async (_, first, last) => {
  const directory = new FakeGroups('new', [{ name: 'g', description: 'd' }]);
  const { undo, write } = setUp(directory);
  write('group', '', 'g', 'written');
  const failures = [failure(first), failure('group-not-found')];
  directory.deleteGroup = async () => {
    throw failures.shift();
  };
  const job = await groupDeletions(undo)();
  await expect(job?.send()).rejects.toMatchObject({ kind: first });
  const again = await job?.send().catch(({ kind }) => kind);
  expect(again).toBe(last);
});

it('looks past empty pages for members', async () => {
  const directory = new FakeGroups('new', [{ name: 'used', description: 'd', members: ['u1'] }]);
  const list = directory.listMembers.bind(directory);
  directory.listMembers = async (name, token) =>
    token === undefined ? { users: [], nextToken: 'next' } : list(name, undefined);
  const { undo, settled, write, run } = setUp(directory);
  write('group', '', 'used', 'written');
  await run(groupDeletions(undo));
  expect(settled).toEqual(['changed']);
});
