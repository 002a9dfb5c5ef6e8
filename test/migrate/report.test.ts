import { describe, expect, it } from 'vitest';
import { runApply } from '../../src/migrate/apply.js';
import { runPlan } from '../../src/migrate/plan.js';
import type { ProgressEvent } from '../../src/migrate/progress.js';
import { readNotMigrated, readReportRows, readStatus } from '../../src/migrate/report.js';
import { openState } from '../../src/migrate/state/state.js';
import { AutoClock } from './support/auto-clock.js';
import { FakeDirectory, type FakeUser } from './support/fake-directory.js';
import { state, statePath } from './support/workspace.js';

const people = (pool: string, count: number): FakeUser[] =>
  Array.from({ length: count }, (_, i) => ({
    username: `user${String(i).padStart(4, '0')}`,
    sub: `${pool}-${String(i).padStart(4, '0')}`,
    attributes: { email: `p${i}@example.com`, email_verified: i % 2 === 0 ? 'true' : 'false' },
  }));

async function planned(path = statePath(), count = 10) {
  const opened = state(path);
  const clock = new AutoClock();
  const pool = new FakeDirectory('new_1', { users: people('new', count), clock, latencyMs: 20 });
  const legacy = new FakeDirectory('old_1', { users: people('old', count + 3) });
  await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock });
  return { opened, pool, clock, path };
}

describe('status', () => {
  it('tells pools, plan and progress', async () => {
    const { opened, pool, clock } = await planned();
    expect(readStatus(opened)).toMatchObject({
      legacyPools: ['old_1'],
      newPool: 'new_1',
      attribute: 'custom:legacy_sub',
      phase: 'planned',
      running: true,
      listing: [
        { side: 'legacy', userPoolId: 'old_1', users: 13, shardsDone: 1, shards: 1, done: true },
        { side: 'new', userPoolId: 'new_1', users: 10, shardsDone: 1, shards: 1, done: true },
      ],
      listingPerSecond: undefined,
      listingSecondsLeft: undefined,
      plan: { writes: 5, notMigrated: 8, outcomes: { set: 5, unverified: 5 } },
      writes: { total: 5, written: 0, remaining: 5, perSecond: undefined, secondsLeft: undefined, firstAt: undefined },
      verified: undefined,
      warnings: [],
    });
    await runApply({ state: opened, newPool: pool, clock, rps: 2, maxWrites: 3 });
    const { writes, phase } = readStatus(opened);
    expect(phase).toBe('applying');
    expect(writes).toMatchObject({ total: 5, written: 3, remaining: 2, perSecond: 2, secondsLeft: 1 });
  });

  it('counts overwritten conflicts among the writes', async () => {
    const { opened, pool, clock } = await planned();
    await pool.updateAttributes('user0000', { 'custom:legacy_sub': 'other' });
    const legacy = new FakeDirectory('old_1', { users: people('old', 13) });
    await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock });
    await runApply({ state: opened, newPool: pool, clock, overwrite: true });
    expect(readStatus(opened).writes).toMatchObject({ total: 5, written: 5, remaining: 0 });
  });

  it('tells one time left over both pools while they are listed', async () => {
    const opened = state();
    const clock = new AutoClock();
    const legacy = new FakeDirectory('old_1', { users: people('old', 600), clock, latencyMs: 20 });
    const pool = new FakeDirectory('new_1', { users: people('new', 600), clock, latencyMs: 20 });
    const seen: ReturnType<typeof readStatus>[] = [];
    const onProgress = ({ type }: ProgressEvent) => void (type === 'list' && seen.push(readStatus(opened)));
    // One page of 60 users per second.
    await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock, readRps: 1, onProgress });
    const atFirst = seen.find(({ listingPerSecond }) => listingPerSecond !== undefined);
    expect(atFirst?.listing.map(({ estimatedUsers, done }) => [estimatedUsers, done])).toEqual([
      [600, false],
      [600, false],
    ]);
    const { listing, listingPerSecond = 0, listingSecondsLeft } = atFirst!;
    const left = 1_200 - listing.reduce((sum, { users }) => sum + users, 0);
    expect(listingSecondsLeft).toBeGreaterThan((left / listingPerSecond) * 0.9);
    expect(listingSecondsLeft).toBeLessThan((left / listingPerSecond) * 1.1);
    expect(seen.at(-1)?.listingPerSecond).toBeUndefined();
  });

  it('measures the speed since the last pause', async () => {
    const { opened, pool, clock } = await planned();
    await runApply({ state: opened, newPool: pool, clock, rps: 2, maxWrites: 2 });
    await clock.sleep(60_000);
    await runApply({ state: opened, newPool: pool, clock, rps: 2, maxWrites: 2 });
    expect(readStatus(opened).writes.perSecond).toBe(2);
  });

  it('is there while another process works', async () => {
    const { opened, path } = await planned();
    const reader = openState({ path, access: 'read' });
    expect(readStatus(reader).running).toBe(true);
    opened.close();
    expect(readStatus(reader).running).toBe(false);
    reader.close();
  });

  it('needs a plan', () => {
    expect(() => readStatus(state())).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
  });
});

describe('the rows of a report', () => {
  it('come in the order of usernames, all of them, however many', async () => {
    const { opened } = await planned(undefined, 2500);
    const names = [...readReportRows(opened)].map(({ newUsername }) => newUsername);
    expect(names).toEqual(people('new', 2500).map(({ username }) => username));
  });

  it('tell everything about a user', async () => {
    const { opened, pool, clock } = await planned();
    pool.users.delete('user0002');
    await runApply({ state: opened, newPool: pool, clock });
    const [first, second, third] = readReportRows(opened);
    expect([first, second, third]).toEqual([
      {
        newUsername: 'user0000',
        newSub: 'new-0000',
        legacySub: 'old-0000',
        outcome: 'set',
        rule: 'username+email',
        detail: '',
        write: 'written',
      },
      {
        newUsername: 'user0001',
        newSub: 'new-0001',
        legacySub: '',
        outcome: 'unverified',
        rule: '',
        detail:
          'email finds old-0001, but is unverified in both pools, username finds old-0001, but nothing verified confirms it: people can sign themselves up in pool old_1 and pool new_1',
        write: undefined,
      },
      expect.objectContaining({
        newUsername: 'user0002',
        write: 'skipped',
        error: 'gone: the pool has no user with this sub',
      }),
    ]);
  });

  it('can be chosen by outcome, by what became of the write, and by number', async () => {
    const { opened, pool, clock } = await planned();
    pool.users.delete('user0002');
    await runApply({ state: opened, newPool: pool, clock });
    const rows = (options: Parameters<typeof readReportRows>[1]) =>
      [...readReportRows(opened, options)].map(({ newUsername }) => newUsername);
    expect(rows({ outcomes: ['unverified'], limit: 2 })).toEqual(['user0001', 'user0003']);
    expect(rows({ writes: ['skipped'] })).toEqual(['user0002']);
    expect(rows({ writes: ['written', 'skipped'], outcomes: ['unverified'] })).toEqual([]);
  });

  it('have beside them the legacy users whom nobody claims', async () => {
    const { opened } = await planned();
    expect([...readNotMigrated(opened)]).toEqual(
      ['0001', '0003', '0005', '0007', '0009', '0010', '0011', '0012'].map((n) => `old-${n}`),
    );
    expect([...readNotMigrated(opened, 2)]).toEqual(['old-0001', 'old-0003']);
  });
});
