import { describe, expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { readVerifyProblems } from '../../src/migrate/attributes/compare.js';
import { runPlan } from '../../src/migrate/plan.js';
import { readStatus } from '../../src/migrate/report.js';
import type { ApplyResult } from '../../src/migrate/results.js';
import type { PlanOptions } from '../../src/migrate/run-options.js';
import { planDigest } from '../../src/migrate/state/finished-plan.js';
import { listingAfter, runVerify } from '../../src/migrate/verify.js';
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
    expect(await verify()).toEqual({ checked: 9, right: 6, wrong: 2, missing: 1, duplicates: 2, gone: 1 });
    expect([...readVerifyProblems(opened)]).toEqual([
      { newUsername: 'user1', newSub: '1-new-1', expected: '1-old-1', actual: 'something', problem: 'wrong' },
      { newUsername: 'user2', newSub: '2-new-2', expected: '2-old-2', actual: '', problem: 'missing' },
      { newUsername: 'user3', newSub: '3-new-3', expected: '3-old-3', actual: '4-old-4', problem: 'wrong' },
    ]);
    expect([...readVerifyProblems(opened, { limit: 1 })]).toHaveLength(1);
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

  it.each<[string, string, object, number]>([
    ['the value of a planned user', '0-old-0', { checked: 11, right: 10, wrong: 1, duplicates: 2 }, 0],
    ['a value that no legacy user has', 'junk', { checked: 11, right: 10, wrong: 1, duplicates: 0 }, 0],
    ['the legacy sub of somebody whom nobody claims', 'a-old-10', { checked: 10, right: 10, wrong: 0 }, 1],
    ['their own sub', 'f-late', { checked: 10, right: 10, wrong: 0 }, 1],
  ])('judges somebody who came after the plan with %s', async (_, value, result, warnings) => {
    const { opened, pool, verify } = await applied((fresh) => fresh.users.delete('user10'), {}, 11);
    pool.users.set('late', { username: 'late', sub: 'f-late', attributes: { [NAME]: value } });
    expect(await verify()).toMatchObject(result);
    expect(readStatus(opened).warnings).toHaveLength(warnings);
    const problems = warnings === 1 ? [] : [{ newUsername: 'late', newSub: 'f-late', expected: '', actual: value }];
    expect([...readVerifyProblems(opened)]).toMatchObject(problems);
  });

  it.each([undefined, '0-old-0'])(
    'takes a stranger under a planned username for wrong, who holds %s',
    async (value) => {
      const { opened, pool, verify } = await applied();
      const attributes = value === undefined ? {} : { [NAME]: value };
      pool.users.set('user0', { username: 'user0', sub: 'f-late', attributes });
      expect(await verify()).toMatchObject({ checked: 10, right: 9, wrong: 1, missing: 0, gone: 1 });
      const [problem] = readVerifyProblems(opened);
      const reason = 'another sub has this username';
      expect(problem).toMatchObject({
        newUsername: 'user0',
        newSub: 'f-late',
        expected: '0-old-0',
        problem: 'wrong',
        reason,
      });
    },
  );

  it('reads planned users by sub whom the listing lacks', async () => {
    const { opened, pool, verify } = await applied(undefined, {}, 100);
    set(pool, 'user3', 'something');
    set(pool, 'user4', undefined);
    pool.users.delete('user5');
    const isLacking = (username: string) => ['user3', 'user4', 'user5', 'user6'].includes(username);
    pool.options = {
      ...pool.options,
      // Whole pages of the listing come without them; whoever asks for fewer users gets them.
      page: (page, { subPrefix = '' }) =>
        subPrefix.length > 1 ? page : { ...page, users: page.users.filter(({ username }) => !isLacking(username)) },
    };
    expect(await verify()).toMatchObject({ checked: 99, right: 97, wrong: 1, missing: 1, unlisted: 3, gone: 1 });
    expect(readStatus(opened).warnings).toEqual([
      expect.stringContaining('lacked 3 planned users'),
      expect.stringContaining('1 planned user was deleted'),
    ]);
  });

  it('never proves a plan with a value that its own listing does not know', async () => {
    const { opened, pool, verify } = await applied();
    opened.db.run("UPDATE decisions SET value = '3-olt-3' WHERE value = '3-old-3'");
    set(pool, 'user3', '3-olt-3');
    await expect(verify()).rejects.toMatchObject({ code: 'ERR_STATE_INVALID' });
    // Nor where nothing shows that the plan was changed.
    opened.meta.set('digest', await planDigest(opened.db, opened.meta.get('attribute') ?? ''));
    expect(await verify()).toMatchObject({ checked: 10, right: 9, wrong: 1 });
    expect([...readVerifyProblems(opened)]).toMatchObject([{ reason: expect.stringContaining('damaged') }]);
    // What an earlier plan wrote may be of somebody who has left the legacy pool.
    opened.db.run("UPDATE decisions SET rule = 'written' WHERE value = '3-olt-3'");
    opened.meta.set('digest', await planDigest(opened.db, opened.meta.get('attribute') ?? ''));
    expect(await verify()).toMatchObject({ checked: 10, right: 10, wrong: 0 });
  });

  it('reads again each time, in shards, from the beginning', async () => {
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

it('does not count as foreseen what has changed since the plan', async () => {
  const { pool, verify } = await applied((fake) => {
    Object.assign(fake.users.get('user1')?.attributes ?? {}, { email_verified: 'false' });
    set(fake, 'user2', 'held-before');
  });
  expect(await verify()).toMatchObject({ wrong: 1, foreseen: 1 });
  // Nobody planned anything for user1, who takes the id of another one.
  set(pool, 'user1', '3-old-3');
  expect(await verify()).toMatchObject({ wrong: 2, foreseen: 1 });
  set(pool, 'user2', '4-old-4');
  expect(await verify()).not.toHaveProperty('foreseen');
});

it('with the listing of the plan as well, tells who took a username that was to be written', async () => {
  const { opened, pool, clock } = await applied();
  pool.users.set('user3', { username: 'user3', sub: 'f-stranger', attributes: { [NAME]: '3-old-3' } });
  const result = await runVerify({ state: opened, newPool: pool, clock, listing: 'plan' });
  expect(result).toMatchObject({ checked: 10, right: 9, wrong: 1 });
  expect([...readVerifyProblems(opened)]).toEqual([
    expect.objectContaining({ newUsername: 'user3', newSub: 'f-stranger', problem: 'wrong' }),
  ]);
});

it.each([
  ['nothing was written', null, 'plan'],
  ['little was written, soon after the plan', { written: 10, seconds: 3_600 }, 'plan'],
  ['more than a hundredth was written', { written: 11, seconds: 60 }, 'pool'],
  ['writing took more than an hour', { written: 1, seconds: 3_601 }, 'pool'],
] as const)('where %s (%j), a nightly run compares with the listing of the %s', (_name, apply, listing) => {
  expect(listingAfter(1_000, apply as ApplyResult | null)).toBe(listing);
});
