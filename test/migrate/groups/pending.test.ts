import { describe, expect, it } from 'vitest';
import type { DirectoryErrorKind } from '../../../src/directory/user-types.js';
import { runApply } from '../../../src/migrate/apply.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { runRollback } from '../../../src/migrate/rollback.js';
import type { State } from '../../../src/migrate/state/state.js';
import { runVerify } from '../../../src/migrate/verify.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';
import { type FakeGroup, FakeGroups, failure } from './support/fake-groups.js';

const names = (count: number) => Array.from({ length: count }, (_, n) => `u${n}`);

/** Users of one name in both pools; their subs in the legacy pool are those that its groups give. */
function pools(users: number, legacyGroups: readonly FakeGroup[], newGroups: readonly FakeGroup[] = []) {
  const clock = new AutoClock();
  const directory = (id: string, sub: (name: string) => string) =>
    new FakeDirectory(id, {
      users: names(users).map((username) => ({ username, sub: sub(username), attributes: { sub: sub(username) } })),
      adminCreateUserOnly: true,
      clock,
    });
  return {
    clock,
    legacy: directory('legacy', (name) => `sub-${name}`),
    fresh: directory('new', (name) => `new-${name}`),
    legacyGroups: new FakeGroups('legacy', legacyGroups),
    newGroups: new FakeGroups('new', newGroups),
  };
}

type Pools = ReturnType<typeof pools>;

const plan = (opened: State, { clock, legacy, fresh, legacyGroups, newGroups }: Pools) =>
  runPlan({
    state: opened,
    clock,
    legacyPools: [legacy],
    newPool: fresh,
    readRps: 1000,
    groups: { legacyPools: [legacyGroups], newPool: newGroups },
  });
const apply = (opened: State, { clock, fresh, newGroups }: Pools, more = {}) =>
  runApply({ state: opened, clock, newPool: fresh, newGroups, rps: 10, ...more });
const rollback = (opened: State, { clock, fresh, newGroups }: Pools) =>
  runRollback({ state: opened, clock, newPool: fresh, newGroups, rps: 100, quota: 100, readRps: 1000 });
const members = ({ newGroups }: Pools, group: string) => [...(newGroups.groups.get(group)?.members ?? [])].sort();

it('keeps one pace for all, and creates groups at four a second', async () => {
  const groups = Array.from({ length: 20 }, (_, n) => ({ name: `g${n}`, members: n === 0 ? names(100) : [] }));
  const all = pools(100, groups);
  const opened = state();
  const estimate = await plan(opened, all);
  expect(estimate).toMatchObject({ writes: 220, estimatedSeconds: 25, estimatedMau: 100 });
  const result = await apply(opened, all);
  expect(result).toMatchObject({ written: 220, remaining: 0, attempts: 220 });
  expect(result.seconds).toBeGreaterThan(23);
  expect(result.seconds).toBeLessThan(27);
});

it('counts a user once who gets an attribute and memberships, and one who gets memberships only', async () => {
  const all = pools(3, [
    { name: 'a', members: names(3) },
    { name: 'b', members: names(3) },
  ]);
  const right = all.fresh.users.get('u0');
  if (right !== undefined) right.attributes['custom:legacy_sub'] = 'sub-u0';
  expect(await plan(state(), all)).toMatchObject({ writes: 2 + 2 + 6, estimatedMau: 3 });
});

it('ends before the first write where the groups are not given', async () => {
  const all = pools(1, [{ name: 'a', members: ['u0'] }]);
  const opened = state();
  await plan(opened, all);
  const { clock, fresh, legacyGroups } = all;
  await expect(runApply({ state: opened, clock, newPool: fresh })).rejects.toThrow(/newGroups/);
  await expect(runVerify({ state: opened, clock, newPool: fresh, newGroups: legacyGroups })).rejects.toThrow(
    /newGroups/,
  );
  expect(fresh.writes).toEqual([]);
  await expect(
    runPlan({
      state: opened,
      clock,
      legacyPools: [all.legacy],
      newPool: fresh,
      groups: { legacyPools: [], newPool: all.newGroups },
    }),
  ).rejects.toThrow(/groups/);
});

