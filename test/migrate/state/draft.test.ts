import { describe, expect, it } from 'vitest';
import { runApply } from '../../../src/migrate/apply.js';
import { readCertainUsers } from '../../../src/migrate/publish/publish.js';
import { readReportRows, readStatus } from '../../../src/migrate/report.js';
import type { State } from '../../../src/migrate/state/state.js';
import { runVerify } from '../../../src/migrate/verify.js';
import { failure } from '../support/fake-directory.js';
import { broken, pools, users } from '../support/pools-to-plan.js';
import { state, statePath } from '../support/workspace.js';

const certain = (opened: State) => [...readCertainUsers(opened)].map(({ newSub }) => newSub).sort();
describe('while a plan is made', () => {
  it('the finished one keeps answering, to the end of a plan that fails', async () => {
    const opened = state();
    const { plan, newPool, legacyPool, clock } = pools();
    const first = await plan(opened);
    const before = {
      rows: [...readReportRows(opened)],
      certain: certain(opened),
      plannedAt: opened.meta.get('plannedAt'),
    };
    for (const user of users('new', 5, 10)) newPool.users.set(user.username, { ...user });
    legacyPool.users.delete('user3');
    newPool.options = { ...newPool.options, ...broken };
    await expect(plan(opened)).rejects.toThrow();
    expect([...readReportRows(opened)]).toEqual(before.rows);
    expect(certain(opened)).toEqual(before.certain);
    expect(readStatus(opened)).toMatchObject({ phase: 'listing', plan: { writes: first.writes, newUsers: 10 } });
    expect(opened.meta.get('plannedAt')).toBe(before.plannedAt);
    newPool.options = { clock };
    expect(await runVerify({ state: opened, newPool, clock })).toMatchObject({ missing: 10 });
    await expect(runApply({ state: opened, newPool, clock })).rejects.toMatchObject({ code: 'ERR_STATE_NOT_READY' });
    expect(await plan(opened)).toMatchObject({ newUsers: 15, legacyUsers: 9 });
    expect(readStatus(opened)).toMatchObject({ phase: 'planned', verified: undefined, plan: { newUsers: 15 } });
    expect([...readReportRows(opened)]).toHaveLength(15);
  });

  it('its warnings are told, and stay with it', async () => {
    const opened = state();
    const { plan, newPool } = pools();
    await plan(opened);
    opened.meta.addWarning('of the first plan');
    let listed = 0;
    newPool.options = {
      before: (operation) => {
        if (operation === 'DescribeUserPool') throw failure('refused');
        if (operation === 'ListUsers' && ++listed > 1) throw failure('refused');
      },
    };
    await expect(plan(opened)).rejects.toThrow();
    expect(readStatus(opened).warnings).toEqual(['of the first plan', expect.stringContaining('DescribeUserPool')]);
    newPool.options = {};
    await plan(opened, { fresh: true });
    expect(readStatus(opened).warnings).toEqual([]);
  });

  it('a reader that asked for it keeps reading the one it began with', async () => {
    const path = statePath();
    const opened = state(path);
    const { plan, newPool } = pools();
    await plan(opened);
    const reader = state(path, 'read');
    reader.freeze();
    const rows = readReportRows(reader);
    expect(rows.next().value).toMatchObject({ newUsername: 'user0' });
    newPool.users.clear();
    await plan(opened);
    expect([...rows]).toHaveLength(9);
    expect(readStatus(reader).plan).toMatchObject({ newUsers: 10 });
    reader.close();
    expect(readStatus(state(path, 'read')).plan).toMatchObject({ newUsers: 0 });
  });

  it('leaves no tables behind, however often it is made', async () => {
    const opened = state();
    const { plan } = pools();
    const tables = () => opened.db.all("SELECT name FROM sqlite_schema WHERE type IN ('table', 'index') ORDER BY name");
    await plan(opened);
    const count = tables().length;
    await plan(opened);
    await plan(opened);
    expect(tables()).toHaveLength(count);
    expect(tables().join()).not.toMatch(/draft_|old_/);
  });
});

it('in a large state, where long statements run aside, the plan is the same', { timeout: 120_000 }, async () => {
  const small = state();
  const large = state();
  large.db.exec('CREATE TABLE padding AS SELECT zeroblob(17000000) AS zeros; PRAGMA wal_checkpoint(TRUNCATE)');
  const { plan, newPool, clock } = pools(30, 40);
  const [held, other] = users('new', 2);
  if (held !== undefined) newPool.users.set('user0', { ...held, attributes: { 'custom:legacy_sub': '1-old-1' } });
  if (other !== undefined) newPool.users.set('twin', { ...other, username: 'twin', sub: 'a-new-a' });
  const mapping = [{ newUsername: 'user2', legacySub: '3-old-3', line: 2 }];
  const results = [];
  for (const opened of [small, large]) {
    const first = await plan(opened, { mapping, stampNewBorn: true });
    const verified = await runVerify({ state: opened, newPool, clock });
    results.push({ first, verified, rows: [...readReportRows(opened)] });
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[0]?.first.outcomes).toMatchObject({ duplicate: expect.any(Number), 'new-born': 10 });
});
