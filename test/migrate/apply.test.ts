import { describe, expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { estimateApply } from '../../src/migrate/estimate.js';
import { runPlan } from '../../src/migrate/plan.js';
import type { ProgressEvent } from '../../src/migrate/progress.js';
import { readReportRows, readStatus } from '../../src/migrate/report.js';
import type { ApplyResult } from '../../src/migrate/results.js';
import type { ApplyOptions } from '../../src/migrate/run-options.js';
import type { State } from '../../src/migrate/state/state.js';
import { AutoClock } from './support/auto-clock.js';
import {
  FakeDirectory,
  type FakeDirectoryOptions,
  type FakeUser,
  failure,
  LEGACY_SUB,
} from './support/fake-directory.js';
import { state, statePath } from './support/workspace.js';

const people = (pool: string, count: number, change: (user: FakeUser, i: number) => void = () => {}): FakeUser[] =>
  Array.from({ length: count }, (_, i) => {
    const attributes: Record<string, string> = { email: `p${i}@example.com`, email_verified: 'true' };
    const number = String(i).padStart(4, '0');
    // New subs in the order of the numbers: that is the order of the writes.
    const user = { username: `user${number}`, sub: `${pool}-${pool === 'new' ? number : i}`, attributes };
    change(user, i);
    return user;
  });

/** A new pool of so many users, planned; its calls go through `before` from here on. */
async function planned(
  count: number,
  {
    opened = state(),
    change,
    ...fake
  }: FakeDirectoryOptions & { opened?: State; change?: (user: FakeUser, i: number) => void } = {},
) {
  const clock = new AutoClock();
  const pool = new FakeDirectory('new_1', { users: people('new', count, change), clock });
  const legacy = new FakeDirectory('old_1', { users: people('old', count) });
  await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock });
  pool.calls.clear();
  pool.options = { ...pool.options, ...fake };
  const events: ProgressEvent[] = [];
  const apply = (options: Partial<ApplyOptions> = {}) =>
    runApply({ state: opened, newPool: pool, clock, onProgress: (event) => events.push(event), ...options });
  return { opened, pool, clock, events, apply };
}

const updates = (pool: FakeDirectory) => pool.calls.get('AdminUpdateUserAttributes') ?? 0;
const done = (written: number, more: Partial<ApplyResult> = {}) => ({
  written,
  failed: 0,
  skipped: 0,
  remaining: 0,
  attempts: written,
  throttled: 0,
  ...more,
});

