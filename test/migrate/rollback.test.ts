import { describe, expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { runPlan } from '../../src/migrate/plan.js';
import { readStatus } from '../../src/migrate/report.js';
import { runRollback } from '../../src/migrate/rollback.js';
import type { RollbackOptions } from '../../src/migrate/run-options.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory, type FakeUser, failure } from './support/fake-directory.js';
import { state } from './support/workspace.js';

const NAME = 'custom:legacy_sub';

const people = (pool: string, count: number, change: (user: FakeUser, i: number) => void = () => {}): FakeUser[] =>
  Array.from({ length: count }, (_, i) => {
    const attributes: Record<string, string> = { email: `p${i}@example.com`, email_verified: 'true' };
    const user = { username: `user${i}`, sub: `${pool}-${i}`, attributes };
    change(user, i);
    return user;
  });

/** Ten users, of whom user0 is right already and user1 held `other` before it was overwritten. */
async function applied() {
  const opened = state();
  const clock = new AutoClock();
  const users = people('new', 10, (user, i) => {
    if (i < 2) user.attributes[NAME] = i === 0 ? 'old-0' : 'other';
  });
  const pool = new FakeDirectory('new_1', { users });
  const legacy = new FakeDirectory('old_1', { users: people('old', 10) });
  const plan = (options = {}) => runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock, ...options });
  await plan();
  const apply = () => runApply({ state: opened, newPool: pool, clock, overwrite: true });
  await apply();
  const rollback = (options: Partial<RollbackOptions> = {}) =>
    runRollback({ state: opened, newPool: pool, clock, ...options });
  return { opened, pool, clock, plan, apply, rollback, writes: () => pool.writes.slice(9) };
}

