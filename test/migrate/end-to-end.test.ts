import { describe, expect, it, onTestFinished } from 'vitest';
import { createUserDirectory } from '../../src/directory/command-line/user-directory.js';
import { runApply } from '../../src/migrate/apply.js';
import { runPlan } from '../../src/migrate/plan.js';
import { readReportRows } from '../../src/migrate/report.js';
import { runRollback } from '../../src/migrate/rollback.js';
import { runVerify } from '../../src/migrate/verify.js';
import { amount } from '../support/amount.js';
import { LEGACY_POOL, migrationPair, NEW_POOL, type SimulatorOptions } from '../support/cognito-simulator/index.js';
import { started } from '../support/cognito-simulator/testing.js';
import { state } from './support/workspace.js';

const SHARES = {
  unverified: 0.05,
  caseDiffering: 0.1,
  noEmail: 0.02,
  federated: 0.2,
  mapped: 0.1,
  wronglyMapped: 0.03,
  duplicate: 0.02,
};
const USERS = amount(150, 500);
const FAST = { rps: 1000, quota: 1000, readRps: 1000 };

/** Two generated pools behind the real SDK. */
async function pools(options: Partial<SimulatorOptions> = {}) {
  const { simulator } = await started({
    pools: migrationPair({ users: USERS, notMigrated: 40, newBorn: 30, shares: SHARES }),
    ...options,
  });
  const [legacy, fresh] = [LEGACY_POOL, NEW_POOL].map((userPoolId) => {
    const directory = createUserDirectory({ userPoolId, endpoint: simulator.endpoint });
    onTestFinished(() => directory.close());
    return directory;
  });
  if (legacy === undefined || fresh === undefined) throw new Error('no pools');
  const opened = state();
  return {
    simulator,
    opened,
    plan: () => runPlan({ state: opened, legacyPools: [legacy], newPool: fresh, ...FAST }),
    apply: () => runApply({ state: opened, newPool: fresh, overwrite: true, ...FAST }),
    verify: () => runVerify({ state: opened, newPool: fresh, ...FAST }),
    rollback: () => runRollback({ state: opened, newPool: fresh, ...FAST }),
  };
}

const valuesOf = (simulator: Awaited<ReturnType<typeof pools>>['simulator']) =>
  new Map(
    [...simulator.pool(NEW_POOL).users.all()].map((user) => [user.username, user.attributes['custom:legacy_sub']]),
  );

describe('against a pool as it should be', () => {
  it('plan, apply, verify and rollback end where they should', async () => {
    const { simulator, opened, plan, apply, verify, rollback } = await pools();
    const before = valuesOf(simulator);
    const planned = await plan();
    expect(planned).toMatchObject({ legacyUsers: USERS, newUsers: USERS - 10 });
    expect(Object.values(planned.outcomes).reduce((sum, count) => sum + count, 0)).toBe(USERS - 10);
    expect(planned.outcomes['new-born']).toBeGreaterThan(0);

    const conflicts = planned.outcomes.conflict;
    expect(await apply()).toMatchObject({ written: planned.writes + conflicts, failed: 0, skipped: 0, remaining: 0 });
    const values = valuesOf(simulator);
    for (const { newUsername, legacySub, outcome } of readReportRows(opened)) {
      const written = ['set', 'ok', 'conflict'].includes(outcome);
      expect(values.get(newUsername)).toBe(written ? legacySub : before.get(newUsername));
    }

    const { right, missing } = await verify();
    expect([right, missing]).toEqual([planned.outcomes.ok + planned.writes + conflicts, 0]);
    expect(await rollback()).toMatchObject({ removed: planned.writes, restored: conflicts, changed: 0, remaining: 0 });
    expect(valuesOf(simulator)).toEqual(before);
  });
});

describe('against a pool with every fault at once', () => {
  it('the outcome is the same', { timeout: 60_000 }, async () => {
    const calm = await pools();
    const expected = await calm.plan();
    await calm.apply();

    const operations = ['ListUsers', 'AdminUpdateUserAttributes'];
    const faults = [
      { kind: 'throttle', times: 4, operations },
      { kind: 'internal-error', share: 0.03, operations },
      { kind: 'drop-before', share: 0.03, operations },
      { kind: 'drop-after', share: 0.03, operations },
    ] as const;
    const { simulator, plan, apply, verify } = await pools({ faults });
    for (const id of [LEGACY_POOL, NEW_POOL]) {
      simulator.pool(id).listing = { emptyPages: 0.2, shortPages: 0.3, repeats: 0.3 };
    }
    expect(await plan()).toEqual(expected);
    expect(await apply()).toMatchObject({ failed: 0, skipped: 0, remaining: 0 });
    expect(valuesOf(simulator)).toEqual(valuesOf(calm.simulator));
    expect(await verify()).toMatchObject({ missing: 0 });
  });

  it.each([
    ['ignores the limit', { ignoreLimit: true }],
    ['ignores the filter', { ignoreFilter: true }],
    ['ignores paging', { ignorePaging: true }],
  ])('no user is lost or counted twice by one that %s', async (_, listing) => {
    const { simulator, plan } = await pools();
    const expected = await plan();
    const odd = await pools();
    for (const id of [LEGACY_POOL, NEW_POOL]) odd.simulator.pool(id).listing = listing;
    expect(await odd.plan()).toEqual(expected);
    expect(simulator.pool(NEW_POOL).journal).toEqual([]);
  });
});
