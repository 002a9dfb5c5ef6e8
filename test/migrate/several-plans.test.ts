import { expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { runPlan } from '../../src/migrate/plan.js';
import { readCertainUsers } from '../../src/migrate/publish/publish.js';
import { runRollback } from '../../src/migrate/rollback.js';
import type { PlanOptions } from '../../src/migrate/run-options.js';
import { FakeGroups } from './groups/support/fake-groups.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory, failure } from './support/fake-directory.js';
import { state, statePath } from './support/workspace.js';

const people = (pool: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    username: `user${i}`,
    sub: `${i}-${pool}-${i}`,
    attributes: { email: `p${i}@example.com`, email_verified: 'true' },
  }));

function pools(count = 4) {
  const clock = new AutoClock();
  const pool = new FakeDirectory('new_1', { users: people('new', count), clock });
  const legacy = new FakeDirectory('old_1', { users: people('old', count), clock });
  const plan = (opened: ReturnType<typeof state>, options: Partial<PlanOptions> = {}) =>
    runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock, ...options });
  return { clock, pool, legacy, plan };
}

/** Everything that is sent from now on is carried out, and the process is as good as killed before the answer. */
function killWhileWriting(pool: FakeDirectory, opened: ReturnType<typeof state>, username: string) {
  const update = pool.updateAttributes.bind(pool);
  pool.updateAttributes = async (name, attributes) => {
    await update(name, attributes);
    if (name === username) throw failure('credentials', 'AdminUpdateUserAttributes');
  };
  return () => {
    pool.updateAttributes = update;
    opened.db.run("UPDATE operations SET status = 'begun', ended_at = NULL, error = NULL WHERE username = ?", username);
  };
}

it('a second try of a write is not forgotten by a plan that listed the pool before it', async () => {
  const path = statePath();
  const { clock, pool, plan } = pools();
  const opened = state(path);
  await plan(opened);
  let refuse = true;
  pool.options = {
    ...pool.options,
    before: (operation, { username }) => {
      if (operation === 'AdminUpdateUserAttributes' && username === 'user1' && refuse)
        throw failure('invalid', operation);
    },
  };
  expect(await runApply({ state: opened, newPool: pool, clock })).toMatchObject({ written: 3, failed: 1 });
  await clock.sleep(3_600_000);
  // The next plan has listed everything, and cannot come into force beside an apply, which tries the write once more.
  const applying = state(path, 'write');
  expect(await plan(opened)).toMatchObject({ inForce: false });
  refuse = false;
  const draft = opened.meta.get('draft');
  opened.meta.delete('draft');
  const killed = killWhileWriting(pool, opened, 'user1');
  await expect(runApply({ state: applying, newPool: pool, clock })).rejects.toThrow();
  killed();
  applying.close();
  if (draft !== undefined) opened.meta.set('draft', draft);
  await plan(opened);
  expect(pool.value('user1')).toBe('1-old-1');
  const again = state(path, 'write');
  await runRollback({ state: again, newPool: pool, clock });
  expect(pool.value('user1')).toBeUndefined();
});

it('a write of another attribute that a killed run began stays open', async () => {
  const { clock, plan } = pools();
  const opened = state();
  await plan(opened);
  opened.db.run(
    `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
     VALUES (1, 'attribute', 'user1', '1-new-1', 'custom:other', '1-old-1', '', 'begun', ?)`,
    clock.now(),
  );
  await clock.sleep(3_600_000);
  await plan(opened);
  expect(opened.db.all("SELECT target FROM operations WHERE status = 'begun'")).toEqual([['custom:other']]);
});

it('a plan with groups that never came into force leaves no memberships to one without', async () => {
  const path = statePath();
  const { legacy, pool, plan } = pools();
  const opened = state(path);
  const legacyGroups = new FakeGroups('old_1', [{ name: 'admins', members: ['user1'] }]);
  for (const user of legacy.users.values()) user.sub = `sub-${user.username}`;
  const applying = state(path, 'write');
  const groups = { legacyPools: [legacyGroups], newPool: new FakeGroups('new_1', []) };
  expect(await plan(opened, { groups })).toMatchObject({ inForce: false, groups: { memberships: 1 } });
  applying.close();
  expect(await plan(opened)).not.toHaveProperty('groups');
  expect(opened.db.count('SELECT (SELECT count(*) FROM memberships) + (SELECT count(*) FROM planned_groups)')).toBe(0);
  expect(pool.users.size).toBe(4);
});

it('what a rollback takes back while a plan is made is not evidence for that plan', async () => {
  const path = statePath();
  const { clock, pool, legacy, plan } = pools();
  const opened = state(path);
  await plan(opened);
  await runApply({ state: opened, newPool: pool, clock });
  // Only what was written speaks for user1 from here on.
  legacy.users.delete('user1');
  let once = true;
  const list = pool.listUsers.bind(pool);
  pool.listUsers = async (request) => {
    const page = await list(request);
    if (once) {
      once = false;
      const undoing = state(path, 'write');
      await runRollback({ state: undoing, newPool: pool, clock });
      undoing.close();
    }
    return page;
  };
  await expect(plan(opened)).rejects.toMatchObject({ code: 'ERR_STATE_NOT_READY' });
  expect(await plan(opened)).toMatchObject({ outcomes: { set: 3, ok: 0, 'new-born': 1 } });
  expect([...readCertainUsers(opened)].map(({ newSub }) => newSub)).not.toContain('1-new-1');
});

it('an apply that means one plan does nothing of the next', async () => {
  const { clock, pool, plan } = pools();
  const opened = state();
  await plan(opened);
  await plan(opened);
  const apply = (number: number) => runApply({ state: opened, newPool: pool, clock, plan: number });
  await expect(apply(1)).rejects.toMatchObject({ code: 'ERR_STATE_NOT_READY' });
  expect(pool.writes).toEqual([]);
  expect(await apply(2)).toMatchObject({ written: 4 });
});

it('a write that failed without an answer, and was carried out, is evidence like any other', async () => {
  const { clock, pool, legacy, plan } = pools();
  const opened = state();
  await plan(opened);
  await runApply({ state: opened, newPool: pool, clock });
  const error = 'TimeoutError, after a call without an answer';
  opened.db.run("UPDATE operations SET status = 'failed', error = ? WHERE username IN ('user1', 'user2')", error);
  for (const name of ['user1', 'user2']) legacy.users.delete(name);
  await pool.updateAttributes('user2', { 'custom:legacy_sub': '1-old-9' });
  expect(await plan(opened)).toMatchObject({ outcomes: { ok: 3, unexplained: 1 } });
});
