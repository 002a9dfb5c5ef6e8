import { HOUR_MS } from '../../clock.js';
import { ConfigurationError } from '../../errors.js';
import { checkNumber } from '../../options.js';
import { MigrationError } from '../migration-error.js';
import type { StatusResult } from '../results.js';
import type { State } from './state.js';

/**
 * The numbers of the finished plan.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function countPlan(state: State): NonNullable<StatusResult['plan']> {
  const result = state.meta.get('result');
  if (result !== undefined) return result;
  throw new MigrationError('ERR_STATE_NOT_READY', `${state.path} contains no finished plan`, {
    fix: 'Run `plan` first.',
  });
}

/** `apply` or `rollback` may run: there is a finished plan that was not rolled back. */
export function requirePlan(state: State): void {
  const phase = state.meta.get('phase');
  if (phase === 'rolling-back' || phase === 'rolled-back') {
    throw new MigrationError('ERR_STATE_NOT_READY', `the plan in ${state.path} was rolled back`, {
      fix: 'Run `plan` again.',
    });
  }
  if (state.meta.get('draft') !== undefined) {
    throw new MigrationError('ERR_STATE_NOT_READY', `the plan in ${state.path} is not finished`, {
      fix: 'Run `plan` again: it continues where it stopped.',
    });
  }
  countPlan(state);
}

/** The number of the finished plan. */
export const planNumber = ({ meta }: State): number => meta.get('plan') ?? 0;

/**
 * What was judged is what is done: another plan may have come into force since.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function requirePlanNumber(state: State, plan: number | undefined): void {
  if (plan === undefined || plan === planNumber(state)) return;
  throw new MigrationError('ERR_STATE_NOT_READY', `another plan took effect in ${state.path} in the meantime`, {
    fix: 'Run the same command again, and do not run another plan at the same time.',
  });
}

/** How old the finished plan is, in milliseconds; `undefined` where there is none. */
interface PlanAge {
  /** Since it was finished. */
  readonly planned: number;
  /** Since its listing was begun: what it knows of users is as old as this. */
  readonly listed: number;
  /** The same of the legacy pools: longer where their listing was used again. */
  readonly legacyListed: number;
}

export function planAge({ meta }: State, now: number): PlanAge | undefined {
  const plannedAt = meta.get('plannedAt');
  if (plannedAt === undefined) return undefined;
  const begunAt = meta.get('begunAt') ?? plannedAt;
  return {
    planned: now - plannedAt,
    listed: now - begunAt,
    legacyListed: now - (meta.get('legacyListedAt') ?? begunAt),
  };
}

/** Where the state stands: the plan that is being made, unless something is done with the finished one. */
export function phaseOf(state: State): StatusResult['phase'] | undefined {
  const finished = state.meta.get('phase');
  const draft = state.meta.get('draft');
  if (draft === undefined) return finished;
  return finished !== undefined && state.isBusy('main') ? finished : draft.phase;
}

const DEFAULT_MAX_PLAN_AGE_HOURS = 24;

/** Clocks of two machines may differ by so much. */
export const SKEW_MS = 300_000;

/**
 * The age, in hours, from which a plan or an export of it is asked about.
 * @throws {@link ConfigurationError}
 */
export function checkMaxPlanAge(maxPlanAge: number | undefined): number {
  return checkNumber('maxPlanAge', maxPlanAge, { min: 0, max: 87_600, fallback: DEFAULT_MAX_PLAN_AGE_HOURS });
}

/**
 * Why the finished plan may no longer say how the pools are; `undefined` where it is young enough.
 * @throws {@link ConfigurationError} for a limit that is no number of hours
 */
export function doubtAboutAge({ meta }: State, now: number, maxPlanAgeHours: number | undefined): string | undefined {
  const most = checkMaxPlanAge(maxPlanAgeHours);
  const plannedAt = meta.get('plannedAt');
  if (plannedAt === undefined) return undefined;
  // What a plan knows of users is as old as its listing, which may have been interrupted for days.
  const age = now - Math.min(plannedAt, meta.get('begunAt') ?? plannedAt);
  if (now - plannedAt < -SKEW_MS) {
    return 'The plan is dated in the future: a clock was changed, so its age is unknown.';
  }
  return age > most * HOUR_MS ? `The plan is ${inWords(age)} old; users may have changed since then.` : undefined;
}

/** @throws {@link ConfigurationError} what becomes of a doubt where nobody can be asked */
export function refuseOldPlan(doubt: string): never {
  throw new ConfigurationError(
    'maxPlanAge',
    `${doubt} Plan again, or allow an older plan with --max-plan-age (in hours).`,
  );
}

function inWords(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 72 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.floor(hours / 24)} days`;
}
