import { describe, expect, it } from 'vitest';
import { readStatus } from '../../src/migrate/report.js';
import { runVerify } from '../../src/migrate/verify.js';
import { failure } from './support/fake-directory.js';
import { broken, listCalls, pools } from './support/pools-to-plan.js';
import { state, statePath } from './support/workspace.js';

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

  it('continues, and lists no pool again', async () => {
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
      message: expect.stringMatching(
        /^An apply or a rollback is running. This plan takes effect when .* At work: `apply` \(pid \d+, since/,
      ),
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

it.each([
  [23, 0],
  [25, 1],
])(
  'a plan that was begun %s hours ago is begun again, where that is asked of old ones, %s times',
  async (hours, times) => {
    const { clock, newPool: pool, legacyPool: legacy, plan } = pools(4, 4);
    const opened = state();
    const list = pool.listUsers.bind(pool);
    pool.listUsers = async () => {
      throw failure('credentials');
    };
    await expect(plan(opened)).rejects.toThrow();
    pool.listUsers = list;
    await clock.sleep(hours * 3_600_000);
    const before = legacy.calls.get('ListUsers') ?? 0;
    await plan(opened, { fresh: 'when-old' });
    expect((legacy.calls.get('ListUsers') ?? 0) > before).toBe(times === 1);
  },
);
