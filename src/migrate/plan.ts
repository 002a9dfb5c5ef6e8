import { setImmediate as othersFirst } from 'node:timers/promises';
import type { PoolDescription, UserDirectory } from '../directory/types.js';
import { ConfigurationError } from '../errors.js';
import { estimateApply } from './apply.js';
import { requireUnwritable } from './attributes/check.js';
import { Pace } from './calls/pace.js';
import { checkReadRps, SETTINGS_RPS } from './calls/quotas.js';
import { mayPass, repeated } from './calls/repeated.js';
import { estimate } from './estimate.js';
import { checkGroupPools, planGroups, readGroups } from './groups/plan.js';
import { listPool, reportListed } from './listing/list-pool.js';
import { matchRows } from './matching/candidates.js';
import { decide, type Trust } from './matching/decide.js';
import { settleClaims } from './matching/duplicates.js';
import { inspectLegacyProvider } from './matching/legacy-provider.js';
import { checkMapping, loadMapping } from './matching/mapping.js';
import { prepareForMatching } from './matching/match-indexes.js';
import { checkPolicy, type Policy } from './matching/policy.js';
import type { PlanOptions } from './options.js';
import { countPlan, finishPlan } from './plan-phases.js';
import type { PlanResult } from './results.js';
import { inRun, type Run } from './run.js';
import { beginPlan, bindPools, type PlannedPool, planSinks } from './state/pools.js';
import { insertRows, type SqlValue } from './state/sqlite.js';

const DECISION_COLUMNS = ['user', 'outcome', 'rule', 'value', 'detail', 'trustable'];

/** A listing this old is continued, and talked about. */
const OLD_MS = 24 * 3_600_000;

/**
 * Lists the pools into the state, matches them and decides what would be written. Writes nothing to a pool. A plan that was
 * interrupted goes on where it was; a finished one is made again. What earlier plans wrote stays recorded, for rollback.
 *
 * Needs `cognito-idp:ListUsers` on each pool. Where `cognito-idp:DescribeUserPool` is allowed too, it also knows how many users
 * to expect, and whether the new pool's usernames can be trusted. With `trustAttribute` it also needs
 * `cognito-idp:ListUserPoolClients`, `DescribeUserPoolClient`, `ListIdentityProviders` and `DescribeIdentityProvider` on it; with
 * `legacyProvider` the last two, where they are allowed.
 * @throws {@link MigrationError}, {@link ConfigurationError}
 */
export async function runPlan(options: PlanOptions): Promise<PlanResult> {
  return inRun(options, (run) => plan(run, options));
}

async function plan(run: Run, options: PlanOptions): Promise<PlanResult> {
  const { legacyPools, newPool, mapping } = options;
  const { state, clock, signal, warn, patience, step } = run;
  const policy = checkPolicy(options);
  const pace = new Pace(checkReadRps(options.readRps), clock);
  estimate(0, options);
  checkDistinct(legacyPools, newPool);
  if (options.groups !== undefined) checkGroupPools(options.groups, options);
  if (mapping !== undefined && !policy.rules.includes('mapping')) {
    throw new ConfigurationError('mapping', "is given, but match does not hold 'mapping'");
  }
  const pools = bindPools(state, legacyPools, newPool);
  // Before a finished plan is replaced: a faulty file must not cost it.
  await loadMapping(state.db, mapping ?? []);
  const asked = { directory: newPool, clock, signal, patience, step };
  const checkWriters = async () => {
    if (policy.trustAttribute) await requireUnwritable({ ...asked, attribute: policy.attribute });
  };
  await checkWriters();
  const legacyIds = legacyPools.map(({ userPoolId }) => userPoolId);
  const { legacyProvider } = policy;
  const doubts = legacyProvider === undefined ? [] : await inspectLegacyProvider(legacyProvider, legacyIds, asked);
  const { resumed } = beginPlan(state, policy, clock.now());
  for (const doubt of doubts) warn(doubt);
  if (resumed && clock.now() - (state.meta.get('begunAt') ?? 0) > OLD_MS) {
    warn('This plan was begun more than a day ago; users listed then are judged as they were.');
  }
  const descriptions = await describePools(pools, run);
  const groups = options.groups && { ...options, groups: options.groups, pace, clock, patience, warn };
  // Before the users: what is wrong with groups is said early.
  if (groups !== undefined) await readGroups(groups);
  if (state.meta.get('phase') === 'listing') {
    const sinks = planSinks(state, policy, pools);
    for (const [index, { id, side, directory }] of pools.entries()) {
      const sink = sinks[index];
      if (sink === undefined) continue;
      const estimatedUsers = descriptions[index]?.estimatedUsers;
      const where = { state, purpose: 'plan', pool: id, side, directory, sink, estimatedUsers } as const;
      await listPool({ ...where, pace, clock, signal, patience, warn, onProgress: run.report });
    }
    state.meta.set('phase', 'matching');
  }
  // A client that was opened while the pools were listed may have written what was listed.
  await checkWriters();
  prepareForMatching(state.db, policy);
  checkMapping(state.db);
  reportAll(run, pools);
  const trustUsernames = policy.trustUsernames ?? descriptions.at(-1)?.adminCreateUserOnly ?? false;
  await match(run, policy, { trustUsernames, trustAttribute: policy.trustAttribute });
  signal?.throwIfAborted();
  finishPlan(state, clock.now(), groups && planGroups(groups));
  const counts = countPlan(state);
  // Without groups, every write makes another user active.
  return { ...counts, ...(groups === undefined ? estimate(counts.writes, options) : estimateApply(state, options)) };
}

