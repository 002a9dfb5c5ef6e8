import { describe, expect, it } from 'vitest';
import { state } from '../support/workspace.js';
import { type FakeGroup, failure } from './support/fake-groups.js';
import { apply, members, names, type Pools, plan, pools, rollback } from './support/two-pools.js';

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
    expect(warnings).toEqual(['The group a appeared in the new pool after the plan was made. It is not changed.']);
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
