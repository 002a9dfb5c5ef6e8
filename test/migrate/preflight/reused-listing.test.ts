import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runPlan } from '../../../src/migrate/plan.js';
import { readReportRows } from '../../../src/migrate/report.js';
import type { PlanOptions } from '../../../src/migrate/run-options.js';
import { planAge } from '../../../src/migrate/state/finished-plan.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, failure } from '../support/fake-directory.js';
import { state } from '../support/workspace.js';

const users = (pool: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    username: `user${index}`,
    sub: `${index % 10}-${pool}-${index}`,
    attributes: { email: `p${index}@example.com`, email_verified: 'true' },
  }));

function setUp(adminCreateUserOnly = true) {
  const clock = new AutoClock();
  const opened = state();
  const legacyPool = new FakeDirectory('old_1', { users: users('old', 200), adminCreateUserOnly });
  const newPool = new FakeDirectory('new_1', { users: users('new', 150) });
  const plan = (options: Partial<PlanOptions> = {}) =>
    runPlan({ state: opened, legacyPools: [legacyPool], newPool, clock, ...options });
  return { clock, opened, legacyPool, newPool, plan, key: `${opened.path}.key` };
}

const REUSE = { reuseLegacyListing: true };
const listCalls = (directory: FakeDirectory) => directory.calls.get('ListUsers') ?? 0;

describe('the listing of the legacy pool, used again', () => {
  it('lists the new pool alone, and decides the same', async () => {
    const { opened, plan, legacyPool, newPool } = setUp();
    await plan();
    const calls = listCalls(legacyPool);
    const [newcomer] = users('new', 160).slice(159);
    if (newcomer !== undefined) newPool.users.set(newcomer.username, newcomer);
    const reused = await plan(REUSE);
    const rows = [...readReportRows(opened)];
    expect(listCalls(legacyPool)).toBe(calls);
    expect(reused).toMatchObject({ legacyUsers: 200, newUsers: 151, outcomes: { set: 151 }, notMigrated: 49 });
    expect(await plan()).toEqual(reused);
    expect([...readReportRows(opened)]).toEqual(rows);
    expect(listCalls(legacyPool)).toBeGreaterThan(calls);
  });

  it.each([
    [6, false],
    [8, true],
  ])('of %s days ago is warned about: %s', async (days, warned) => {
    const { plan, clock, opened } = setUp();
    await plan();
    await clock.sleep(days * 24 * 3_600_000);
    await plan(REUSE);
    const warnings = opened.meta.get('warnings') ?? [];
    expect(warnings.some((one) => one.includes(`listed ${days} days ago`))).toBe(warned);
  });

  it('can be used any number of times, keeps its tables, and says how old it is', async () => {
    const { opened, plan, clock } = setUp();
    const begun = clock.now();
    await plan();
    const pages = () =>
      opened.db.all("SELECT name, rootpage FROM sqlite_schema WHERE tbl_name LIKE 'legacy_%' ORDER BY name");
    const before = pages();
    await plan(REUSE);
    await clock.sleep(1000);
    expect(await plan(REUSE)).toMatchObject({ legacyUsers: 200, outcomes: { set: 150 } });
    expect(pages()).toEqual(before);
    expect(planAge(opened, clock.now())?.legacyListed).toBe(clock.now() - begun);
  });

  it('continues after a failure, and the finished plan answers meanwhile', async () => {
    const { opened, plan, legacyPool, newPool } = setUp();
    await plan();
    const calls = listCalls(legacyPool);
    newPool.options = {
      before: (operation) => {
        if (operation === 'ListUsers') throw failure('refused');
      },
    };
    await expect(plan(REUSE)).rejects.toThrow();
    expect([...readReportRows(opened)]).toHaveLength(150);
    newPool.options = {};
    expect(await plan(REUSE)).toMatchObject({ legacyUsers: 200, outcomes: { set: 150 } });
    expect(listCalls(legacyPool)).toBe(calls);
  });

  it('a plan without it lists both pools, also where one with it was not finished', async () => {
    const { plan, newPool, opened } = setUp();
    await plan();
    newPool.options = {
      before: (operation) => {
        if (operation === 'ListUsers') throw failure('refused');
      },
    };
    await expect(plan(REUSE)).rejects.toThrow();
    newPool.options = {};
    expect(await plan()).toMatchObject({ legacyUsers: 200, outcomes: { set: 150 } });
    expect(opened.meta.get('draft')).toBeUndefined();
  });
});

