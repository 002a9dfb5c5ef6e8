import { stopwatch } from '../clock.js';
import { checkNumber } from '../options.js';
import { applySteps } from './apply-steps.js';
import { countPending } from './attributes/pending.js';
import { checkReadRps } from './calls/quotas.js';
import { type Settled, type WriteJob, Writer } from './calls/writer.js';
import { Control } from './control/control.js';
import { estimateApply } from './estimate.js';
import { countPendingGroups } from './groups/apply.js';
import { groupsIf, plansGroups } from './groups/needed.js';
import type { ApplyOptions } from './options.js';
import { checkAttribute, checkSchema } from './preflight/attribute-check.js';
import { CHANGED } from './recheck/still-planned.js';
import type { ApplyResult } from './results.js';
import { inRun, type Run } from './run.js';
import { doubtAboutAge, refuseOldPlan, requirePlan, requirePlanNumber } from './state/finished-plan.js';
import { checkPools } from './state/planned-pools.js';
import { chooseUsers, PLANNED_NAMES } from './state/run-scope.js';
import type { State } from './state/state.js';

/** Reading again keeps up with the writes, and leaves something of the 30 that Cognito allows an account. */
const MOST_READ_RPS = 25;

/**
 * Writes what the plan says, each user once: first groups, then attributes, then memberships. Run again after an
 * interruption, it goes on; writes that a killed run may have sent are looked for, and sent once more where they did not arrive.
 *
 * Cognito knows no conditional write. In its place, each user is read again by `sub` within {@link MOST_AGE_MS} before the write,
 * and skipped, with the reason, where username, enabled state or value is no longer what the plan saw. What changes between that
 * read and the write is left to {@link runVerify}.
 *
 * Needs `cognito-idp:ListUsers`, `AdminUpdateUserAttributes`, `DescribeUserPool`, `ListUserPoolClients`,
 * `DescribeUserPoolClient`, `ListIdentityProviders` and `DescribeIdentityProvider` on the new pool; with groups `CreateGroup`,
 * `GetGroup` and `AdminAddUserToGroup`, too.
 * @throws {@link MigrationError}; `partial` then holds the {@link ApplyResult} so far
 */
export async function runApply(options: ApplyOptions): Promise<ApplyResult> {
  return inRun(options, (run) => apply(run, options));
}

const MOST = Number.MAX_SAFE_INTEGER;

function checkOptions(options: ApplyOptions, rps: number) {
  const { newPool, overwrite = false, dryRun = false, maxPlanAge, confirm } = options;
  const atLeastOne = { min: 1, max: MOST, integer: true, fallback: MOST };
  return {
    ...{ newPool, overwrite, dryRun, maxPlanAge, confirm },
    readRps: Math.max(checkReadRps(options.readRps), options.readRps === undefined ? Math.min(rps, MOST_READ_RPS) : 0),
    concurrency: checkNumber('concurrency', options.concurrency, { min: 1, max: 64, integer: true, fallback: 8 }),
    maxWrites: checkNumber('maxWrites', options.maxWrites, atLeastOne),
    maxFailed: checkNumber('maxFailed', options.maxFailed, atLeastOne),
    allowWritableAttribute: options.allowWritableAttribute ?? false,
  };
}