describe('apply', () => {
  it('writes every legacy id once', async () => {
    const { pool, apply, opened } = await planned(20);
    expect(await apply()).toMatchObject(done(20));
    expect(pool.writes).toHaveLength(20);
    for (let i = 0; i < 20; i += 1) expect(pool.value(`user${String(i).padStart(4, '0')}`)).toBe(`old-${i}`);
    expect(readStatus(opened)).toMatchObject({ phase: 'applied', writes: { total: 20, written: 20, remaining: 0 } });
    expect(await apply()).toMatchObject(done(0));
    expect(updates(pool)).toBe(20);
  });

  it('writes what is right already not again', async () => {
    const { apply } = await planned(4, {
      change: (user, i) => void (i < 3 && Object.assign(user.attributes, { 'custom:legacy_sub': `old-${i}` })),
    });
    expect(await apply()).toMatchObject(done(1));
  });

  it('keeps to the rate, all attempts counted', async () => {
    const { pool, apply, clock } = await planned(300, {
      latencyMs: 100,
      before: (operation, { attempt }) => {
        if (operation === 'AdminUpdateUserAttributes' && attempt === 100) throw failure('throttled', operation);
      },
    });
    const start = clock.now();
    const result = await apply({ rps: 10 });
    expect(result).toMatchObject({ written: 300, throttled: 1 });
    expect(result.attempts).toBe(300 + result.throttled);
    expect(updates(pool)).toBe(result.attempts);
    const seconds = (clock.now() - start) / 1000;
    // One throttled call is enough for the account's own users to come first.
    expect(300 / result.seconds).toBeGreaterThan(7);
    expect(result.attempts / seconds).toBeLessThanOrEqual(10.1);
  });

  it('stops at max-writes, and continues from there', async () => {
    const { pool, apply, opened } = await planned(20);
    expect(await apply({ maxWrites: 5 })).toMatchObject(done(5, { remaining: 15 }));
    expect(readStatus(opened)).toMatchObject({ phase: 'applying', writes: { written: 5, remaining: 15 } });
    expect(await apply({ maxWrites: 5 })).toMatchObject(done(5, { remaining: 10 }));
    expect(await apply()).toMatchObject(done(10));
    expect(pool.writes).toHaveLength(20);
  });

  it('counts only writes that were carried out against max-writes', async () => {
    const { pool, apply } = await planned(20);
    for (const name of ['user0000', 'user0001', 'user0002']) pool.users.delete(name);
    expect(await apply({ maxWrites: 5, concurrency: 1 })).toMatchObject({ written: 5, skipped: 3, remaining: 12 });
  });

  it('overwrites another value only on request', async () => {
    const { pool, apply } = await planned(6, {
      change: (user, i) => void (i < 2 && Object.assign(user.attributes, { 'custom:legacy_sub': `old-${1 - i}` })),
    });
    expect(await apply()).toMatchObject(done(4));
    expect(pool.value('user0000')).toBe('old-1');
    expect(await apply({ overwrite: true })).toMatchObject(done(2));
    expect([pool.value('user0000'), pool.value('user0001')]).toEqual(['old-0', 'old-1']);
  });

  it('asks once the checks have passed, with what it is about to do', async () => {
    const { pool, apply } = await planned(20);
    const asked: unknown[] = [];
    const result = await apply({
      maxWrites: 10,
      rps: 5,
      confirm: (estimate) => asked.push([estimate, pool.calls.has('DescribeUserPool')]) < 0,
    });
    expect(asked).toEqual([[{ writes: 10, estimatedSeconds: 2, estimatedMau: 10, estimatedMauUsd: 0.15 }, true]]);
    expect(result).toMatchObject(done(0, { remaining: 20 }));
    expect(pool.writes).toEqual([]);
  });

  it('tells how far it is', async () => {
    const { events, apply } = await planned(3);
    await apply();
    expect(events.at(-1)).toEqual({
      type: 'write',
      written: 3,
      failed: 0,
      skipped: 0,
      total: 3,
      attempts: 3,
      throttled: 0,
      rps: 10,
      done: true,
    });
  });
});

