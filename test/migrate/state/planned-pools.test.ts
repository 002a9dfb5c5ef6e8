import { describe, expect, it } from 'vitest';
import { runPlan } from '../../../src/migrate/plan.js';
import { bindPools, checkPools, inOrderOf, requireUnboundOrSame } from '../../../src/migrate/state/planned-pools.js';
import { FakeGroups } from '../groups/support/fake-groups.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, failure } from '../support/fake-directory.js';
import { broken } from '../support/pools-to-plan.js';
import { user } from '../support/stamped-pools.js';
import { state } from '../support/workspace.js';

const newPool = new FakeDirectory('new_1');
const [one, two, three] = ['old_1', 'old_2', 'old_3'].map((id) => new FakeDirectory(id)) as [
  FakeDirectory,
  FakeDirectory,
  FakeDirectory,
];

describe('the pools of a state', () => {
  it('keep the numbers of the first plan, whatever order they are given in later', () => {
    const opened = state();
    const first = bindPools(opened, [two, one], newPool);
    expect(first.map(({ id, side, directory }) => [id, side, directory.userPoolId])).toEqual([
      [1, 'legacy', 'old_2'],
      [2, 'legacy', 'old_1'],
      [3, 'new', 'new_1'],
    ]);
    expect(bindPools(opened, [one, two], newPool)).toEqual(first);
    expect(inOrderOf(first, [one, two])).toEqual([two, one]);
    expect(opened.pools).toEqual({ legacy: ['old_2', 'old_1'], new: 'new_1' });
  });

  it('are the same ones in any order, and no others', () => {
    const opened = state();
    bindPools(opened, [one, two], newPool);
    expect(() => checkPools(opened, newPool, [two, one])).not.toThrow();
    for (const others of [[one], [one, three], [one, two, three]]) {
      expect(() => checkPools(opened, newPool, others)).toThrow(expect.objectContaining({ code: 'ERR_STATE_INVALID' }));
    }
    expect(() => checkPools(opened, one, [newPool, two])).toThrow(/belongs to other pools/);
  });

  it('are forgotten for others, as long as nothing was listed or planned', () => {
    const opened = state();
    bindPools(opened, [three], newPool);
    requireUnboundOrSame(opened, { legacyPools: [three], newPool }, false);
    expect(opened.pools).toEqual({ legacy: ['old_3'], new: 'new_1' });
    requireUnboundOrSame(opened, { legacyPools: [one], newPool }, false);
    expect(opened.pools).toBeUndefined();
    bindPools(opened, [one], newPool);
    expect(opened.pools).toEqual({ legacy: ['old_1'], new: 'new_1' });
  });

  it('are kept once users were listed, unless the plan is to start again', async () => {
    const opened = state();
    const users = [user('ann', { email: 'ann@x.org' })];
    const failing = new FakeDirectory('new_1', { before: broken.before });
    const plan = { state: opened, clock: new AutoClock() };
    await expect(
      runPlan({ ...plan, legacyPools: [new FakeDirectory('old_1', { users })], newPool: failing }),
    ).rejects.toThrow();
    const right = { ...plan, legacyPools: [new FakeDirectory('old_2', { users })], newPool };
    await expect(runPlan(right)).rejects.toMatchObject({
      code: 'ERR_STATE_INVALID',
      fix: expect.stringContaining('`plan --fresh` replaces it'),
    });
    expect(await runPlan({ ...right, fresh: true })).toMatchObject({ legacyUsers: 1 });
    expect(opened.pools).toEqual({ legacy: ['old_2'], new: 'new_1' });
    const other = { ...right, legacyPools: [three], fresh: true };
    await expect(runPlan(other)).rejects.toMatchObject({ code: 'ERR_STATE_INVALID' });
  });

  it('are not stored before they have answered', async () => {
    const opened = state();
    const before = () => {
      throw failure('refused', 'DescribeUserPool', 'ResourceNotFoundException');
    };
    const typo = { state: opened, legacyPools: [one], newPool: new FakeDirectory('new_9', { before }) };
    await expect(runPlan({ ...typo, clock: new AutoClock() })).rejects.toMatchObject({ code: 'ERR_POOL' });
    expect(opened.pools).toBeUndefined();
    expect(opened.meta.get('draft')).toBeUndefined();
  });

  it('give the same groups and memberships in any order', async () => {
    const person = (name: string, pool: number) =>
      user(`${name}${pool}`, { sub: `sub-${name}`, email: `${name}@x.org` });
    const directories = [
      new FakeDirectory('old_1', { users: [person('ann', 1)] }),
      new FakeDirectory('old_2', { users: [person('ben', 2)] }),
    ];
    const groups = [
      new FakeGroups('old_1', [{ name: 'staff', description: 'first', members: ['ann'] }]),
      new FakeGroups('old_2', [{ name: 'staff', description: 'second', members: ['ben'] }, { name: 'old_1_Okta' }]),
    ];
    const fresh = new FakeDirectory('new_1', {
      users: [user('ann', { email: 'ann@x.org' }), user('ben', { email: 'ben@x.org' })],
    });
    const opened = state();
    const plan = (turn: <T>(list: readonly T[]) => readonly T[]) =>
      runPlan({
        state: opened,
        legacyPools: turn(directories),
        newPool: fresh,
        groups: { legacyPools: turn(groups), newPool: new FakeGroups('new_1', []) },
        clock: new AutoClock(),
      });
    const planned = () =>
      opened.db.all(`SELECT g.name, g.description, m.status, n.username FROM planned_groups g
        LEFT JOIN memberships m ON m.planned_group = g.id LEFT JOIN new_users n ON n.id = m.user ORDER BY 1, 4`);
    const result = await plan((list) => list);
    const before = planned();
    expect(result.groups).toMatchObject({ memberships: 2 });
    expect(await plan((list) => list.toReversed())).toEqual(result);
    expect(planned()).toEqual(before);
  });
});
