import { DAY_MS } from '../clock.js';
import type { UserDirectory } from '../directory/user-types.js';
import { ConfigurationError } from '../errors.js';
import type { Pace } from './calls/pace.js';
import { checkReadRps } from './calls/quotas.js';
import { checkEstimate, estimate, estimateApply, priced } from './estimate.js';
import { describeWorker } from './files/worker.js';
import { type GroupPlanOptions, planGroups, readGroups } from './groups/plan-groups.js';
import { listPools, reportListed } from './listing/list-pool.js';
import { checkMapping, loadMapping } from './matching/mapping.js';
import { match, preferredPools } from './matching/match.js';
import { prepareLegacyUsers, prepareNewUsers } from './matching/match-indexes.js';
import { checkPolicy, checkPreferred, type Policy } from './matching/policy.js';
import { beginPlan, type FinishedPlan, finishPlan, planSinks } from './plan-phases.js';
import { requireUnwritable } from './preflight/attribute-check.js';
import { foreseeRefusals } from './preflight/foresee.js';
import { inspectLegacyProvider } from './preflight/legacy-provider.js';
import { checkMappedUsers } from './preflight/mapped-users.js';
import { type ReachedPool, reachPools } from './preflight/reach.js';
import { reusableKey } from './preflight/reused-listing.js';
import { type DescribedPool, describePools, usernameTrust } from './preflight/sign-up.js';
import { checkMatchAttributes } from './preflight/writable-match.js';
import type { PlanResult } from './results.js';
import { inRun, type Run } from './run.js';
import type { PlanOptions } from './run-options.js';
import { Aside } from './state/aside.js';
import { type Draft, draftOf } from './state/draft.js';
import { planAge } from './state/finished-plan.js';
import type { LockName } from './state/locks.js';
import {
  bindPools,
  inOrderOf,
  type PlannedPool,
  requireDistinctPools,
  requireSamePools,
  requireUnboundOrSame,
} from './state/planned-pools.js';

/** Age from which a reused listing of the legacy pools causes a warning. */
const OLD_LEGACY_DAYS = 7;

/**
 * Lists the pools into the state, matches users and decides what would be written. Writes nothing to a pool. An interrupted plan
 * continues where it stopped; a finished one is made again. What earlier plans wrote stays recorded, for rollback.
 *
 * Needs `cognito-idp:ListUsers` on each pool. Where `cognito-idp:DescribeUserPool` is allowed too, it also knows how many users
 * to expect, and whether usernames can be trusted; where the calls below are allowed on the new pool, also what apply would refuse. With `trustAttribute` it also needs `cognito-idp:ListUserPoolClients`,
 * `DescribeUserPoolClient`, `ListIdentityProviders` and `DescribeIdentityProvider` on the new pool, with a rule `attribute:NAME` on
 * every pool; with `legacyProvider` the last two on the new pool, where they are allowed.
 * @throws {@link MigrationError}, {@link ConfigurationError}
 */
export async function runPlan(options: PlanOptions): Promise<PlanResult> {
  return inRun(options, (run) => plan(run, options));
}

/** What the steps of a plan work with. */
interface Planning {
  readonly run: Run;
  readonly options: PlanOptions;
  readonly policy: Policy;
  readonly pace: Pace;
  readonly pools: readonly PlannedPool[];
  readonly reached: readonly ReachedPool[];
  readonly startedAt: number;
}

