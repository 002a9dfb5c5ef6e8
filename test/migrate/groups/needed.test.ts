import { expect, it } from 'vitest';
import { runApply } from '../../../src/migrate/apply.js';
import { runPlan } from '../../../src/migrate/plan.js';
import { runVerify } from '../../../src/migrate/verify.js';
import { state } from '../support/workspace.js';
import { plan, pools } from './support/two-pools.js';

it('ends before the first write where the groups are not given', async () => {
  const all = pools(1, [{ name: 'a', members: ['u0'] }]);
  const opened = state();
  await plan(opened, all);
  const { clock, fresh, legacyGroups } = all;
  await expect(runApply({ state: opened, clock, newPool: fresh })).rejects.toThrow(/newGroups/);
  await expect(runVerify({ state: opened, clock, newPool: fresh, newGroups: legacyGroups })).rejects.toThrow(
    /newGroups/,
  );
  expect(fresh.writes).toEqual([]);
  await expect(
    runPlan({
      state: opened,
      clock,
      legacyPools: [all.legacy],
      newPool: fresh,
      groups: { legacyPools: [], newPool: all.newGroups },
    }),
  ).rejects.toThrow(/groups/);
});
