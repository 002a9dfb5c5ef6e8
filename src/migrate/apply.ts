import { stopwatch, systemClock } from '../clock.js';
import type { UserDirectory } from '../directory/types.js';
import { checkNumber } from '../options.js';
import { checkAttribute, checkSchema } from './attributes/check.js';
import { Pace } from './calls/pace.js';
import { asMigrationError, interruptedOr } from './calls/repeated.js';
import { type WriteJob, Writer } from './calls/writer.js';
import { MigrationError } from './errors.js';
import { checkRps, estimate } from './estimate.js';
import { countPendingGroups, type GroupWrites, groupCreations, memberAdditions } from './groups/apply.js';
import { groupsIf, plansGroups } from './groups/needed.js';
import type { ApplyOptions } from './options.js';
import { countPlan } from './plan-phases.js';
import type { ApplyResult, Estimate, EstimateOptions, WriteStatus } from './results.js';
import { Journal, type PlannedOperation } from './state/journal.js';
import { checkPools } from './state/pools.js';
import type { State } from './state/state.js';

const ROWS_PER_READ = 500;

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
  const { state, newPool, clock = systemClock, signal, onProgress } = options;
  const rps = checkRps(options.rps);
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
  const planned = estimateApply(state, options);
  const total = planned.writes;
  const pace = new Pace(rps, clock);
  const passed = stopwatch(clock);
  let startedAt = passed();

  const check = {
    directory: newPool,
    attribute: state.meta.get('attribute') ?? '',
    longestValue: state.db.count(
      "SELECT max(length(value)) FROM decisions WHERE outcome IN ('set', 'conflict', 'new-born')",
    ),
    clock,
    signal,
  };
  const warn = (message: string) => {
    state.meta.addWarning(message);
    onProgress?.({ type: 'warning', message });
  };
  const journal = new Journal(state.db, state.meta.get('plan') ?? 0, clock.now);
  const attributes = attributeWrites(pendingOperations(state, overwrite, check.attribute), newPool, journal);
  const groups: GroupWrites | undefined = newGroups && { state, journal, directory: newGroups, clock, warn };
  // One after the other: members can only be added to a group that is there.
  const steps = groups === undefined ? [attributes] : [groupCreations(groups), attributes, memberAdditions(groups)];
  let step: Iterator<WriteJob> = attributes;
  const writer: Writer = new Writer({
    clock,
    pace,
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
    onProgress?.({ type: 'write', written, failed, skipped, total, attempts, throttled, rps: pace.rps, done });
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

  try {
    if (total > 0) {
      await checkAttribute({ ...check, warn, allowWritableAttribute: options.allowWritableAttribute ?? false });
      if ((await options.confirm?.(planned)) === false) return result();
      startedAt = passed();
      state.meta.set('phase', 'applying');
      for (step of steps) await writer.run();
    }
    progress(true);
    const done = result();
    if (done.remaining === 0) state.meta.set('phase', 'applied');
    return done;
  } catch (error) {
    const failure = interruptedOr(asMigrationError(error), signal);
    if (failure instanceof MigrationError && total > 0) failure.partial = partialOf(result);
    throw failure;
  }
}

/** A state that cannot be read any more has no numbers to give. */
export function partialOf<T>(result: () => T): T | undefined {
  try {
    return result();
  } catch {
    return undefined;
  }
}

async function failureOf(check: () => Promise<void>): Promise<Error | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error('unknown', { cause: error });
  }
}

function* attributeWrites(operations: Iterable<PlannedOperation>, newPool: UserDirectory, journal: Journal) {
  for (const operation of operations) {
    const { username, target, value } = operation;
    yield journal.job(operation, () => newPool.updateAttributes(username, { [target]: value }));
  }
}

/** Decisions that lead to a write, with what earlier runs of this plan made of them. */
const PENDING = `FROM decisions d JOIN new_users n ON n.id = d.user
  LEFT JOIN operations o ON o.plan = ? AND o.kind = 'attribute' AND o.username = n.username AND o.target = ?
  WHERE d.value IS NOT NULL AND d.outcome IN`;

/** Overwriting comes first: what it frees may be what others are to get. */
function outcomesToWrite(overwrite: boolean): readonly string[] {
  return overwrite ? ["('conflict')", "('set', 'new-born')"] : ["('set', 'new-born')"];
}

function countRemaining(state: State, overwrite: boolean): number {
  const { groups, members } = countPendingGroups(state, ['begun']);
  return countPending(state, overwrite, ['begun']) + groups + members;
}

function countPending({ db, meta }: State, overwrite: boolean, statuses: readonly WriteStatus[]): number {
  let pending = 0;
  for (const outcomes of outcomesToWrite(overwrite)) {
    pending += db.count(
      `SELECT count(*) ${PENDING} ${outcomes} AND (o.id IS NULL OR o.status IN (SELECT value FROM json_each(?)))`,
      meta.get('plan') ?? 0,
      meta.get('attribute') ?? '',
      JSON.stringify(statuses),
    );
  }
  return pending;
}

function* pendingOperations({ db, meta }: State, overwrite: boolean, attribute: string): Generator<PlannedOperation> {
  const plan = meta.get('plan') ?? 0;
  for (const outcomes of outcomesToWrite(overwrite)) {
    const sql = `SELECT d.user, n.username, coalesce(n.sub, ''), d.value, coalesce(n.value, ''), o.status ${PENDING} ${outcomes}
      AND d.user > ? AND (o.id IS NULL OR o.status IN ('begun', 'failed')) ORDER BY d.user LIMIT ${ROWS_PER_READ}`;
    for (let last = 0; ; ) {
      const rows = db.all<readonly [number, string, string, string, string, WriteStatus | null]>(
        sql,
        plan,
        attribute,
        last,
      );
      if (rows.length === 0) break;
      for (const [user, username, sub, value, before, earlier] of rows) {
        yield { kind: 'attribute', username, sub, target: attribute, value, before, earlier: earlier ?? undefined };
        last = user;
      }
    }
  }
}
