import { ConfigurationError } from '../../errors.js';
import { checkNumber } from '../../options.js';
import type { State } from './state.js';

const DEFAULT_MAX_PLAN_AGE_HOURS = 24;
export const HOUR_MS = 3_600_000;

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
    return 'The plan is dated in the future: a clock was set, so its age is not known.';
  }
  return age > most * HOUR_MS ? `The plan is ${inWords(age)} old; users may have changed since.` : undefined;
}

/** @throws {@link ConfigurationError} what becomes of a doubt where nobody can be asked */
export function refuseOldPlan(doubt: string): never {
  throw new ConfigurationError('maxPlanAge', `${doubt} Plan again, or allow it in hours with --max-plan-age.`);
}

function inWords(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  return hours < 72 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.floor(hours / 24)} days`;
}