describe('creating a group', () => {
  const desired: FakeGroup = { name: 'a', description: 'what it is', members: ['u0'] };

  /** The call arrives, and its answer does not. */
  const lost = (all: Pools) => {
    const create = all.newGroups.createGroup.bind(all.newGroups);
    all.newGroups.createGroup = async (group) => {
      all.newGroups.createGroup = create;
      await create(group);
      throw failure('unavailable', 'CreateGroup');
    };
  };

  it('counts as done when it was, though the answer got lost', async () => {
    const all = pools(1, [desired]);
    const opened = state();
    await plan(opened, all);
    lost(all);
    expect(await apply(opened, all)).toMatchObject({ written: 3, skipped: 0, attempts: 4 });
    expect(await rollback(opened, all)).toMatchObject({ removed: 3, remaining: 0 });
    expect(all.newGroups.groups.size).toBe(0);
  });

  it('counts as done when the run before had done it and was killed', async () => {
    const all = pools(1, [desired]);
    const opened = state();
    await plan(opened, all);
    await apply(opened, all, { maxWrites: 1 });
    opened.db.exec("UPDATE operations SET status = 'begun', ended_at = NULL WHERE kind = 'group'");
    expect(await apply(opened, all)).toMatchObject({ written: 3, skipped: 0, remaining: 0 });
    expect(await rollback(opened, all)).toMatchObject({ removed: 3 });
  });

  it('is somebody else’s doing when it looks otherwise: that group is never deleted', async () => {
    const all = pools(1, [desired]);
    const opened = state();
    await plan(opened, all);
    await apply(opened, all, { maxWrites: 1 });
    opened.db.exec("UPDATE operations SET status = 'begun', ended_at = NULL WHERE kind = 'group'");
    const there = all.newGroups.groups.get('a');
    if (there !== undefined) there.group = { ...there.group, description: 'another' };
    const warnings: string[] = [];
    const onProgress = (event: { type: string; message?: string }) => event.message && warnings.push(event.message);
    expect(await apply(opened, all, { onProgress })).toMatchObject({ written: 2, skipped: 1, remaining: 0 });
    expect(warnings).toEqual(['The group a has come into the new pool since the plan. It is left as it is.']);
    expect(members(all, 'a')).toEqual(['u0']);
    await rollback(opened, all);
    expect(all.newGroups.groups.has('a')).toBe(true);
  });

  it('lets its members wait where it failed, until the next apply', async () => {
    const all = pools(2, [
      { name: 'bad', members: ['u0', 'u1'] },
      { name: 'good', members: ['u0'] },
    ]);
    const opened = state();
    await plan(opened, all);
    all.newGroups.options = {
      before: (operation, { group }) => {
        if (operation === 'CreateGroup' && group === 'bad') throw failure('invalid', operation);
      },
    };
    expect(await apply(opened, all)).toMatchObject({ written: 4, failed: 1, skipped: 0, remaining: 2 });
    expect(members(all, 'good')).toEqual(['u0']);
    all.newGroups.options = {};
    expect(await apply(opened, all)).toMatchObject({ written: 3, failed: 0, remaining: 0 });
    expect(members(all, 'bad')).toEqual(['u0', 'u1']);
  });
});

describe('adding members', () => {
  it.each<[DirectoryErrorKind, object]>([
    ['user-not-found', { skipped: 1, failed: 0 }],
    ['group-not-found', { skipped: 1, failed: 0 }],
    ['invalid', { skipped: 0, failed: 1 }],
  ])('does not end for one that cannot be: %s', async (kind, counts) => {
    const all = pools(3, [{ name: 'a', members: names(3) }]);
    const opened = state();
    await plan(opened, all);
    let once = true;
    all.newGroups.options = {
      before: (operation) => {
        if (operation !== 'AdminAddUserToGroup' || !once) return;
        once = false;
        throw failure(kind, operation);
      },
    };
    expect(await apply(opened, all, { concurrency: 1 })).toMatchObject({ written: 6, remaining: 0, ...counts });
  });

  it('slows down when throttled, and loses nothing', async () => {
    const all = pools(100, [{ name: 'a', members: names(100) }]);
    const opened = state();
    await plan(opened, all);
    all.newGroups.options = {
      before: (operation, { attempt }) => {
        if (operation === 'AdminAddUserToGroup' && attempt % 5 === 0) throw failure('throttled', operation);
      },
    };
    const result = await apply(opened, all);
    expect(result).toMatchObject({ written: 201, failed: 0, remaining: 0 });
    expect(result.throttled).toBeGreaterThan(20);
    expect(members(all, 'a')).toHaveLength(100);
  });

  it('is undone once, whichever plans added it', async () => {
    const all = pools(2, [{ name: 'a', members: ['u0'] }], [{ name: 'a', members: ['u1'] }]);
    const opened = state();
    await plan(opened, all);
    await apply(opened, all);
    // Somebody takes the user out, and the next plan puts them in again.
    all.newGroups.groups.get('a')?.members.delete('u0');
    await plan(opened, all);
    await apply(opened, all);
    all.newGroups.calls.clear();
    expect(await rollback(opened, all)).toMatchObject({ removed: 3, remaining: 0 });
    expect(all.newGroups.calls.get('AdminRemoveUserFromGroup')).toBe(1);
    expect(members(all, 'a')).toEqual(['u1']);
  });
});