describe('a write that fails', () => {
  const at = (username: string, kind: Parameters<typeof failure>[0], times = Number.POSITIVE_INFINITY) => {
    let left = times;
    return (operation: string, call: { username?: string }) => {
      if (operation !== 'AdminUpdateUserAttributes' || call.username !== username) return;
      left -= 1;
      if (left >= 0) throw failure(kind, operation);
    };
  };

  it.each(['throttled', 'unavailable', 'answer'] as const)('because it is %s is repeated', async (kind) => {
    const { pool, apply } = await planned(5, { before: at('user0002', kind, 3) });
    expect(await apply()).toMatchObject({ written: 5, attempts: 8 });
    expect(pool.value('user0002')).toBe('old-2');
  });

  it('because its user is gone is skipped, and noted', async () => {
    const { pool, opened, apply } = await planned(5);
    pool.users.delete('user0002');
    expect(await apply()).toMatchObject(done(4, { skipped: 1, changed: 0 }));
    expect([...readReportRows(opened, { writes: ['skipped'] })]).toMatchObject([
      { newUsername: 'user0002', write: 'skipped', error: 'gone: the pool has no user with this sub' },
    ]);
    expect(await apply()).toMatchObject(done(0));
  });

  it('because of its user alone is noted, and tried again by the next run', async () => {
    const { opened, apply } = await planned(5, { before: at('user0002', 'invalid', 1) });
    expect(await apply()).toMatchObject(done(4, { failed: 1, attempts: 5 }));
    expect([...readReportRows(opened, { writes: ['failed'] })]).toHaveLength(1);
    expect(await apply()).toMatchObject(done(1));
  });

  it('again and again while others get through is given up', async () => {
    const { apply } = await planned(50, { before: at('user0002', 'unavailable') });
    expect(await apply()).toMatchObject({ written: 49, failed: 1, remaining: 0 });
  });

  it('for everybody ends the run after minutes, and the next one continues', async () => {
    let down = true;
    const { apply } = await planned(50, {
      before: (operation, { attempt }) => {
        if (operation === 'AdminUpdateUserAttributes' && attempt > 10 && down) throw failure('unavailable', operation);
      },
    });
    await expect(apply()).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      partial: expect.objectContaining({ written: 10, remaining: 40 }),
    });
    down = false;
    expect(await apply()).toMatchObject({ written: 40, remaining: 0 });
  });

  it.each([
    ['credentials', 'ERR_CREDENTIALS'],
    ['refused', 'ERR_POOL'],
  ] as const)('for lack of %s ends the run at once', async (kind, code) => {
    const { pool, opened, apply } = await planned(50, { before: at('user0009', kind) });
    await expect(apply({ concurrency: 1 })).rejects.toMatchObject({ code, partial: { written: 9, remaining: 41 } });
    expect(updates(pool)).toBe(10);
    expect(readStatus(opened).writes).toMatchObject({ written: 9, inFlight: 0 });
  });

  it.each([
    ['is missing', [], 'MaxLength=2048'],
    ['is immutable', [{ ...LEGACY_SUB, mutable: false }], '--attribute'],
  ])('because the attribute %s ends the run at once, with the fix', async (_, schema, fix) => {
    const { pool, apply } = await planned(50, { before: at('user0009', 'invalid') });
    const changed = { ...pool.options, schema };
    pool.options = {
      ...pool.options,
      before: (operation, call) => {
        if (operation !== 'AdminUpdateUserAttributes' || call.username !== 'user0009') return;
        pool.options = changed;
        throw failure('invalid', operation);
      },
    };
    await expect(apply({ concurrency: 1 })).rejects.toMatchObject({
      code: 'ERR_ATTRIBUTE',
      fix: expect.stringContaining(fix),
      partial: { written: 9, failed: 0, remaining: 41 },
    });
  });

  it('for one user after the other ends the run', async () => {
    const { pool, apply } = await planned(100, {
      before: (operation) => {
        if (operation === 'AdminUpdateUserAttributes') throw failure('invalid', operation);
      },
    });
    await expect(apply({ concurrency: 1 })).rejects.toMatchObject({ code: 'ERR_POOL', partial: { failed: 25 } });
    expect(updates(pool)).toBe(25);
  });

  it('on our side, with a full disk, ends the run; the next one continues', async () => {
    const { pool, opened, apply } = await planned(400);
    opened.db.exec(`PRAGMA max_page_count = ${opened.db.count('PRAGMA page_count') + 4}`);
    await expect(apply({ rps: 1000, quota: 1000 })).rejects.toMatchObject({
      code: 'ERR_STATE_STORAGE',
      partial: { failed: 0 },
    });
    const before = pool.writes.length;
    expect(before).toBeLessThan(400);
    opened.db.exec('PRAGMA max_page_count = 1000000');
    expect(await apply({ rps: 1000, quota: 1000 })).toMatchObject({ remaining: 0 });
    // Those in flight when the disk was full are not recorded, and written once more.
    expect(pool.writes.length).toBeLessThanOrEqual(400 + 8);
    expect(new Set(pool.writes.map(({ username }) => username)).size).toBe(400);
  });
});

