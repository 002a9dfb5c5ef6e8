import type { PlanTimes } from './phase-plan.js';

/**
 * The sign-in limit as if the next planned refusal were in force already.
 *
 * Where new sign-ins will be refused, those count as new that came after the announcement, or after `startedAt` where nothing is
 * announced yet: these people still sign in at the legacy pool, and would be refused. Where the pool will be closed, everybody is
 * refused (`-Infinity`). Where no refusal is planned, it is the limit in force.
 */
export function nextSignInLimit(times: PlanTimes, now: number, startedAt: number): number {
  const { announceFrom, acceptSignInsBefore, acceptUntil } = times;
  if (now <= acceptSignInsBefore && acceptSignInsBefore < acceptUntil) {
    return Math.min(acceptSignInsBefore, now >= announceFrom ? announceFrom : startedAt);
  }
  if (now <= acceptUntil && acceptUntil !== Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
  return acceptSignInsBefore;
}
