import type { UserDirectory } from '../directory/user-types.js';
import { ConfigurationError } from '../errors.js';
import { Pace } from './calls/pace.js';
import { checkReadRps } from './calls/quotas.js';
import { estimate, estimateApply } from './estimate.js';
import { checkGroupPools, planGroups, readGroups } from './groups/plan.js';
import { listPool, reportListed } from './listing/list-pool.js';
import { checkMapping, loadMapping } from './matching/mapping.js';
import { match, preferredPools } from './matching/match.js';
import { prepareLegacyUsers, prepareNewUsers } from './matching/match-indexes.js';
import { checkPolicy, checkPreferred } from './matching/policy.js';
import type { PlanOptions } from './options.js';
import { beginPlan, type FinishedPlan, finishPlan, planSinks } from './plan-phases.js';
import { requireUnwritable } from './preflight/attribute-check.js';
import { inspectLegacyProvider } from './preflight/legacy-provider.js';
import { checkMappedUsers } from './preflight/mapped-users.js';
import { reusableKey } from './preflight/reused-listing.js';
import { describePools, usernameTrust } from './preflight/sign-up.js';
import { checkMatchAttributes } from './preflight/writable-match.js';
import type { PlanResult } from './results.js';
import { inRun, type Run } from './run.js';
import { Aside } from './state/aside.js';
import { draftOf } from './state/draft.js';
import { planAge } from './state/finished-plan.js';
import type { LockName } from './state/locks.js';
import { bindPools, inOrderOf, type PlannedPool } from './state/planned-pools.js';

/** A listing this old is continued, and talked about. */
const DAY_MS = 24 * 3_600_000;
const OLD_MS = DAY_MS;

/** A listing of the legacy pools that is used again is talked about from here on. */
const OLD_LEGACY_DAYS = 7;