describe('an interrupted apply', () => {
  it('finishes what is in flight, records it, and sends nothing more', async () => {
    const controller = new AbortController();
    const { pool, opened, apply } = await planned(100, {
      latencyMs: 500,
      before: (operation, { attempt }) => {
        if (operation === 'AdminUpdateUserAttributes' && attempt === 20) controller.abort();
      },
    });
    await expect(apply({ signal: controller.signal, rps: 20 })).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    const { written, remaining, inFlight } = readStatus(opened).writes;
    expect(written).toBe(pool.writes.length);
    expect([written + remaining, inFlight]).toEqual([100, 0]);
    expect(written).toBeLessThan(32);
    expect(await apply()).toMatchObject({ written: remaining, remaining: 0 });
    expect(pool.writes).toHaveLength(100);
  });

  it('repeats writes that a killed run began and that did not arrive, and no others', async () => {
    const path = statePath();
    const { pool, opened, clock } = await planned(20, { opened: state(path) });
    // As a process leaves it that is killed: three begun, of which one arrived.
    for (const i of [0, 1, 2]) {
      opened.db.run(
        `INSERT INTO operations (plan, kind, username, sub, target, value, before, status, begun_at)
         VALUES (1, 'attribute', ?, ?, 'custom:legacy_sub', ?, '', 'begun', 1)`,
        `user000${i}`,
        `new-000${i}`,
        `old-${i}`,
      );
    }
    await pool.updateAttributes('user0001', { 'custom:legacy_sub': 'old-1' });
    expect(readStatus(opened).writes).toMatchObject({ inFlight: 3, remaining: 20 });
    expect(await runApply({ state: opened, newPool: pool, clock })).toMatchObject({ written: 20, remaining: 0 });
    // The one that had arrived was found, and not sent again.
    expect(pool.writes).toHaveLength(20);
  });

  it('is settled by a new plan, which sees what arrived', async () => {
    const { pool, opened, clock, apply } = await planned(5);
    const before = pool.options;
    pool.options = {
      ...before,
      before: (operation) => {
        if (operation === 'AdminUpdateUserAttributes') throw failure('unavailable', operation);
      },
    };
    await expect(apply()).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' });
    pool.options = before;
    await pool.updateAttributes('user0000', { 'custom:legacy_sub': 'old-0' });
    const legacy = new FakeDirectory('old_1', { users: people('old', 5) });
    expect(await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock })).toMatchObject({ writes: 4 });
    expect(opened.db.all('SELECT username, status FROM operations')).toEqual([['user0000', 'written']]);
  });

  it.each([
    ['back', -86_400_000],
    ['forward', 86_400_000],
  ])('keeps its pace, and tells how long it took, when the wall clock is set a day %s', async (_, byMs) => {
    const run = async (step: number) => {
      const { clock, apply, opened } = await planned(60);
      const sentAt: number[] = [];
      const from = clock.monotonic();
      const { seconds, written } = await apply({
        rps: 10,
        onProgress: () => {
          sentAt.push(clock.monotonic() - from);
          if (sentAt.length === 30) clock.setWallClock(step);
        },
      });
      return { sentAt, seconds, written, lastAt: readStatus(opened).writes.lastAt?.getTime() ?? 0, now: clock.now() };
    };
    const { lastAt: _lastAt, now: _now, ...undisturbed } = await run(0);
    expect(undisturbed).toMatchObject({ written: 60 });
    expect(undisturbed.seconds).toBeCloseTo(5.9, 0);
    const { lastAt, now, ...disturbed } = await run(byMs);
    expect(disturbed).toEqual(undisturbed);
    // What is recorded is the time of day.
    if (byMs > 0) expect(now - lastAt).toBeLessThan(1000);
  });
});

