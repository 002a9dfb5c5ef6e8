import { describe, expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { runPlan } from '../../src/migrate/plan.js';
import { readReportRows } from '../../src/migrate/report.js';
import { runRollback } from '../../src/migrate/rollback.js';
import type { ApplyOptions } from '../../src/migrate/run-options.js';
import { runVerify } from '../../src/migrate/verify.js';
import { FakeGroups } from './groups/support/fake-groups.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory, type FakeUser, failure } from './support/fake-directory.js';
import { state } from './support/workspace.js';

const NAME = 'custom:legacy_sub';
const HEX = '0123456789abcdef';

const people = (pool: string, count: number): FakeUser[] =>
  Array.from({ length: count }, (_, i) => ({
    username: `user${i}`,
    sub: `${HEX[i % 16]}-${pool}-${i}`,
    attributes: { email: `p${i}@example.com`, email_verified: 'true' },
  }));

/** user3 is in the legacy group `admins`; user2 held another value before. */
async function planned(count = 8) {
  const opened = state();
  const clock = new AutoClock();
  const pool = new FakeDirectory('new_1', { users: people('new', count), clock });
  const legacy = new FakeDirectory('old_1', { users: people('old', count) });
  Object.assign(pool.users.get('user2')?.attributes ?? {}, { [NAME]: 'other' });
  const legacyGroups = new FakeGroups('old_1', [{ name: 'admins', members: ['user2', 'user3'] }]);
  // The fake groups give their members the subs that these users have.
  legacyGroups.listMembers = async () => ({
    users: [...legacy.users.values()]
      .filter(({ username }) => ['user2', 'user3'].includes(username))
      .map((user) => ({
        ...user,
        sub: user.sub,
        status: '',
        enabled: true,
        createdAt: undefined,
        modifiedAt: undefined,
      })),
    nextToken: undefined,
  });
  const newGroups = new FakeGroups('new_1', []);
  const groups = { legacyPools: [legacyGroups], newPool: newGroups };
  await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock, groups });
  const apply = (options: Partial<ApplyOptions> = {}) =>
    runApply({ state: opened, newPool: pool, newGroups, clock, ...options });
  const verify = () => runVerify({ state: opened, newPool: pool, newGroups, clock });
  const rollback = () => runRollback({ state: opened, newPool: pool, newGroups, clock });
  const admins = () => [...(newGroups.groups.get('admins')?.members ?? [])];
  const reasons = () => [...readReportRows(opened, { writes: ['skipped', 'failed'] })].map(({ error }) => error);
  return { opened, clock, pool, apply, verify, rollback, admins, reasons };
}

const stranger = (username: string): FakeUser => ({ username, sub: 'f-stranger', attributes: {} });

describe('a username that a stranger registered again', () => {
  it('between plan and apply gets neither the id nor the group, and verify says so', async () => {
    const { pool, apply, verify, admins, reasons } = await planned();
    pool.users.set('user3', stranger('user3'));
    expect(await apply()).toMatchObject({ written: 7, skipped: 2, changed: 2, remaining: 0 });
    expect(pool.value('user3')).toBeUndefined();
    expect(admins()).toEqual([]);
    expect(reasons()).toEqual([
      expect.stringMatching(/changed: another sub has this username.*group admins: changed: another sub/),
    ]);
    expect(await verify()).toMatchObject({ right: 6, wrong: 2 });
  });

  it('while the run waited gets nothing either: what was read is too old by then', async () => {
    const { pool, clock, apply } = await planned();
    let once = true;
    pool.options = {
      ...pool.options,
      before: (operation, { username }) => {
        if (operation !== 'AdminUpdateUserAttributes' || username !== 'user0' || !once) return;
        once = false;
        // For longer than what was read may be believed; the stranger comes meanwhile.
        throw failure('throttled', operation);
      },
    };
    const sleep = clock.sleep;
    clock.sleep = async (ms, signal) => {
      if (!once && ms > 100 && pool.users.get('user0')?.sub !== 'f-stranger') {
        pool.users.set('user0', stranger('user0'));
        await sleep(15_000, signal);
      }
      return sleep(ms, signal);
    };
    expect(await apply({ concurrency: 1 })).toMatchObject({ skipped: 1, changed: 1 });
    expect(pool.value('user0')).toBeUndefined();
  });

  it('after the write is told by verify, and loses value and membership with rollback', async () => {
    const { pool, apply, verify, rollback, admins } = await planned();
    await apply();
    expect(admins()).toEqual(['user3']);
    pool.users.set('user3', { ...stranger('user3'), attributes: { [NAME]: pool.value('user3') ?? '' } });
    expect(await verify()).toMatchObject({ wrong: 2 });
    await rollback();
    expect([pool.value('user3'), admins()]).toEqual([undefined, []]);
  });
});

