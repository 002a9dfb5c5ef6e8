/**
 * Kills plan and apply at random moments, and compares the final result with that of an undisturbed run.
 *
 *     npx tsx bench/kill.ts [--kills 50] [--users 1500]
 */
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { type KillTrialResult, runKillTrial, WRITES_IN_FLIGHT } from '../test/support/kill-trial.js';

/** Kills of plan, and kills of apply, in one migration. */
const KILLS_EACH = 5;

const { values: options } = parseArgs({
  options: { kills: { type: 'string', default: '50' }, users: { type: 'string', default: '1500' } },
});
const users = Number(options.users);
const wanted = Number(options.kills);
const outcome = ({ plan, verify, report, values }: KillTrialResult) => ({ plan, verify, report, values });

const undisturbed = await runKillTrial({ users, seed: 1, kills: 0 });
console.log(`undisturbed: ${undisturbed.writes} writes, ${undisturbed.repeated} repeated`);
const total = { plan: 0, apply: 0, repeated: 0, mostByOneKill: 0, unexplained: 0, different: 0 };
for (let seed = 2; total.plan + total.apply < wanted; seed++) {
  const result = await runKillTrial({ users, seed, kills: KILLS_EACH });
  const same = isDeepStrictEqual(outcome(result), outcome(undisturbed));
  total.plan += result.kills.plan;
  total.apply += result.kills.apply;
  total.repeated += result.repeated;
  total.unexplained += result.repeatedWithoutKill;
  total.mostByOneKill = Math.max(total.mostByOneKill, result.mostRepeatedByOneKill);
  total.different += same ? 0 : 1;
  console.log(
    `kills ${total.plan} + ${total.apply}: ${same ? 'same result' : 'ANOTHER RESULT'}, ${result.repeated} repeated`,
  );
}
console.log(JSON.stringify(total));
const good = total.different === 0 && total.unexplained === 0 && total.mostByOneKill <= WRITES_IN_FLIGHT;
if (!good) process.exitCode = 1;
