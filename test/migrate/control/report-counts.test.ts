import { expect, it } from 'vitest';
import { countReport } from '../../../src/migrate/control/report-counts.js';
import { readStatus } from '../../../src/migrate/report.js';
import type { State } from '../../../src/migrate/state/state.js';
import { failure } from '../groups/support/fake-groups.js';
import { apply, names, type Pools, plan, pools, rollback } from '../groups/support/two-pools.js';
import { state, statePath } from '../support/workspace.js';

const count = (opened: State) => countReport(opened, readStatus(opened));
const tally = (planned: number, more: object = {}) => ({
  ...{ planned, written: 0, skipped: 0, failed: 0, rolledBack: 0, left: 0 },
  ...more,
});

/** Four users in one group, which is new, and u0 in another. */
async function planned(users = 4): Promise<{ readonly all: Pools; readonly opened: State }> {
  const all = pools(users, [
    { name: 'all', members: names(users) },
    { name: 'few', members: ['u0'] },
  ]);
  const opened = state(statePath());
  await plan(opened, all);
  return { all, opened };
}

it('counts values, groups and memberships apart', async () => {
  const { all, opened } = await planned();
  const before = { values: tally(4, { left: 4 }), groups: tally(2, { left: 2 }), memberships: tally(5, { left: 5 }) };
  expect(count(opened)).toMatchObject({ phase: 'planned', ...before, failedUsers: 0, needPerson: 0 });
  await apply(opened, all, { maxWrites: 3 });
  const half = count(opened);
  expect(half).toMatchObject({ phase: 'applying', groups: tally(2, { written: 2 }), values: { written: 1, left: 3 } });
  await apply(opened, all);
  expect(count(opened)).toMatchObject({ phase: 'applied', memberships: tally(5, { written: 5 }) });
  await rollback(opened, all);
  const undone = { phase: 'rolled-back', values: tally(4, { rolledBack: 4 }), groups: tally(2, { rolledBack: 2 }) };
  expect(count(opened)).toMatchObject(undone);
});

it('counts a user once, however many of their writes failed, and names the groups that were refused', async () => {
  const { all, opened } = await planned();
  all.newGroups.options = {
    before: (operation, { group }) => {
      if (operation === 'CreateGroup' && group === 'few') throw failure('invalid', operation);
    },
  };
  all.fresh.options = {
    ...all.fresh.options,
    before: (operation, { username }) => {
      if (operation === 'AdminUpdateUserAttributes' && username === 'u1') throw failure('invalid', operation);
    },
  };
  all.fresh.users.delete('u2');
  await apply(opened, all);
  expect(count(opened)).toMatchObject({
    ...{ failedUsers: 1, skippedUsers: 1, needPerson: 1 },
    failedGroups: [{ name: 'few', error: 'invalid' }],
  });
});

it('counts a user once who needs a person for two reasons', async () => {
  const { all, opened } = await planned();
  all.fresh.options = {
    ...all.fresh.options,
    before: (operation, { username }) => {
      if (operation === 'AdminUpdateUserAttributes' && username !== 'u3') throw failure('invalid', operation);
    },
  };
  await apply(opened, all);
  expect(count(opened)).toMatchObject({ failedUsers: 3, needPerson: 3 });
  opened.db.exec("UPDATE memberships SET status = 'over-limit'");
  expect(count(opened).needPerson).toBe(4);
  opened.db.exec("UPDATE decisions SET outcome = 'conflict' WHERE user = 1");
  expect(count(opened).needPerson).toBe(3);
});

it('is about the finished plan while another is being made', async () => {
  const { all, opened } = await planned();
  await apply(opened, all);
  const { phase } = readStatus(opened);
  expect(countReport(opened, { ...readStatus(opened), phase: 'listing' }).phase).toBe(phase);
});