function checkDistinct(legacyPools: readonly UserDirectory[], newPool: UserDirectory): void {
  if (legacyPools.length === 0) throw new ConfigurationError('legacyPools', 'expected at least one pool');
  const ids = [...legacyPools, newPool].map(({ userPoolId }) => userPoolId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new ConfigurationError('legacyPools', `the pool ${twice} is given more than once`);
}

/** What each pool says about itself; `undefined` where it must not be asked. */
async function describePools(
  pools: readonly PlannedPool[],
  run: Run,
): Promise<readonly (PoolDescription | undefined)[]> {
  const calls = run.calls(new Pace(SETTINGS_RPS, run.clock));
  const descriptions: (PoolDescription | undefined)[] = [];
  for (const { directory, side } of pools) {
    try {
      run.step(`Reading the settings of ${directory.userPoolId}`);
      descriptions.push(await repeated(() => directory.describePool(run.signal), calls));
    } catch (error) {
      if (mayPass(error) || run.signal?.aborted) throw error;
      descriptions.push(undefined);
      const lacking = side === 'new' ? 'usernames are not trusted, and its size is not known' : 'its size is not known';
      run.warn(
        `The settings of pool ${directory.userPoolId} cannot be read (cognito-idp:DescribeUserPool): ${lacking}.`,
      );
    }
  }
  return descriptions;
}

/** Only the last of what was listed twice counts; from here on the numbers are exact. */
function reportAll({ state, report }: Run, pools: readonly PlannedPool[]): void {
  for (const { id, side, directory } of pools) {
    const users =
      side === 'new'
        ? state.db.count('SELECT count(*) FROM new_users')
        : state.db.count('SELECT count(*) FROM legacy_users WHERE pool = ?', id);
    reportListed({ state, purpose: 'plan', pool: id, side, directory, onProgress: report }, users);
  }
}

async function match({ db, signal, report }: Run, policy: Policy, trust: Trust): Promise<void> {
  const total = db.count('SELECT count(*) FROM new_users');
  db.exec('DROP INDEX IF EXISTS decisions_value; DELETE FROM decisions');
  let users = 0;
  for (const rows of matchRows(db, policy)) {
    const decisions: SqlValue[] = [];
    for (const row of rows) {
      const { outcome, rule, value, detail, trustable = false } = decide(row, trust);
      decisions.push(row.id, outcome, rule, value, detail, trustable ? 1 : 0);
    }
    db.transaction(() => insertRows(db, 'decisions', DECISION_COLUMNS, decisions));
    users += rows.length;
    report({ type: 'match', users, total, done: false });
    await othersFirst();
    signal?.throwIfAborted();
  }
  db.transaction(() => settleClaims(db, policy.stampNewBorn));
  report({ type: 'match', users, total, done: true });
}
