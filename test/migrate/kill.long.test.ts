import { beforeAll, describe, expect, it } from 'vitest';
import { type KillTrialResult, runKillTrial, WRITES_IN_FLIGHT } from '../support/kill-trial.js';

/** More than one page in each of the 16 shards. */
const USERS = 1200;

/** `bench/kill.ts` does the same fifty times; here are as many as a test run has time for. */
describe('a plan and an apply that are killed at random moments', () => {
  let undisturbed: KillTrialResult;

  beforeAll(async () => {
    undisturbed = await runKillTrial({ users: USERS, seed: 1, kills: 0 });
  });

  it('write every user once where nothing interferes', () => {
    expect(undisturbed.writes).toBe(undisturbed.plan['writes']);
    expect(undisturbed).toMatchObject({ repeated: 0, verify: { missing: 0 } });
  });

  it.each([2, 3])(
    'end as if undisturbed, and repeat no more than was in flight (%i)',
    { timeout: 120_000 },
    async (seed) => {
      const { kills, writes, repeated, repeatedWithoutKill, mostRepeatedByOneKill, ...result } = await runKillTrial({
        users: USERS,
        seed,
        kills: 3,
      });
      const { plan, verify, report, values } = undisturbed;
      expect(result).toEqual({ plan, verify, report, values });
      expect(kills.plan + kills.apply).toBeGreaterThanOrEqual(4);
      expect(repeatedWithoutKill).toBe(0);
      expect(mostRepeatedByOneKill).toBeLessThanOrEqual(WRITES_IN_FLIGHT);
      expect(writes - repeated).toBe(undisturbed.writes);
    },
  );
});