describe('before the first write, apply', () => {
  const client = (name: string, writeAttributes: string[] | undefined) => ({
    clientId: `id-${name}`,
    clientName: name,
    writeAttributes,
    readAttributes: undefined,
  });

  it.each<[string, FakeDirectoryOptions, RegExp]>([
    ['the attribute is missing', { schema: [] }, /has no attribute custom:legacy_sub/],
    ['it is a number', { schema: [{ ...LEGACY_SUB, type: 'Number' }] }, /is a Number/],
    ['it is immutable', { schema: [{ ...LEGACY_SUB, mutable: false }] }, /immutable/],
    [
      'it is too short',
      { schema: [{ ...LEGACY_SUB, maxLength: 3 }] },
      /takes 3 characters, and the longest legacy id has 6/,
    ],
    ['an app client may write it', { clients: [client('web', ['email', 'custom:legacy_sub'])] }, /web \(id-web\)/],
    [
      'an app client has no list',
      { clients: [client('web', ['email']), client('ios', undefined)] },
      /by app client ios \(id-ios\)/,
    ],
    [
      'an identity provider fills it',
      { providers: [{ name: 'Okta', mappedAttributes: ['custom:legacy_sub'] }] },
      /identity provider Okta/,
    ],
  ])('refuses when %s', async (_, fake, message) => {
    const { pool, opened, apply } = await planned(20, fake);
    await expect(apply()).rejects.toMatchObject({
      code: 'ERR_ATTRIBUTE',
      message: expect.stringMatching(message),
      fix: expect.any(String),
    });
    expect(pool.writes).toEqual([]);
    expect(readStatus(opened).phase).toBe('planned');
  });

  it('accepts clients that may write other attributes', async () => {
    const { apply } = await planned(3, { clients: [client('web', ['email'])] });
    expect(await apply()).toMatchObject(done(3));
  });

  it('lets a writable attribute pass on request, and says so', async () => {
    const { opened, apply } = await planned(3, { clients: [client('ios', undefined)] });
    expect(await apply({ allowWritableAttribute: true })).toMatchObject(done(3));
    expect(readStatus(opened).warnings).toEqual([expect.stringContaining('users could become any legacy user')]);
  });

  it('never lets app clients that cannot be read pass', async () => {
    const { apply } = await planned(3, {
      clients: [client('web', ['email'])],
      before: (operation) => {
        if (operation === 'DescribeUserPoolClient') throw failure('credentials', operation);
      },
    });
    await expect(apply()).rejects.toMatchObject({
      code: 'ERR_CREDENTIALS',
      fix: expect.stringContaining('cognito-idp:DescribeUserPoolClient'),
    });
  });

  it('says when identity providers cannot be read', async () => {
    const { opened, apply } = await planned(3, {
      before: (operation) => {
        if (operation === 'ListIdentityProviders') throw failure('credentials', operation);
      },
    });
    expect(await apply()).toMatchObject(done(3));
    expect(readStatus(opened).warnings).toEqual([expect.stringContaining('cognito-idp:ListIdentityProviders')]);
  });

  it('asks the pool nothing when there is nothing to write', async () => {
    const { pool, apply } = await planned(0);
    expect(await apply()).toMatchObject(done(0));
    expect(pool.calls.size).toBe(0);
  });
});

describe('apply needs a finished plan', () => {
  it('and says so', async () => {
    const opened = state();
    expect(() => estimateApply(opened)).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
    const broken = new FakeDirectory('old_1', {
      before: (op) => {
        if (op === 'ListUsers') throw failure('credentials');
      },
    });
    const newPool = new FakeDirectory('new_1');
    const clock = new AutoClock();
    await expect(runPlan({ state: opened, legacyPools: [broken], newPool, clock })).rejects.toThrow();
    await expect(runApply({ state: opened, newPool, clock })).rejects.toMatchObject({
      code: 'ERR_STATE_NOT_READY',
      message: expect.stringContaining('not finished'),
    });
  });

  it('of this pool', async () => {
    const { opened, clock } = await planned(3);
    const other = runApply({ state: opened, newPool: new FakeDirectory('new_2'), clock });
    await expect(other).rejects.toMatchObject({ code: 'ERR_STATE_INVALID' });
  });
});

describe('apply limited to some users', () => {
  const only = ['user0003', 'user0005'].map((newUsername, at) => ({ newUsername, line: at + 2 }));

  it('writes those alone, and tells what remains of the whole plan', async () => {
    const { pool, apply } = await planned(20);
    const asked: unknown[] = [];
    const result = await apply({ only, confirm: (estimate) => asked.push(estimate) > 0 });
    expect(asked).toMatchObject([{ writes: 2, estimatedMau: 2 }]);
    expect(result).toMatchObject(done(2, { remaining: 18 }));
    expect(pool.writes.map(({ username }) => username)).toEqual(['user0003', 'user0005']);
    expect(await apply()).toMatchObject(done(18));
  });

  it.each([
    [[...only, { newUsername: 'nobody', line: 4 }], /^only: line 4: this state has no such user/],
    [[], /^only: does not name any user/],
  ])('refuses a file that names nobody of the plan, before anything is written', async (rows, message) => {
    const { pool, apply } = await planned(20);
    await expect(apply({ only: rows })).rejects.toThrow(message);
    expect(pool.writes).toEqual([]);
  });
});