describe('a value that somebody else set since the plan', () => {
  it.each([false, true])('is never overwritten, with overwrite %s', async (overwrite) => {
    const { pool, apply, reasons } = await planned();
    Object.assign(pool.users.get('user1')?.attributes ?? {}, { [NAME]: 'elsewhere' });
    Object.assign(pool.users.get('user2')?.attributes ?? {}, { [NAME]: 'elsewhere' });
    expect(await apply({ overwrite })).toMatchObject({ changed: overwrite ? 2 : 1 });
    expect([pool.value('user1'), pool.value('user2')]).toEqual(['elsewhere', 'elsewhere']);
    expect(reasons()).toContainEqual(expect.stringContaining('changed by somebody else since the plan'));
  });

  it('is left where it is the right one, and not taken back', async () => {
    const { pool, apply, verify, rollback, admins } = await planned();
    const value = '3-old-3';
    Object.assign(pool.users.get('user3')?.attributes ?? {}, { [NAME]: value });
    expect(await apply()).toMatchObject({ skipped: 1, changed: 0 });
    // They hold what was planned, so they become a member.
    expect(admins()).toEqual(['user3']);
    expect(await verify()).toMatchObject({ right: 7 });
    await rollback();
    expect(pool.value('user3')).toBe(value);
  });
});

it('leaves alone who was disabled or enabled since the plan', async () => {
  const { pool, apply, admins } = await planned();
  Object.assign(pool.users.get('user3') ?? {}, { enabled: false });
  expect(await apply()).toMatchObject({ skipped: 2, changed: 2 });
  expect([pool.value('user3'), admins()]).toEqual([undefined, []]);
});

it.each([
  ['a value', "UPDATE decisions SET value = '0-olt-0' WHERE value = '0-old-0'"],
  ['the user of a value', 'UPDATE decisions SET user = -user WHERE user = 1'],
  ['a username', "UPDATE new_users SET username = 'user0 ' WHERE username = 'user0'"],
  ['a sub', "UPDATE new_users SET sub = '0-mew-0' WHERE username = 'user0'"],
  ['a group', "UPDATE planned_groups SET name = 'adminz'"],
  ['a membership', 'UPDATE memberships SET user = user + 1'],
  ['the attribute', `UPDATE meta SET value = '"custom:legacy_sud"' WHERE key = 'attribute'`],
  ['the digest', "DELETE FROM meta WHERE key = 'digest'"],
])('writes nothing from a plan in which damage has changed %s', async (_, damage) => {
  const { opened, pool, apply, admins } = await planned();
  opened.db.run(damage);
  await expect(apply()).rejects.toMatchObject({ code: 'ERR_STATE_INVALID', fix: expect.stringContaining('Restore') });
  expect([pool.calls.get('updateAttributes') ?? 0, admins()]).toEqual([0, []]);
});

