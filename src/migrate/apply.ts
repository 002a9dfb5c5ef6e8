import { stopwatch } from '../clock.js';
import { checkNumber } from '../options.js';
import { checkAttribute, checkSchema } from './attributes/check.js';
import { attributeWrites, countPending, pendingOperations } from './attributes/pending.js';
import { type WriteJob, Writer } from './calls/writer.js';
import { Control } from './control.js';
import { MigrationError } from './errors.js';
import { estimate } from './estimate.js';
import { countPendingGroups, type GroupWrites, groupCreations, memberAdditions } from './groups/apply.js';
import { groupsIf, plansGroups } from './groups/needed.js';
import type { ApplyOptions } from './options.js';
import { countPlan } from './plan-phases.js';
import type { ApplyResult, Estimate, EstimateOptions } from './results.js';
import { inRun, type Run } from './run.js';
import { Journal } from './state/journal.js';
import { checkPools } from './state/pools.js';
import type { State } from './state/state.js';

/** `apply` or `rollback` may run: there is a finished plan that was not rolled back. */
function requirePlan(state: State): void {
  const phase = state.meta.get('phase');
  if (phase === 'rolling-back' || phase === 'rolled-back') {
    throw new MigrationError('ERR_STATE_NOT_READY', `what ${state.path} planned was rolled back`, {
      fix: 'Run `plan` again.',
    });
  }
  if (phase === 'listing' || phase === 'matching') {
    throw new MigrationError('ERR_STATE_NOT_READY', `the plan in ${state.path} is not finished`, {
      fix: 'Run `plan` again: it goes on where it was.',
    });
  }
  countPlan(state);
}

/**
 * What an apply with these options would write, and cost.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function estimateApply(
  state: State,
  options: EstimateOptions & { readonly maxWrites?: number; readonly overwrite?: boolean } = {},
): Estimate {
  requirePlan(state);
  const attributes = countPending(state, options.overwrite ?? false, ['begun', 'failed']);
  const pending = countPendingGroups(state, ['begun', 'failed']);
  const all = attributes + pending.groups + pending.members;
  const writes = Math.min(all, options.maxWrites ?? all);
  const groups = Math.min(pending.groups, writes);
  return estimate(writes, options, { groups, users: Math.min(attributes + pending.users, writes - groups) });
}

/**
 * Writes what the plan says, each user once: first groups, then attributes, then memberships. Run again after an
 * interruption, it goes on; writes that a killed run may have sent are sent once more, with the same value.
 *
 * Cognito knows no conditional write, so a value that somebody else sets between plan and apply is overwritten unseen;
 * {@link runVerify} afterwards compares every value with the plan.
 *
 * Needs `cognito-idp:AdminUpdateUserAttributes`, `DescribeUserPool`, `ListUserPoolClients`, `DescribeUserPoolClient`,
 * `ListIdentityProviders` and `DescribeIdentityProvider` on the new pool; with groups `CreateGroup`, `GetGroup` and
 * `AdminAddUserToGroup`, too.
 * @throws {@link MigrationError}; `partial` then holds the {@link ApplyResult} so far
 */
export async function runApply(options: ApplyOptions): Promise<ApplyResult> {
  return inRun(options, (run) => apply(run, options));
}

async function apply(run: Run, options: ApplyOptions): Promise<ApplyResult> {
  const { state, clock, warn, report } = run;
  const { newPool } = options;
  const control = new Control(run, options);
  const { pace, gate, signal } = control;
  const concurrency = checkNumber('concurrency', options.concurrency, { min: 1, max: 64, integer: true, fallback: 8 });
  const maxWrites = checkNumber('maxWrites', options.maxWrites, {
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
    fallback: Number.MAX_SAFE_INTEGER,
  });
  const overwrite = options.overwrite ?? false;
  checkPools(state, newPool);
  requirePlan(state);
  const newGroups = groupsIf(plansGroups(state), state, options.newGroups);
  const planned = estimateApply(state, { ...options, rps: pace.rps });
  const total = planned.writes;
  const passed = stopwatch(clock);
  let startedAt = passed();

  const check = {
    directory: newPool,
    attribute: state.meta.get('attribute') ?? '',
    longestValue: state.db.count(
      "SELECT max(length(value)) FROM decisions WHERE outcome IN ('set', 'conflict', 'new-born')",
    ),
    ...{ clock, signal, patience: run.patience, step: run.step },
  };
  const journal = new Journal(state.db, state.meta.get('plan') ?? 0, clock.now);
  const attributes = attributeWrites(pendingOperations(state, overwrite, check.attribute), newPool, journal);
  const groups: GroupWrites | undefined = newGroups && { state, journal, directory: newGroups, clock, warn };
  // One after the other: members can only be added to a group that is there.
  const steps = groups === undefined ? [attributes] : [groupCreations(groups), attributes, memberAdditions(groups)];
  let step: Iterator<WriteJob> = attributes;
  const writer: Writer = new Writer({
    ...run.calls(pace),
    gate,
    signal,
    concurrency,
    maxWrites,
    next: () => {
      const job = step.next();
      return job.done === true ? undefined : job.value;
    },
    whyInvalid: () => failureOf(() => checkSchema(check)),
    onProgress: () => progress(false),
  });
  const { counts } = writer;
  const progress = (done: boolean) => {
    const { written, failed, skipped, attempts, throttled } = counts;
    report({ type: 'write', written, failed, skipped, total, attempts, throttled, rps: pace.rps, done });
  };
  const result = (): ApplyResult => ({
    written: counts.written,
    failed: counts.failed,
    skipped: counts.skipped,
    remaining: countRemaining(state, overwrite),
    attempts: counts.attempts,
    throttled: counts.throttled,
    seconds: Math.round(passed() - startedAt) / 1000,
  });

  if (total > 0) {
    run.partial = result;
    await checkAttribute({ ...check, warn, allowWritableAttribute: options.allowWritableAttribute ?? false });
    if ((await options.confirm?.(planned)) === false) return result();
    startedAt = passed();
    state.meta.set('phase', 'applying');
    await control.during(async () => {
      for (step of steps) await writer.run();
    });
  }
  progress(true);
  const done = result();
  if (done.remaining === 0) state.meta.set('phase', 'applied');
  return done;
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
  return countPending(state, overwrite, ['begun']) + groups + members;
}