/**
 * Lists the pools into the state, matches them and decides what would be written. Writes nothing to a pool. A plan that was
 * interrupted goes on where it was; a finished one is made again. What earlier plans wrote stays recorded, for rollback.
 *
 * Needs `cognito-idp:ListUsers` on each pool. Where `cognito-idp:DescribeUserPool` is allowed too, it also knows how many users
 * to expect, and whether usernames can be trusted. With `trustAttribute` it also needs `cognito-idp:ListUserPoolClients`,
 * `DescribeUserPoolClient`, `ListIdentityProviders` and `DescribeIdentityProvider` on the new pool, with a rule `attribute:NAME` on
 * every pool; with `legacyProvider` the last two on the new pool, where they are allowed.
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
  checkPreferred(policy, legacyPools);
  if (options.groups !== undefined) checkGroupPools(options.groups, options);
  if (mapping !== undefined && !policy.rules.includes('mapping')) {
    throw new ConfigurationError('mapping', "is given, but match does not hold 'mapping'");
  }
  const pools = bindPools(state, legacyPools, newPool);
  await loadMapping(state.db, mapping ?? []);
  await checkMappedUsers(run, { legacyPools, newPool, pace });
  const asked = { directory: newPool, clock, signal, patience, step };
  const checkWriters = async () => {
    if (policy.trustAttribute) await requireUnwritable({ ...asked, attribute: policy.attribute });
    return checkMatchAttributes(
      policy,
      pools.map(({ directory }) => ({ ...asked, directory })),
    );
  };
  const writable = await checkWriters();
  const legacyIds = legacyPools.map(({ userPoolId }) => userPoolId);
  const { legacyProvider } = policy;
  const doubts = legacyProvider === undefined ? [] : await inspectLegacyProvider(legacyProvider, legacyIds, asked);
  const reusedKey = options.reuseLegacyListing ? await reusableKey(run, policy, legacyPools) : undefined;
  const { draft: begun, resumed } = await beginPlan(state, policy, {
    now: clock.now(),
    fresh: options.fresh ?? false,
    oldMs: OLD_MS,
    reusedKey,
  });
  run.warnsOf = 'draftWarnings';
  for (const doubt of [...writable, ...doubts]) warn(doubt);
  if (resumed && clock.now() - begun.begunAt > OLD_MS) {
    warn(
      'This plan was begun more than a day ago; users listed then are judged as they were. `plan --fresh` lists them again.',
    );
  }
  const legacyDays = Math.floor((planAge(state, clock.now())?.legacyListed ?? 0) / DAY_MS);
  if (begun.reusesLegacy && legacyDays >= OLD_LEGACY_DAYS) {
    warn(
      `The legacy pools were listed ${legacyDays} days ago: addresses may belong to other people since, and users may be gone. List them again, without --reuse-legacy-listing.`,
    );
  }
  const db = draftOf(state);
  const askedAt = clock.now();
  const described = await describePools(pools, policy, run);
  const closedNow = described.every(
    ({ side, signUp }) => side === 'new' || (signUp?.adminCreateUserOnly === true && signUp.readAt >= askedAt),
  );
  const draft = { ...begun, legacyClosed: begun.legacyClosed !== false && closedNow };
  state.meta.set('draft', draft);
  const groups = options.groups && {
    ...options,
    groups: { ...options.groups, legacyPools: inOrderOf(pools, options.groups.legacyPools) },
    ...{ db, pace, clock, patience, warn },
  };
  // Before the users: what is wrong with groups is said early.
  if (groups !== undefined) await readGroups(groups);
  if (draft.phase === 'listing') {
    const sinks = planSinks(state, policy, pools);
    for (const [index, { id, side, directory, estimatedUsers }] of described.entries()) {
      const sink = sinks[index];
      if (sink === undefined || (side === 'legacy' && draft.reusesLegacy)) continue;
      const where = { state, purpose: 'plan', pool: id, side, directory, sink, estimatedUsers } as const;
      await listPool({ ...where, pace, clock, signal, patience, warn, onProgress: run.report });
    }
    state.meta.set('draft', { ...draft, phase: 'matching' });
  }
  // A client that was opened while the pools were listed may have written what was listed.
  await checkWriters();
  const progress = { users: 0, total: 0 };
  const aside = new Aside(db, { onWait: () => run.report({ type: 'match', ...progress, done: false }) });
  await aside.run((script) => {
    if (!draft.reusesLegacy) prepareLegacyUsers(script, policy);
    prepareNewUsers(script);
  });
  await checkMapping(aside, warn);
  await reportAll(run, aside, pools);
  const { trustAttribute } = policy;
  const trustUsernames = usernameTrust(policy, described);
  const trust = { trustUsernames, trustAttribute, prefer: preferredPools(policy, pools) };
  await match({ signal, report: run.report, db, aside, progress }, policy, trust);
  signal?.throwIfAborted();
  const groupCounts = groups && (await planGroups(groups, aside));
  // A plan with groups may have been complete, and not have come into force.
  if (groups === undefined) db.exec('DELETE FROM memberships; DELETE FROM planned_groups');
  const { counts, busy } = await finishPlan(state, { now: clock.now(), groups: groupCounts, aside });
  if (busy !== undefined) return notInForce(run, options, counts, busy);
  // Without groups, every write makes another user active.
  return { ...counts, ...(groups === undefined ? estimate(counts.writes, options) : estimateApply(state, options)) };
}

const AT_WORK: Readonly<Record<LockName, string>> = {
  main: 'An apply or a rollback',
  plan: 'Another plan',
  verify: 'A verify',
  publish: 'A publish',
  control: 'A change of pace',
};

/** A plan that is complete, and that the finished one has not made place for. */
function notInForce(run: Run, options: PlanOptions, counts: FinishedPlan['counts'], busy: LockName): PlanResult {
  const groups = counts.groups?.toCreate ?? 0;
  // Not kept: it is true of this moment.
  run.report({
    type: 'warning',
    message: `${AT_WORK[busy]} is running: this plan comes into force when \`plan\` is run again after it has ended.`,
  });
  return { ...counts, ...estimate(counts.writes, options, { groups, users: counts.writes - groups }), inForce: false };
}

function checkDistinct(legacyPools: readonly UserDirectory[], newPool: UserDirectory): void {
  if (legacyPools.length === 0) throw new ConfigurationError('legacyPools', 'expected at least one pool');
  const ids = [...legacyPools, newPool].map(({ userPoolId }) => userPoolId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new ConfigurationError('legacyPools', `the pool ${twice} is given more than once`);
}

/** Only the last of what was listed twice counts; from here on the numbers are exact. */
async function reportAll({ state, report }: Run, aside: Aside, pools: readonly PlannedPool[]): Promise<void> {
  for (const { id, side, directory } of pools) {
    const users =
      side === 'new'
        ? await aside.count('SELECT count(*) FROM new_users')
        : await aside.count('SELECT count(*) FROM legacy_users WHERE pool = ?', id);
    reportListed({ state, purpose: 'plan', pool: id, side, directory, onProgress: report }, users);
  }
}
