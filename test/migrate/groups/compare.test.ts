import { expect, it } from 'vitest';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { verifyGroups } from '../../../src/migrate/groups/compare.js';
import { checkPolicy } from '../../../src/migrate/matching/policy.js';
import { UserStore } from '../../../src/migrate/matching/users.js';
import { VERIFY_TABLES } from '../../../src/migrate/state/schema.js';
import { AutoClock } from '../support/auto-clock.js';
import { makePlanTables } from '../support/plan-tables.js';
import { state } from '../support/workspace.js';
import { type FakeGroup, FakeGroups, fakeUser } from './support/fake-groups.js';

/**
 * The plan: group `made` was missing, `there` was not and had u9 in it. u1 and u2 are to be in both; u2 is in `there` already,
 * and u3 would be in too many groups.
 */
function planned() {
  const { db } = state();
  makePlanTables(db);
  db.exec(`${VERIFY_TABLES}
    INSERT INTO pools (id, side, user_pool_id) VALUES (1, 'legacy', 'old'), (2, 'new', 'new');
    INSERT INTO planned_groups (id, name, present) VALUES (1, 'made', 0), (2, 'there', 1);
    INSERT INTO memberships (planned_group, user, status)
      VALUES (1, 1, 'add'), (1, 2, 'add'), (2, 1, 'add'), (2, 2, 'present'), (1, 3, 'over-limit');
    INSERT INTO pool_groups (id, purpose, pool, name, wanted, done) VALUES (1, 'plan', 2, 'there', 1, 1);
    INSERT INTO group_members VALUES (1, 'u2'), (1, 'u9')`);
  const store = new UserStore(db, checkPolicy({}), (_, value) => value);
  store.addNew(['u1', 'u2', 'u3'].map(fakeUser));
  const observed = (...names: readonly string[]) => {
    for (const name of names) db.run('INSERT INTO observed (username, sub) VALUES (?, ?)', name, `sub-${name}`);
  };
  const clock = new AutoClock();
  const verify = (...groups: readonly FakeGroup[]) => {
    const directory = new FakeGroups('new', [...groups, { name: 'unrelated', members: ['u1'] }]);
    return verifyGroups(directory, { db, clock, pace: new Pace(1000, clock) });
  };
  return { observed, verify, db };
}

const there = { name: 'there', members: ['u1', 'u2', 'u9'] };
const made = { name: 'made', members: ['u1', 'u2'] };

it.each<[string, FakeGroup[], object]>([
  ['all is there', [made, there], { checked: 5, right: 5, missing: 0, extra: 0 }],
  ['nothing is there', [], { checked: 5, right: 0, missing: 5, extra: 0 }],
  ['a group was not created', [there], { checked: 5, right: 2, missing: 3, extra: 0 }],
  ['a member is missing', [{ ...made, members: ['u2'] }, there], { checked: 5, right: 4, missing: 1, extra: 0 }],
  ['somebody who was there has left', [made, { ...there, members: ['u1', 'u2'] }], { right: 5, missing: 0, extra: 0 }],
  ['somebody has come', [{ ...made, members: ['u1', 'u2', 'u9'] }, there], { right: 5, missing: 0, extra: 1 }],
  ['somebody is in who was over the limit', [{ ...made, members: ['u1', 'u2', 'u3'] }, there], { right: 5, extra: 1 }],
])('tells what differs from the plan: %s', async (_, groups, result) => {
  const { observed, verify } = planned();
  observed('u1', 'u2', 'u3', 'u9');
  expect(await verify(...groups)).toMatchObject(result);
});

it('tells what a rollback took back from what is missing otherwise, by the last thing that was done', async () => {
  const { observed, verify, db } = planned();
  observed('u1', 'u2', 'u3', 'u9');
  const done = (plan: number, kind: string, username: string, target: string, status: string) =>
    db.run(
      `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
       VALUES (?, ?, ?, ?, ?, '', '', ?, 1)`,
      ...[plan, kind, username, username === '' ? '' : `sub-${username}`, target, status],
    );
  done(1, 'member', 'u1', 'made', 'rolled-back');
  done(1, 'member', 'u2', 'made', 'rolled-back');
  done(2, 'member', 'u2', 'made', 'written');
  expect(await verify({ ...made, members: [] }, there)).toMatchObject({ missing: 2, rolledBack: 1 });
  done(2, 'group', '', 'made', 'rolled-back');
  expect(await verify(there)).toMatchObject({ missing: 3, rolledBack: 2 });
});

it('misses nobody who was deleted', async () => {
  const { observed, verify } = planned();
  observed('u2', 'u3', 'u9');
  expect(await verify({ ...made, members: ['u2'] }, { ...there, members: ['u2', 'u9'] })).toEqual({
    checked: 3,
    right: 3,
    missing: 0,
    extra: 0,
  });
});

it('reads everything again each time', async () => {
  const { observed, verify } = planned();
  observed('u1', 'u2', 'u3', 'u9');
  expect(await verify(made, there)).toMatchObject({ right: 5 });
  expect(await verify(there)).toMatchObject({ right: 2, missing: 3 });
});

it('knows a stranger under a planned username for a member whom nobody planned', async () => {
  const { observed, verify, db } = planned();
  observed('u1', 'u2', 'u3', 'u9');
  db.run("UPDATE observed SET sub = 'another' WHERE username = 'u2'");
  expect(await verify(made, there)).toEqual({ checked: 3, right: 3, missing: 0, extra: 2 });
});