describe('a write that was answered badly and carried out', () => {
  /** Carries out every attempt to write user1, and answers none of them. */
  async function unanswered(more: (attempt: number) => Error) {
    const all = await planned(40);
    const update = all.pool.updateAttributes.bind(all.pool);
    let attempts = 0;
    all.pool.updateAttributes = async (username, attributes) => {
      await update(username, attributes);
      if (username !== 'user1') return;
      attempts += 1;
      throw more(attempts);
    };
    return { ...all, attempts: () => attempts };
  }

  it('is found before it is sent again, and taken back', async () => {
    const { pool, clock, apply, rollback, attempts } = await unanswered(() => failure('unavailable'));
    const sleep = clock.sleep;
    // Every pause is longer than what was read may be believed.
    clock.sleep = (ms, signal) => sleep(ms > 100 ? 20_000 : ms, signal);
    expect(await apply()).toMatchObject({ failed: 0, skipped: 0, remaining: 0 });
    expect(attempts()).toBe(1);
    clock.sleep = sleep;
    await rollback();
    expect(pool.value('user1')).toBeUndefined();
  });

  it('is found at the end though a later attempt was refused', async () => {
    const { opened, pool, apply, rollback } = await unanswered((attempt) =>
      attempt === 1 ? failure('unavailable') : failure('invalid'),
    );
    expect(await apply()).toMatchObject({ written: 41, failed: 0, remaining: 0 });
    expect(opened.db.all("SELECT status, error FROM operations WHERE username = 'user1'")).toEqual([['written', null]]);
    await rollback();
    expect(pool.value('user1')).toBeUndefined();
  });

  it('is taken back though its apply was never continued', async () => {
    const { pool, apply, rollback } = await unanswered((attempt) =>
      attempt === 1 ? failure('unavailable') : failure('credentials'),
    );
    await expect(apply({ concurrency: 1 })).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
    expect(pool.value('user1')).toBe('1-old-1');
    await rollback();
    expect(pool.value('user1')).toBeUndefined();
  });
});

it('lets memberships wait for an attribute that could not be written', async () => {
  const { pool, apply, admins } = await planned();
  let refuse = true;
  pool.options = {
    ...pool.options,
    before: (operation, { username }) => {
      if (operation === 'AdminUpdateUserAttributes' && username === 'user3' && refuse)
        throw failure('invalid', operation);
    },
  };
  expect(await apply()).toMatchObject({ failed: 1, remaining: 1 });
  expect(admins()).toEqual([]);
  refuse = false;
  expect(await apply()).toMatchObject({ written: 2, failed: 0, remaining: 0 });
  expect(admins()).toEqual(['user3']);
});

it('limited to some users, creates the groups they need and adds them alone', async () => {
  const { apply, admins, pool } = await planned();
  expect(await apply({ only: [{ newUsername: 'user0', line: 2 }] })).toMatchObject({ written: 1 });
  expect(admins()).toEqual([]);
  const dryRun = await apply({ only: [{ newUsername: 'user3', line: 2 }], dryRun: true });
  expect(dryRun).toMatchObject({ written: 0, wouldWrite: 3 });
  expect(await apply({ only: [{ newUsername: 'user3', line: 2 }] })).toMatchObject({ written: 3 });
  expect([admins(), pool.value('user3'), pool.value('user1')]).toEqual([['user3'], '3-old-3', undefined]);
});

it('adds no member whose value was removed after it was written', async () => {
  const { pool, clock, apply, admins, reasons } = await planned();
  // The group and all attributes, and not the membership.
  expect(await apply({ maxWrites: 8 })).toMatchObject({ written: 8, remaining: 1 });
  delete pool.users.get('user3')?.attributes[NAME];
  await clock.sleep(3_600_000);
  expect(await apply()).toMatchObject({ written: 0, skipped: 1, changed: 1 });
  expect(admins()).toEqual([]);
  expect(reasons()).toEqual([expect.stringContaining('does not hold the planned value')]);
});

it('writes as fast as it may while it reads again', async () => {
  const { pool, apply } = await planned(1500);
  pool.options = { ...pool.options, latencyMs: 250 };
  const { written, seconds } = await apply({ rps: 25 });
  expect(written).toBe(1501);
  expect(written / seconds).toBeGreaterThan(25 * 0.98);
  // Of the groups' directory no call takes any time.
  expect(pool.calls.get('ListUsers')).toBeLessThan(1500 / 4);
});