async function apply(run: Run, options: ApplyOptions): Promise<ApplyResult> {
  const { state, clock, warn, report } = run;
  const control = new Control(run, options);
  const { pace, gate, signal } = control;
  const checked = checkOptions(options, pace.rps);
  const { newPool, overwrite, dryRun, maxWrites, maxFailed, confirm } = checked;
  checkPools(state, newPool);
  requirePlan(state);
  requirePlanNumber(state, options.plan);
  const doubt = doubtAboutAge(state, clock.now(), checked.maxPlanAge);
  const newGroups = groupsIf(plansGroups(state), state, options.newGroups);
  const isLimited = await chooseUsers(run.db, 'only', options.only, [PLANNED_NAMES]);
  const planned = estimateApply(state, { ...options, rps: pace.rps }, isLimited);
  const total = planned.writes;
  const passed = stopwatch(clock);
  let startedAt = passed();

  const attribute = state.meta.get('attribute') ?? '';
  const check = {
    directory: newPool,
    attribute,
    longestValue: state.db.count(
      "SELECT max(length(value)) FROM decisions WHERE outcome IN ('set', 'conflict', 'new-born')",
    ),
    ...{ clock, signal, patience: run.patience, step: run.step },
  };
  let step: () => Promise<WriteJob | undefined> = async () => undefined;
  let changed = 0;
  let isStopped = false;
  const writer: Writer = new Writer({
    ...run.calls(pace),
    gate,
    signal,
    concurrency: checked.concurrency,
    maxWrites,
    next: async () => {
      isStopped ||= counts.failed >= maxFailed;
      const job = isStopped ? undefined : await step();
      return job && counting(job, () => (changed += 1));
    },
    whyInvalid: () => failureOf(() => checkSchema(check)),
    onProgress: () => progress(false),
  });
  const { counts } = writer;
  let wouldWrite = 0;
  const onTriedOut = (settled: Settled | undefined) => {
    signal?.throwIfAborted();
    if (settled === undefined) wouldWrite += 1;
    else if (settled.status !== 'written') counts[settled.status] += 1;
    if (settled?.reason?.startsWith(CHANGED)) changed += 1;
    progress(false);
  };
  const progress = (done: boolean) => {
    const { failed, skipped, attempts, throttled } = counts;
    const written = counts.written + wouldWrite;
    report({ type: 'write', written, failed, skipped, total, attempts, throttled, rps: pace.rps, done });
  };
  const result = (remaining = countRemaining(state, overwrite)): ApplyResult => ({
    written: counts.written,
    failed: counts.failed,
    skipped: counts.skipped,
    changed,
    remaining,
    attempts: counts.attempts,
    throttled: counts.throttled,
    seconds: Math.round(passed() - startedAt) / 1000,
    ...(isStopped && remaining > 0 ? { stoppedBy: 'max-failed' } : {}),
    ...(dryRun ? { dryRun, wouldWrite } : {}),
  });

  if (total === 0) {
    progress(true);
    return finished(state, result(), dryRun);
  }
  run.partial = () => result();
  await checkAttribute({ ...check, warn, allowWritableAttribute: checked.allowWritableAttribute });
  const work = await applySteps(run, { ...checked, newGroups, attribute, isLimited, rps: () => pace.rps });
  try {
    if (dryRun) {
      if (doubt !== undefined) report({ type: 'warning', message: doubt });
      for (step of work.steps) await tryOut(step, maxWrites - wouldWrite, onTriedOut);
    } else {
      if (doubt !== undefined && confirm === undefined) refuseOldPlan(doubt);
      if ((await confirm?.(planned, doubt)) === false) return result();
      startedAt = passed();
      state.meta.set('phase', 'applying');
      await control.during(async () => {
        for (step of work.steps) {
          await writer.run();
          const arrived = await work.settle();
          counts.written += arrived;
          counts.failed -= arrived;
        }
      });
    }
  } finally {
    await work.end();
  }
  progress(true);
  return finished(state, result(), dryRun);
}

function finished(state: State, result: ApplyResult, dryRun: boolean): ApplyResult {
  if (result.remaining === 0 && !dryRun) state.meta.set('phase', 'applied');
  return result;
}

/** Looks at each job as a writer would, and sends none. */
async function tryOut(
  next: () => Promise<WriteJob | undefined>,
  most: number,
  onJob: (settled: Settled | undefined) => void,
): Promise<void> {
  for (let writes = 0; writes < most; ) {
    const job = await next();
    if (job === undefined) return;
    const settled = await job.settled?.();
    if (settled === undefined) writes += 1;
    onJob(settled);
  }
}

/** The job, with a count of users who are no longer as planned. */
function counting(job: WriteJob, onChanged: () => void): WriteJob {
  return {
    ...job,
    end: (status, error) => {
      job.end(status, error);
      if (status === 'skipped' && error?.startsWith(CHANGED)) onChanged();
    },
  };
}

async function failureOf(check: () => Promise<void>): Promise<Error | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('unknown', { cause: error });
  }
}

function countRemaining(state: State, overwrite: boolean): number {
  const { groups, members } = countPendingGroups(state, ['begun']);
  return countPending(state, { overwrite, isLimited: false }, ['begun']) + groups + members;
}
