import { describe, expect, it } from 'vitest';
import { runApply } from '../../../src/migrate/apply.js';
import { runPlan } from '../../../src/migrate/plan.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { readCertainUsers } from '../../../src/migrate/publish.js';
import { readReportRows, readStatus } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { planAge } from '../../../src/migrate/state/finished-plan.js';
import type { State } from '../../../src/migrate/state/state.js';
import { runVerify } from '../../../src/migrate/verify.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, failure } from '../support/fake-directory.js';
import { state, statePath } from '../support/workspace.js';

const users = (pool: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({
    username: `user${from + index}`,
    sub: `${(from + index) % 10}-${pool}-${from + index}`,
    attributes: { email: `p${from + index}@example.com`, email_verified: 'true' },
  }));

function pools(legacy = 10, fresh = 10) {
  const clock = new AutoClock();
  const legacyPool = new FakeDirectory('old_1', { users: users('old', legacy), clock });
  const newPool = new FakeDirectory('new_1', { users: users('new', fresh), clock });
  const events: ProgressEvent[] = [];
  const plan = (opened: State, options: Partial<PlanOptions> = {}) =>
    runPlan({
      state: opened,
      legacyPools: [legacyPool],
      newPool,
      clock,
      onProgress: (event) => events.push(structuredClone(event)),
      ...options,
    });
  return { clock, legacyPool, newPool, plan, events };
}

const certain = (opened: State) => [...readCertainUsers(opened)].map(({ newSub }) => newSub).sort();
const listCalls = (directory: FakeDirectory) => directory.calls.get('ListUsers') ?? 0;
const broken = {
  before: (operation: string) => {
    if (operation === 'ListUsers') throw failure('refused');
  },
};

describe('while a plan is made', () => {
  it('the finished one goes on answering, to the end of a plan that fails', async () => {
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
    newPool.options = {
      before: (operation) => {
        if (operation === 'DescribeUserPool') throw failure('credentials');
        throw failure('refused');
      },
    };
    await expect(plan(opened)).rejects.toThrow();
    expect(readStatus(opened).warnings).toEqual(expect.arrayContaining(['of the first plan']));
    newPool.options = {};
    await plan(opened, { fresh: true });
    expect(readStatus(opened).warnings).toEqual([]);
  });

  it('a reader that asked for it goes on reading the one it began with', async () => {
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

  it('tells how old it is', async () => {
    const opened = state();
    const { plan, clock } = pools();
    expect(planAge(opened, clock.now())).toBeUndefined();
    const begun = clock.now();
    await plan(opened);
    const planned = clock.now();
    await clock.sleep(3_600_000);
    expect(planAge(opened, clock.now())).toEqual({
      planned: clock.now() - planned,
      listed: clock.now() - begun,
      legacyListed: clock.now() - begun,
    });
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

describe('a plan that was not finished', () => {
  async function unfinished() {
    const opened = state();
    const made = pools(200, 200);
    const { plan, newPool, clock } = made;
    await plan(opened);
    newPool.options = { clock, ...broken };
    await expect(plan(opened)).rejects.toThrow();
    newPool.options = { clock };
    return { ...made, opened };
  }

  it('goes on, and lists no pool again', async () => {
    const { plan, opened, legacyPool } = await unfinished();
    const calls = listCalls(legacyPool);
    await plan(opened);
    expect(listCalls(legacyPool)).toBe(calls);
  });

  it('is thrown away with `fresh`', async () => {
    const { plan, opened, legacyPool } = await unfinished();
    const calls = listCalls(legacyPool);
    expect(await plan(opened, { fresh: true })).toMatchObject({ legacyUsers: 200, newUsers: 200 });
    expect(listCalls(legacyPool)).toBeGreaterThan(calls);
  });

  it('recommends `--fresh` after a day', async () => {
    const { plan, opened, clock, events } = await unfinished();
    await clock.sleep(25 * 3_600_000);
    await plan(opened);
    expect(events).toContainEqual({ type: 'warning', message: expect.stringContaining('--fresh') });
  });
});

describe('beside a running apply', () => {
  it('a plan is made, and comes into force when it is run again afterwards', async () => {
    const path = statePath();
    const { plan, newPool, legacyPool, events, clock } = pools(200, 200);
    const planning = state(path);
    await plan(planning);
    planning.close();
    const applying = state(path, 'write');
    newPool.users.delete('user0');
    const beside = state(path, 'plan');
    const result = await plan(beside);
    expect(result).toMatchObject({ newUsers: 199, writes: 199, inForce: false });
    expect(events.at(-1)).toEqual({
      type: 'warning',
      message: expect.stringMatching(/^An apply or a rollback is running: this plan comes into force when/),
    });
    expect(readStatus(applying)).toMatchObject({ phase: 'planned', running: true, plan: { writes: 200 } });
    expect(await runVerify({ state: applying, newPool, clock })).toMatchObject({ missing: 199 });
    applying.close();
    const calls = listCalls(newPool) + listCalls(legacyPool);
    expect(await plan(beside)).not.toHaveProperty('inForce');
    expect(listCalls(newPool) + listCalls(legacyPool)).toBe(calls);
    expect(readStatus(beside)).toMatchObject({ phase: 'planned', plan: { writes: 199 }, warnings: [] });
  });

  it.each(['verify', 'publish'] as const)('the same beside a %s', async (access) => {
    const path = statePath();
    const { plan } = pools();
    const planning = state(path);
    await plan(planning);
    const other = state(path, access);
    expect(await plan(planning)).toMatchObject({ inForce: false });
    other.close();
    expect(await plan(planning)).not.toHaveProperty('inForce');
  });

  it('writes that it began while the pools were listed stay open', async () => {
    const path = statePath();
    const { plan, clock } = pools();
    const opened = state(path);
    await plan(opened);
    const begin = (username: string, at: number) =>
      opened.db.run(
        `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
         VALUES (1, 'attribute', ?, '', 'custom:legacy_sub', 'x', '', 'begun', ?)`,
        username,
        at,
      );
    begin('user1', clock.now() - 3_600_000);
    // A listing may show what was there before these.
    begin('user3', clock.now() - 1000);
    begin('user2', clock.now() + 10);
    await clock.sleep(5);
    await plan(opened);
    expect(opened.db.all("SELECT username FROM operations WHERE status = 'begun'")).toEqual([['user3'], ['user2']]);
  });
});