describe('rollback', () => {
  it('removes and restores what was written, and nothing else', async () => {
    const { opened, pool, rollback } = await applied();
    expect(await rollback()).toMatchObject({
      removed: 8,
      restored: 1,
      changed: 0,
      skipped: 0,
      failed: 0,
      remaining: 0,
    });
    expect([...pool.users.keys()].map((name) => pool.value(name))).toEqual([
      'old-0',
      'other',
      ...Array(8).fill(undefined),
    ]);
    expect(readStatus(opened)).toMatchObject({ phase: 'rolled-back', writes: { rolledBack: 9, written: 0 } });
    expect(await rollback()).toMatchObject({ removed: 0, restored: 0, remaining: 0, attempts: 0 });
  });

  it.each([
    ['a value before', "before = 'osher' WHERE username = 'user1'"],
    ['a username', "username = 'user2 ' WHERE username = 'user2'"],
    ['a value', "value = 'old-9' WHERE username = 'user2'"],
    ['an attribute', "target = 'custom:legacy_sud' WHERE username = 'user2'"],
    ['a checksum', "checksum = NULL WHERE username = 'user2'"],
  ])('undoes nothing where damage has changed %s, except for the others', async (_, damage) => {
    const { opened, pool, rollback } = await applied();
    const before = pool.writes.length;
    opened.db.run(`UPDATE operations SET ${damage}`);
    await expect(rollback()).rejects.toMatchObject({
      code: 'ERR_STATE_INVALID',
      fix: expect.stringContaining('--users'),
    });
    expect(pool.writes.length).toBe(before);
    expect(await rollback({ users: [{ newUsername: 'user5', line: 2 }] })).toMatchObject({ removed: 1 });
  });

  it('leaves values that somebody else has set since', async () => {
    const { pool, rollback } = await applied();
    await pool.updateAttributes('user3', { [NAME]: 'elsewhere' });
    await pool.deleteAttributes('user4', [NAME]);
    expect(await rollback()).toMatchObject({ removed: 6, restored: 1, changed: 2, remaining: 0 });
    expect([pool.value('user3'), pool.value('user4')]).toEqual(['elsewhere', undefined]);
  });

  it('skips users who are gone', async () => {
    const { pool, rollback } = await applied();
    pool.users.delete('user3');
    expect(await rollback()).toMatchObject({ removed: 7, skipped: 1, remaining: 0 });
  });

  it.each([
    ['was there when it was written', -60_000, { removed: 8, changed: 0 }, undefined],
    ['was created at a time nobody knows', undefined, { removed: 8, changed: 0 }, undefined],
    ['was created after it was written', 3_600_000, { removed: 7, changed: 1 }, 'old-3'],
  ])('of a username that was registered again removes the value if its holder %s', async (_, later, counts, left) => {
    const { pool, clock, opened, rollback } = await applied();
    const createdAt = later === undefined ? {} : { createdAt: new Date(clock.now() + later) };
    pool.users.set('user3', { username: 'user3', sub: 'another', attributes: { [NAME]: 'old-3' }, ...createdAt });
    const warnings: string[] = [];
    const onProgress: RollbackOptions['onProgress'] = (event) =>
      event.type === 'warning' && warnings.push(event.message);
    expect(await rollback({ onProgress })).toMatchObject({ ...counts, restored: 1, skipped: 0, remaining: 0 });
    expect(pool.value('user3')).toBe(left);
    expect(warnings).toHaveLength(left === undefined ? 1 : 0);
    expect(readStatus(opened).writes.written).toBe(left === undefined ? 0 : 1);
  });

  it('takes what it wrote to both owners of a username back once', async () => {
    const { pool, clock, plan, apply, rollback } = await applied();
    const attributes = { email: 'p3@example.com', email_verified: 'true' };
    pool.users.set('user3', { username: 'user3', sub: 'another', attributes, createdAt: new Date(clock.now()) });
    await plan();
    await apply();
    expect(pool.value('user3')).toBe('old-3');
    // What the second plan wrote to the second owner is not of the first.
    expect(await rollback({ plan: 1, dryRun: true })).toMatchObject({ removed: 7, restored: 1, skipped: 1 });
    expect(await rollback()).toMatchObject({ removed: 8, restored: 1, changed: 0, skipped: 1, remaining: 0 });
    expect(pool.value('user3')).toBeUndefined();
  });

  it('leaves somebody new under an old name alone who holds something else', async () => {
    const { pool, rollback } = await applied();
    pool.users.set('user3', { username: 'user3', sub: 'another', attributes: { [NAME]: 'old-77' } });
    expect(await rollback()).toMatchObject({ removed: 7, skipped: 1, changed: 0 });
    expect(pool.value('user3')).toBe('old-77');
  });

  it('reads with ListUsers only', async () => {
    const { pool, rollback } = await applied();
    pool.calls.clear();
    await rollback();
    expect([...pool.calls.keys()].sort()).toEqual([
      'AdminDeleteUserAttributes',
      'AdminUpdateUserAttributes',
      'ListUsers',
    ]);
  });

  it('works on pools that do not filter', async () => {
    const { pool, rollback } = await applied();
    pool.options = { ...pool.options, ignoresFilter: true };
    expect(await rollback()).toMatchObject({ removed: 8, restored: 1 });
  });

  it('stops at max-writes, and continues from there', async () => {
    const { rollback, writes } = await applied();
    expect(await rollback({ maxWrites: 4 })).toMatchObject({ remaining: 5 });
    expect(writes()).toHaveLength(4);
    expect(await rollback()).toMatchObject({ remaining: 0 });
    expect(writes()).toHaveLength(9);
  });

  it('asks first', async () => {
    const { rollback, writes } = await applied();
    const asked: unknown[] = [];
    const result = await rollback({ confirm: (estimate) => asked.push(estimate) < 0 });
    expect(asked).toMatchObject([{ writes: 9 }]);
    expect(result).toMatchObject({ removed: 0, remaining: 9 });
    expect(writes()).toEqual([]);
  });

  it('knows what a killed rollback had done already', async () => {
    const { opened, pool, rollback } = await applied();
    // Sent, and killed before the answer was recorded.
    opened.db.run("UPDATE operations SET undo_begun_at = 1 WHERE username IN ('user1', 'user2')");
    await pool.updateAttributes('user1', { [NAME]: 'other' });
    await pool.deleteAttributes('user2', [NAME]);
    expect(await rollback()).toMatchObject({ removed: 8, restored: 1, changed: 0 });
    expect(readStatus(opened).writes.rolledBack).toBe(9);
  });

  it.each([
    ['arrived', 'old-3', { removed: 8, changed: 0 }],
    ['did not arrive', undefined, { removed: 7, changed: 0 }],
  ])('undoes a write that a killed apply began, if it %s', async (_, value, expected) => {
    const { opened, pool, rollback } = await applied();
    opened.db.run("UPDATE operations SET status = 'begun', ended_at = NULL WHERE username = 'user3'");
    if (value === undefined) await pool.deleteAttributes('user3', [NAME]);
    expect(await rollback()).toMatchObject({ ...expected, remaining: 0 });
    expect(pool.value('user3')).toBeUndefined();
  });

  it('looks again for a write that a listing may only show later', async () => {
    const { opened, pool, clock, rollback } = await applied();
    opened.db.run("UPDATE operations SET status = 'begun', ended_at = NULL WHERE username = 'user3'");
    await pool.deleteAttributes('user3', [NAME]);
    expect(await rollback()).toMatchObject({ removed: 7 });
    await pool.updateAttributes('user3', { [NAME]: 'old-3' });
    expect(await rollback()).toMatchObject({ removed: 1, remaining: 0 });
    opened.db.run("UPDATE operations SET status = 'begun', undo_begun_at = NULL WHERE username = 'user3'");
    await clock.sleep(3_600_000);
    expect(await rollback()).toMatchObject({ removed: 0, changed: 0, remaining: 0 });
    expect(readStatus(opened).writes).toMatchObject({ inFlight: 0, rolledBack: 9 });
  });

  it('takes back a write that failed without an answer and was carried out', async () => {
    const { opened, pool, rollback } = await applied();
    const error = 'TimeoutError, after a call without an answer';
    opened.db.run("UPDATE operations SET status = 'failed', error = ? WHERE username = 'user3'", error);
    opened.db.run(
      "UPDATE operations SET status = 'failed', error = 'InvalidParameterException' WHERE username = 'user4'",
    );
    expect(await rollback()).toMatchObject({ removed: 7, restored: 1, remaining: 0 });
    expect([pool.value('user3'), pool.value('user4')]).toEqual([undefined, 'old-4']);
  });

  it('goes back behind several plans', async () => {
    const { pool, plan, apply, rollback } = await applied();
    const mapping = [
      { newUsername: 'user2', legacySub: 'old-3', line: 2 },
      { newUsername: 'user3', legacySub: 'old-2', line: 3 },
    ];
    await plan({ mapping });
    await apply();
    expect([pool.value('user2'), pool.value('user3')]).toEqual(['old-3', 'old-2']);
    expect(await rollback()).toMatchObject({ removed: 8, restored: 1, changed: 0 });
    expect([pool.value('user2'), pool.value('user3'), pool.value('user1')]).toEqual([undefined, undefined, 'other']);
  });

  it('is followed by a new plan, not by an apply of the old one', async () => {
    const { plan, apply, rollback, pool } = await applied();
    await rollback();
    await expect(apply()).rejects.toMatchObject({
      code: 'ERR_STATE_NOT_READY',
      message: expect.stringContaining('rolled back'),
    });
    expect(await plan()).toMatchObject({ writes: 8 });
    expect(await apply()).toMatchObject({ written: 9 });
    expect(pool.value('user5')).toBe('old-5');
  });

  it('ends at once for lack of rights, and says what it did', async () => {
    const { pool, rollback } = await applied();
    pool.options = {
      ...pool.options,
      before: (operation, { attempt }) => {
        if (operation === 'AdminDeleteUserAttributes' && attempt === 3) throw failure('credentials', operation);
      },
    };
    await expect(rollback({ concurrency: 1 })).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      partial: expect.objectContaining({ removed: 2 }),
    });
    expect(await rollback()).toMatchObject({ remaining: 0 });
  });

  it('has nothing to do where nothing was written', async () => {
    const result = await runRollback({ state: state(), newPool: new FakeDirectory('new_1'), clock: new AutoClock() });
    expect(result).toMatchObject({ removed: 0, remaining: 0 });
  });

  it.each([-86_400_000, 86_400_000])('tells how long it took when the wall clock is set by %d ms', async (byMs) => {
    const { clock, rollback } = await applied();
    let set = false;
    const from = clock.monotonic();
    const { seconds } = await rollback({
      rps: 2,
      onProgress: ({ type }) => {
        if (type !== 'write' || set) return;
        clock.setWallClock(byMs);
        set = true;
      },
    });
    expect(seconds).toBeGreaterThan(3.5);
    expect(seconds).toBeLessThan(6);
    expect(clock.monotonic() - from).toBeLessThan(6000);
  });
});