async function plan(run: Run, options: PlanOptions): Promise<PlanResult> {
  const startedAt = run.clock.now();
  const policy = checkPlanOptions(options);
  const { legacyPools, newPool, fresh } = options;
  const pace = run.readPace(options.readRps);
  requireUnboundOrSame(run.state, options, fresh === true);
  const undecided = await loadMapping(run.db, options.mapping ?? []);
  // Nothing is stored about a pool before it has answered: a mistyped one must not keep the right one out.
  const reached = await reachPools([...legacyPools, newPool], run);
  const applyRefuses = await foreseeRefusals(run, { ...options, ...policy, reached });
  const pools = bindPools(run.state, legacyPools, newPool);
  const planning: Planning = { run, options, policy, pace, pools, reached, startedAt };
  await checkMappedUsers(run, { ...options, pace });
  const begun = await begin(planning, [
    ...undecided,
    ...(await checkWriters(planning)),
    ...(await doubtLegacyProvider(planning)),
  ]);
  const { described, draft } = describe(planning, begun);
  const groups = groupsOf(planning);
  // Before the users, so that problems with groups are reported early.
  if (groups !== undefined) await readGroups(groups);
  if (draft.phase === 'listing') await list(planning, draft, described);
  // A client that could write the attribute while the pools were listed may have written what was listed.
  await checkWriters(planning);
  const aside = await decideUsers(planning, draft, described);
  const groupCounts = groups && (await planGroups(groups, aside));
  // An earlier draft with groups may have been complete without taking effect.
  if (groups === undefined) draftOf(run.state).exec('DELETE FROM memberships; DELETE FROM planned_groups');
  const finished = await finishPlan(run.state, { now: run.clock.now(), groups: groupCounts, aside });
  return { ...resultOf(planning, finished), ...(applyRefuses.length === 0 ? {} : { applyRefuses }) };
}

function checkPlanOptions(options: PlanOptions): Policy {
  const { legacyPools, newPool, mapping, groups, readRps } = options;
  const policy = checkPolicy(options);
  checkReadRps(readRps);
  checkEstimate(options);
  requireDistinctPools(legacyPools, newPool);
  checkPreferred(policy, legacyPools);
  if (groups !== undefined) requireSamePools('groups', groups, options);
  if (mapping !== undefined && !policy.rules.includes('mapping')) {
    throw new ConfigurationError('mapping', "is given, but match does not include 'mapping'");
  }
  return policy;
}

/** What is needed to read a pool's settings. */
function asked({ run: { clock, signal, patience, step } }: Planning, directory: UserDirectory) {
  return { directory, clock, signal, patience, step };
}

/** Refuses attributes that users or clients could have written. Returns warnings. */
async function checkWriters(planning: Planning): Promise<readonly string[]> {
  const { policy, options, pools } = planning;
  const { attribute, trustAttribute } = policy;
  if (trustAttribute) await requireUnwritable({ ...asked(planning, options.newPool), attribute });
  return checkMatchAttributes(
    policy,
    pools.map(({ directory }) => asked(planning, directory)),
  );
}

async function doubtLegacyProvider(planning: Planning): Promise<readonly string[]> {
  const { legacyPools, newPool } = planning.options;
  const { legacyProvider } = planning.policy;
  if (legacyProvider === undefined) return [];
  const legacyIds = legacyPools.map(({ userPoolId }) => userPoolId);
  return inspectLegacyProvider(legacyProvider, legacyIds, asked(planning, newPool));
}

/** Begins or continues a plan. From here on, warnings are stored with this plan. */
async function begin({ run, options, policy, startedAt }: Planning, doubts: readonly string[]): Promise<Draft> {
  const { state, clock, warn } = run;
  const { reuseLegacyListing, legacyPools, fresh = false } = options;
  const reusedKey = reuseLegacyListing ? await reusableKey(run, policy, legacyPools) : undefined;
  const how = { now: startedAt, fresh, oldMs: DAY_MS, reusedKey };
  const { draft, resumed } = await beginPlan(state, policy, how);
  run.warnsOf = 'draftWarnings';
  for (const doubt of doubts) warn(doubt);
  if (resumed && clock.now() - draft.begunAt > DAY_MS) {
    warn(
      'This plan was started more than a day ago. Users who were listed then are judged as they were then; `plan --fresh` lists them again.',
    );
  }
  const legacyDays = Math.floor((planAge(state, clock.now())?.legacyListed ?? 0) / DAY_MS);
  if (draft.reusesLegacy && legacyDays >= OLD_LEGACY_DAYS) {
    warn(
      `The legacy pools were listed ${legacyDays} days ago. Addresses may belong to other people by now, and users may have been deleted. Run plan without --reuse-legacy-listing to list the pools again.`,
    );
  }
  return draft;
}