describe('its key', () => {
  it('stands beside the state, for its owner alone, and never in a planned state', async () => {
    const { opened, plan, key } = setUp();
    await plan();
    const text = readFileSync(key, 'utf8').trim();
    expect(text).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(key).mode & 0o777).toBe(0o600);
    opened.close();
    expect(readFileSync(opened.path, 'latin1')).not.toContain(text);
  });

  it('is not kept where people can sign themselves up in the legacy pool', async () => {
    const { plan, key, legacyPool } = setUp();
    await plan();
    expect(existsSync(key)).toBe(true);
    legacyPool.options = { ...legacyPool.options, adminCreateUserOnly: false };
    await plan();
    expect(existsSync(key)).toBe(false);
  });
});

it('is not kept either where they could when the listing was begun', async () => {
  const { plan, key, legacyPool, newPool } = setUp(false);
  newPool.options = {
    before: (operation) => {
      if (operation === 'ListUsers') throw failure('refused');
    },
  };
  await expect(plan()).rejects.toThrow();
  newPool.options = {};
  legacyPool.options = { ...legacyPool.options, adminCreateUserOnly: true };
  await plan();
  expect(existsSync(key)).toBe(false);
});

describe('is refused', () => {
  const refusal = (reason: RegExp) => ({ option: 'reuseLegacyListing', message: expect.stringMatching(reason) });

  it('without a finished plan', async () => {
    await expect(setUp().plan(REUSE)).rejects.toMatchObject(refusal(/no finished plan/));
  });

  it('with other options', async () => {
    const { plan } = setUp();
    await plan();
    await expect(plan({ ...REUSE, match: ['username'] })).rejects.toMatchObject(refusal(/other options/));
  });

  it('where people can sign up in the legacy pool', async () => {
    const { plan, legacyPool } = setUp();
    await plan();
    legacyPool.options = { ...legacyPool.options, adminCreateUserOnly: false };
    await expect(plan(REUSE)).rejects.toMatchObject(refusal(/sign themselves up in pool old_1/));
  });

  it('where they could when it was listed', async () => {
    const { plan, legacyPool } = setUp(false);
    await plan();
    legacyPool.options = { ...legacyPool.options, adminCreateUserOnly: true };
    await expect(plan(REUSE)).rejects.toMatchObject(refusal(/open for sign-up when it was listed/));
  });

  it('where that cannot be read', async () => {
    const { plan, legacyPool } = setUp();
    await plan();
    legacyPool.options = {
      before: (operation) => {
        if (operation === 'DescribeUserPool') throw failure('credentials', operation);
      },
    };
    await expect(plan(REUSE)).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
  });

  it.each([
    ['missing', (key: string) => rmSync(key)],
    ['of another plan', (key: string) => writeFileSync(key, `${'0'.repeat(64)}\n`)],
  ])('where the key is %s', async (_, change) => {
    const { plan, key, opened, legacyPool } = setUp();
    await plan();
    const calls = listCalls(legacyPool);
    chmodSync(key, 0o600);
    change(key);
    await expect(plan(REUSE)).rejects.toMatchObject(refusal(/is missing or belongs to another plan/));
    expect([...readReportRows(opened)]).toHaveLength(150);
    expect(listCalls(legacyPool)).toBe(calls);
  });

  it('a key that cannot be removed is named, and the plan is finished', async () => {
    const { opened, plan, key } = setUp(false);
    mkdirSync(key);
    await expect(plan()).rejects.toMatchObject({
      code: 'ERR_STATE_STORAGE',
      message: expect.stringContaining(`${key} cannot be removed`),
      fix: 'The plan is finished and does not need it: remove it.',
    });
    expect([...readReportRows(opened)]).toHaveLength(150);
  });
});
