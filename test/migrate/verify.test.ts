import { describe, expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { readVerifyProblems } from '../../src/migrate/attributes/compare.js';
import type { PlanOptions } from '../../src/migrate/options.js';
import { runPlan } from '../../src/migrate/plan.js';
import { readStatus } from '../../src/migrate/report.js';
import { runVerify } from '../../src/migrate/verify.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory, type FakeUser, failure } from './support/fake-directory.js';
import { state } from './support/workspace.js';

const HEX = '0123456789abcdef';
const NAME = 'custom:legacy_sub';

const people = (pool: string, count: number): FakeUser[] =>
  Array.from({ length: count }, (_, i) => ({
    username: `user${i}`,
    sub: `${HEX[i % 16]}-${pool}-${i}`,
    attributes: { email: `p${i}@example.com`, email_verified: 'true' },
  }));

async function applied(
  change: (pool: FakeDirectory) => void = () => {},
  options: Partial<PlanOptions> = {},
  count = 10,
) {
  const opened = state();
  const clock = new AutoClock();
  const pool = new FakeDirectory('new_1', { users: people('new', count) });
  change(pool);
  const legacy = new FakeDirectory('old_1', { users: people('old', count) });
  await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock, ...options });
  await runApply({ state: opened, newPool: pool, clock, rps: 1000, quota: 1000 });
  const verify = () => runVerify({ state: opened, newPool: pool, clock });
  return { opened, pool, clock, verify };
}

const set = (pool: FakeDirectory, username: string, value: string | undefined) => {
  const user = pool.users.get(username);
  if (value === undefined) delete user?.attributes[NAME];
  else Object.assign(user?.attributes ?? {}, { [NAME]: value });
};

describe('verify', () => {
  it('finds everything right after a clean apply, and keeps what it found', async () => {
    const { opened, verify } = await applied();
    const result = { checked: 10, right: 10, wrong: 0, missing: 0, duplicates: 0 };
    expect(await verify()).toEqual(result);
    expect(readStatus(opened).verified).toEqual({ at: expect.any(Date), result });
    expect([...readVerifyProblems(opened)]).toEqual([]);
  });

  it('finds what was changed since', async () => {
    const { opened, pool, verify } = await applied();
    set(pool, 'user1', 'something');
    set(pool, 'user2', undefined);
    set(pool, 'user3', '4-old-4');
    pool.users.delete('user5');
    expect(await verify()).toEqual({ checked: 9, right: 6, wrong: 2, missing: 1, duplicates: 2 });
    expect([...readVerifyProblems(opened)]).toEqual([
      { newUsername: 'user1', newSub: '1-new-1', expected: '1-old-1', actual: 'something', problem: 'wrong' },
      { newUsername: 'user2', newSub: '2-new-2', expected: '2-old-2', actual: '', problem: 'missing' },
      { newUsername: 'user3', newSub: '3-new-3', expected: '3-old-3', actual: '4-old-4', problem: 'wrong' },
    ]);
    expect([...readVerifyProblems(opened, 1)]).toHaveLength(1);
  });

  it.each([
    ['a value nobody explains', (pool: FakeDirectory) => set(pool, 'stranger', 'junk')],
    ['a conflict that was not overwritten', (pool: FakeDirectory) => set(pool, 'user0', 'junk')],
  ])('counts %s as wrong', async (_, change) => {
    const { verify } = await applied((pool) => {
      pool.users.set('stranger', { username: 'stranger', sub: 'f-new', attributes: {} });
      change(pool);
    });
    expect(await verify()).toMatchObject({ wrong: 1, missing: 0 });
  });

  it('takes the own sub of a stamped user for right', async () => {
    const { verify } = await applied(
      (pool) => {
        pool.users.set('stranger', { username: 'stranger', sub: 'f-new', attributes: {} });
        pool.users.set('stamped', { username: 'stamped', sub: 'e-new', attributes: { [NAME]: 'e-new' } });
      },
      { stampNewBorn: true },
    );
    expect(await verify()).toEqual({ checked: 12, right: 12, wrong: 0, missing: 0, duplicates: 0 });
  });

  it('does not judge users who came after the plan, and says so', async () => {
    const { opened, pool, verify } = await applied();
    pool.users.set('late', { username: 'late', sub: 'f-late', attributes: { [NAME]: '0-old-0' } });
    expect(await verify()).toMatchObject({ checked: 10, right: 10, duplicates: 2 });
    expect(readStatus(opened).warnings).toEqual([expect.stringContaining('appeared after the plan')]);
  });

  it('does not take a new user under an old name for the old one', async () => {
    const { pool, verify } = await applied();
    pool.users.set('user0', { username: 'user0', sub: 'f-late', attributes: {} });
    expect(await verify()).toMatchObject({ checked: 9, right: 9, missing: 0 });
  });

  it('reads anew each time, in shards, from the beginning', async () => {
    const { opened, pool, verify } = await applied(undefined, {}, 300);
    expect(await verify()).toMatchObject({ right: 300 });
    set(pool, 'user7', 'other');
    pool.options = {
      ...pool.options,
      before: (_, { attempt }) => {
        if (attempt === 10) throw failure('credentials');
      },
    };
    pool.calls.clear();
    await expect(verify()).rejects.toMatchObject({ code: 'ERR_CREDENTIALS' });
    expect(readStatus(opened).verified).toBeUndefined();
    expect(await verify()).toMatchObject({ right: 299, wrong: 1 });
  });

  it('needs a finished plan', async () => {
    const verify = runVerify({ state: state(), newPool: new FakeDirectory('new_1'), clock: new AutoClock() });
    await expect(verify).rejects.toMatchObject({ code: 'ERR_STATE_NOT_READY' });
  });
});