/** Judges each pool's settings, and records whether sign-up is closed in every legacy pool. */
function describe(
  { run, policy, pools, reached }: Planning,
  begun: Draft,
): { readonly described: readonly DescribedPool[]; readonly draft: Draft } {
  const described = describePools(pools, reached, policy, run);
  const closedNow = described.every(({ side, closedNow }) => side === 'new' || closedNow);
  const draft = { ...begun, legacyClosed: begun.legacyClosed !== false && closedNow };
  run.meta.set('draft', draft);
  return { described, draft };
}

function groupsOf({ run, options: { groups }, pace, pools }: Planning): GroupPlanOptions | undefined {
  if (groups === undefined) return undefined;
  const { state, warn, report } = run;
  return {
    ...run.calls(pace),
    ...{ state, db: draftOf(state), warn, onProgress: report },
    groups: { ...groups, legacyPools: inOrderOf(pools, groups.legacyPools) },
  };
}

async function list(
  { run, policy, pace, pools }: Planning,
  draft: Draft,
  described: readonly DescribedPool[],
): Promise<void> {
  const { state, warn, report: onProgress } = run;
  const sinks = planSinks(state, policy, pools);
  const listed = described.flatMap(({ id, side, directory, estimatedUsers }, index) => {
    const sink = sinks[index];
    if (sink === undefined || (side === 'legacy' && draft.reusesLegacy)) return [];
    return [{ state, purpose: 'plan', pool: id, side, directory, sink, estimatedUsers, onProgress } as const];
  });
  await listPools(listed, { ...run.calls(pace), warn });
  run.meta.set('draft', { ...draft, phase: 'matching' });
}

/** Matches the listed users and decides an outcome for each. */
async function decideUsers(
  { run, policy, pools }: Planning,
  draft: Draft,
  described: readonly DescribedPool[],
): Promise<Aside> {
  const { state, signal, warn, report } = run;
  const db = draftOf(state);
  const progress = { users: 0, total: 0 };
  const aside = new Aside(db, { onWait: () => report({ type: 'match', ...progress, done: false }) });
  await aside.run((script) => {
    if (!draft.reusesLegacy) prepareLegacyUsers(script, policy);
    prepareNewUsers(script);
  });
  await checkMapping(aside, warn);
  await reportAll(run, aside, pools);
  const { trustAttribute } = policy;
  const trustUsernames = usernameTrust(policy, described);
  const trust = { trustUsernames, trustAttribute, prefer: preferredPools(policy, pools) };
  await match({ signal, report, db, aside, progress }, policy, trust);
  signal?.throwIfAborted();
  return aside;
}

/** The plan's numbers. The plan is not in force while another process works on the finished one. */
function resultOf({ run, options: given }: Planning, { counts, busy }: FinishedPlan): PlanResult {
  const options = priced(run.state, given);
  const { groups, writes } = counts;
  if (busy !== undefined) {
    // Not stored: this is only true at this moment.
    const worker = run.state.workerAt(busy);
    const who = worker === undefined ? '' : ` At work: ${describeWorker(worker)}.`;
    const when = 'This plan takes effect when you run `plan` again after that has ended.';
    run.report({ type: 'warning', message: `${AT_WORK[busy]} is running. ${when}${who}` });
    const toCreate = groups?.toCreate ?? 0;
    return { ...counts, ...estimate(writes, options, { groups: toCreate, users: writes - toCreate }), inForce: false };
  }
  // Without groups, each write makes one more user active.
  return { ...counts, ...(groups === undefined ? estimate(writes, options) : estimateApply(run.state, options)) };
}

const AT_WORK: Readonly<Record<LockName, string>> = {
  main: 'An apply or a rollback',
  plan: 'Another plan',
  verify: 'A verify',
  publish: 'A publish',
  control: 'A change of pace',
};

/** Reports exact numbers, now that users who were listed twice are counted once. */
async function reportAll({ state, report }: Run, aside: Aside, pools: readonly PlannedPool[]): Promise<void> {
  for (const { id, side, directory } of pools) {
    const users =
      side === 'new'
        ? await aside.count('SELECT count(*) FROM new_users')
        : await aside.count('SELECT count(*) FROM legacy_users WHERE pool = ?', id);
    reportListed({ state, purpose: 'plan', pool: id, side, directory, onProgress: report }, users);
  }
}