describe('apply with a limit of failures', () => {
  const failing = () =>
    planned(40, {
      before: (operation, { username }) => {
        if (operation === 'AdminUpdateUserAttributes' && /[05]$/.test(username ?? '')) throw failure('invalid');
      },
    });

  it('ends when it is reached, and says that more remains', async () => {
    const { pool, apply } = await failing();
    const result = await apply({ maxFailed: 2, concurrency: 1 });
    expect(result).toMatchObject({ failed: 2, written: 4, remaining: 34, stoppedBy: 'max-failed' });
    expect(updates(pool)).toBe(6);
  });

  it('goes through where it is not', async () => {
    const { apply } = await failing();
    const result = await apply({ maxFailed: 9 });
    expect(result).toMatchObject({ failed: 8, written: 32, remaining: 0 });
    expect(result).not.toHaveProperty('stoppedBy');
  });
});

describe('a dry run of apply', () => {
  it('checks and reads everything, and writes nothing', async () => {
    const { opened, pool, apply } = await planned(20);
    pool.users.delete('user0001');
    pool.users.set('user0002', { username: 'user0002', sub: 'stranger', attributes: {} });
    const result = await apply({ dryRun: true });
    const counts = { skipped: 2, changed: 1, remaining: 20, attempts: 0 };
    expect(result).toMatchObject({ ...done(0, counts), dryRun: true, wouldWrite: 18 });
    expect([...pool.calls.keys()].filter((name) => /Admin/.test(name))).toEqual([]);
    expect(pool.calls.has('DescribeUserPool')).toBe(true);
    expect(opened.db.all('SELECT * FROM operations')).toEqual([]);
    expect(readStatus(opened).phase).toBe('planned');
    expect(await apply({ dryRun: true, maxWrites: 3 })).toMatchObject({ wouldWrite: 3 });
    expect(await apply()).toMatchObject(done(18, { skipped: 2 }));
  });

  it('refuses what apply would refuse', async () => {
    const { apply } = await planned(3, { schema: [] });
    await expect(apply({ dryRun: true })).rejects.toMatchObject({ code: 'ERR_ATTRIBUTE' });
  });
});

describe('a plan of yesterday', () => {
  const HOUR = 3_600_000;

  const allowed = /maxPlanAge: .* Plan again, or allow an older plan/;

  it.each<[string, number, object, RegExp | undefined, RegExp?]>([
    ['is young enough', 23.9, {}, undefined],
    ['is doubted', 25, {}, /25 hours old/],
    ['is allowed', 25, { maxPlanAge: 26 }, undefined],
    ['of last week is doubted', 200, { maxPlanAge: 26 }, /8 days old/],
    ['is young enough for a clock that is a little slow', -0.01, {}, undefined],
    [
      'that is of tomorrow is doubted',
      -20,
      { maxPlanAge: 1000 },
      /dated in the future/,
      /maxPlanAge: .* Plan again\.$/,
    ],
  ])('%s', async (_, hours, options, doubt, advice = allowed) => {
    const { clock, pool, apply } = await planned(3);
    clock.setWallClock(hours * HOUR);
    const asked: (string | undefined)[] = [];
    const confirm = (_estimate: unknown, why?: string) => asked.push(why) < 0;
    expect(await apply({ ...options, confirm })).toMatchObject({ written: 0 });
    expect(asked).toEqual([doubt === undefined ? undefined : expect.stringMatching(doubt)]);
    // Nobody is there to be asked.
    if (doubt === undefined) expect(await apply(options)).toMatchObject({ written: 3 });
    else await expect(apply(options)).rejects.toThrow(advice);
    expect(pool.writes).toHaveLength(doubt === undefined ? 3 : 0);
  });
});