describe('a rollback of a part', () => {
  /** user2 and user3 were written by the first plan, and exchanged by the second an hour later. */
  async function appliedTwice() {
    const all = await applied();
    await all.clock.sleep(3_600_000);
    const secondAt = new Date(all.clock.now());
    const mapping = [
      { newUsername: 'user2', legacySub: 'old-3', line: 2 },
      { newUsername: 'user3', legacySub: 'old-2', line: 3 },
    ];
    await all.plan({ mapping });
    await all.apply();
    const values = () => [2, 3, 4].map((i) => all.pool.value(`user${i}`));
    return { ...all, secondAt, values };
  }

  it.each(['plan', 'since'] as const)('by %s restores what stood before', async (by) => {
    const { opened, rollback, apply, values, secondAt } = await appliedTwice();
    const part = by === 'plan' ? { plan: 2 } : { since: secondAt };
    expect(await rollback(part)).toMatchObject({ removed: 0, restored: 2, changed: 0, remaining: 0 });
    expect(values()).toEqual(['old-2', 'old-3', 'old-4']);
    // The rest of it stands, and can be gone on with.
    expect(readStatus(opened).phase).toBe('applied');
    expect(await apply()).toMatchObject({ written: 0, remaining: 0 });
    expect(await rollback()).toMatchObject({ removed: 8, restored: 1, remaining: 0 });
    expect(values()).toEqual([undefined, undefined, undefined]);
    expect(readStatus(opened).phase).toBe('rolled-back');
  });

  it('by plan leaves what a later plan has written over it', async () => {
    const { rollback, values } = await appliedTwice();
    expect(await rollback({ plan: 1 })).toMatchObject({ removed: 6, restored: 1, changed: 2 });
    expect(values()).toEqual(['old-3', 'old-2', undefined]);
  });

  it('by users takes back those alone', async () => {
    const { rollback, values } = await appliedTwice();
    const users = [
      { newUsername: 'user3', line: 2 },
      { newUsername: 'user5', line: 3 },
    ];
    expect(await rollback({ users })).toMatchObject({ removed: 2, restored: 0, remaining: 0 });
    expect(values()).toEqual(['old-3', undefined, 'old-4']);
  });

  it.each<[Partial<RollbackOptions>, RegExp]>([
    [{ users: [{ newUsername: 'nobody', line: 7 }] }, /line 7: this state has no such user/],
    [{ users: [] }, /does not name any user/],
    [{ plan: 3 }, /a plan of this state, which has 2, got 3/],
    [{ since: new Date('soon') }, /since/],
  ])('refuses what names nothing: %o', async (options, message) => {
    const { rollback, values } = await appliedTwice();
    await expect(rollback(options)).rejects.toThrow(message);
    expect(values()).toEqual(['old-3', 'old-2', 'old-4']);
  });

  it('can be tried out', async () => {
    const { opened, pool, rollback, values } = await appliedTwice();
    await pool.updateAttributes('user5', { [NAME]: 'elsewhere' });
    pool.users.delete('user6');
    const before = opened.db.all('SELECT * FROM operations');
    pool.calls.clear();
    const counts = { removed: 6, restored: 1, changed: 1, skipped: 1, remaining: 0 };
    expect(await rollback({ dryRun: true })).toMatchObject({ ...counts, attempts: 0, dryRun: true });
    expect(await rollback({ dryRun: true, plan: 2 })).toMatchObject({ removed: 0, restored: 2 });
    expect([...pool.calls.keys()]).toEqual(['ListUsers']);
    expect(opened.db.all('SELECT * FROM operations')).toEqual(before);
    expect(readStatus(opened).phase).toBe('applied');
    expect(await rollback()).toMatchObject(counts);
    expect(values()).toEqual([undefined, undefined, undefined]);
  });
});

it('knows what it took back without an answer', async () => {
  const opened = state();
  const clock = new AutoClock();
  const pool = new FakeDirectory('new_1', { users: people('new', 60), clock });
  const legacy = new FakeDirectory('old_1', { users: people('old', 60) });
  await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock });
  await runApply({ state: opened, newPool: pool, clock });
  const remove = pool.deleteAttributes.bind(pool);
  pool.deleteAttributes = async (username, names) => {
    await remove(username, names);
    if (username === 'user3') throw failure('unavailable', 'AdminDeleteUserAttributes');
  };
  const rollback = () => runRollback({ state: opened, newPool: pool, clock, rps: 1 });
  expect(await rollback()).toMatchObject({ removed: 59, failed: 1 });
  expect(pool.value('user3')).toBeUndefined();
  expect(await rollback()).toMatchObject({ removed: 1, changed: 0, failed: 0, remaining: 0 });
});
