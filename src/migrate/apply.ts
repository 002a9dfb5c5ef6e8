import { applySteps } from './apply-steps.js';
import { countPending } from './attributes/pending.js';
import { checkReadRps, DEFAULT_READ_RPS } from './calls/quotas.js';
import { Control } from './control/control.js';
import { checkLimits, WritingRun } from './control/writing-run.js';
import { estimateApply } from './estimate.js';
import { groupsIf, plansGroups } from './groups/needed.js';
import { countPendingGroups } from './groups/pending.js';
import { checkAttribute, checkSchema } from './preflight/attribute-check.js';
import type { ApplyResult } from './results.js';
import { inRun, type Run } from './run.js';
import type { ApplyOptions } from './run-options.js';
import {
  doubtAboutAge,
  refuseOldPlan,
  requireIntactPlan,
  requirePlan,
  requirePlanNumber,
} from './state/finished-plan.js';
import { checkPools } from './state/planned-pools.js';
import { chooseUsers, PLANNED_NAMES } from './state/run-scope.js';
import type { Sqlite } from './state/sqlite.js';
import type { State } from './state/state.js';

/** Reads keep up with the writes, and leave part of the 30 per second that Cognito allows an account. */
const MOST_READ_RPS = 25;

/**
 * Writes what the plan says, each user once: first groups, then attributes, then memberships. When run again after an
 * interruption, it continues. It checks which writes of a killed run arrived, and repeats those that did not.
 *
 * Cognito has no conditional write. Instead, each user is read again by `sub` within {@link MOST_AGE_MS} before the write. A user whose
 * username, enabled state or value is no longer what the plan saw is skipped, and the reason is recorded. Changes between that read and
 * the write are found by {@link runVerify}.
 *
 * Needs `cognito-idp:ListUsers`, `AdminUpdateUserAttributes`, `DescribeUserPool`, `ListUserPoolClients`,
 * `DescribeUserPoolClient`, `ListIdentityProviders` and `DescribeIdentityProvider` on the new pool; with groups `CreateGroup`,
 * `GetGroup` and `AdminAddUserToGroup`.
 * @throws {@link MigrationError}; `partial` then holds the {@link ApplyResult} so far
 */
export async function runApply(options: ApplyOptions): Promise<ApplyResult> {
  return inRun(options, (run) => apply(run, options));
}

async function apply(run: Run, options: ApplyOptions): Promise<ApplyResult> {
  const { state, db, clock } = run;
  const { newPool, overwrite = false, confirm } = options;
  const control = new Control(run, options);
  const { rps } = control.pace;
  const limits = checkLimits(options);
  const readRps = checkApplyReadRps(options.readRps, rps);
  checkPools(state, newPool);
  requirePlan(state);
  requirePlanNumber(state, options.plan);
  const doubt = doubtAboutAge(state, clock.now(), options.maxPlanAge);
  const newGroups = groupsIf(plansGroups(state), state, options.newGroups);
  const isLimited = await chooseUsers(db, 'only', options.only, [PLANNED_NAMES]);
  const planned = estimateApply(state, { ...options, rps }, isLimited);
  const attribute = state.meta.get('attribute') ?? '';
  const check = {
    ...{ directory: newPool, attribute, longestValue: longestValue(db) },
    ...{ clock, signal: control.signal, patience: run.patience, step: run.step },
  };
  const writing = new WritingRun(run, control, {
    ...limits,
    total: planned.writes,
    whyInvalid: () => failureOf(() => checkSchema(check)),
  });
  let changed = 0;
  return writing.carryOut({
    prepare: async () => {
      const { allowWritableAttribute = false } = options;
      await requireIntactPlan(state);
      await checkAttribute({ ...check, warn: run.warn, allowWritableAttribute });
      const { dryRun } = limits;
      const rpsNow = () => control.pace.rps;
      const how = { newPool, newGroups, attribute, overwrite, isLimited, dryRun, readRps, rps: rpsNow };
      const work = await applySteps(run, { ...how, onChanged: () => (changed += 1) });
      if (dryRun && doubt !== undefined) run.report({ type: 'warning', message: doubt });
      return work;
    },
    isWanted: async () => {
      if (doubt !== undefined && confirm === undefined) refuseOldPlan(doubt);
      return (await confirm?.(planned, doubt)) !== false;
    },
    phases: ['applying', 'applied'],
    result: () => {
      const { failed, skipped } = writing.numbers;
      const { written, attempts, throttled } = writing.sent;
      const remaining = countRemaining(state, overwrite);
      return {
        ...{ written, failed, skipped, changed, remaining, attempts, throttled, seconds: run.seconds },
        ...(writing.isStopped && remaining > 0 ? { stoppedBy: 'max-failed' } : {}),
        ...(limits.dryRun ? { dryRun: true, wouldWrite: writing.wouldWrite } : {}),
      };
    },
  });
}

/** By default as fast as the writes, within bounds. */
function checkApplyReadRps(readRps: number | undefined, rps: number): number {
  if (readRps !== undefined) return checkReadRps(readRps);
  return Math.max(DEFAULT_READ_RPS, Math.min(rps, MOST_READ_RPS));
}

function longestValue(db: Sqlite): number {
  return db.count("SELECT max(length(value)) FROM decisions WHERE outcome IN ('set', 'conflict', 'new-born')");
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
