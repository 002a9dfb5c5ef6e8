import { checkNumber } from '../../../options.js';
import { dayName, LAST_MOMENT } from '../count/drain-counter.js';
import type { DrainInstance } from '../drain-types.js';

/** Three times as long as Cognito's refresh tokens live unless told otherwise. */
const RETENTION_DAYS = 90;

/** What every store keeps: for how many days. */
export const checkRetentionDays = (given: number | undefined): number =>
  checkNumber('retentionDays', given, { min: 1, max: 3650, integer: true, fallback: RETENTION_DAYS });

/**
 * The runs of an instance that an operator says is gone, as they are to be written. One that was said to be gone is left as it was, unless a
 * time is given; one whose clock is ahead does not end before its last report.
 */
export function gone(
  instances: readonly DrainInstance[],
  name: string,
  goneAt: number | undefined,
  now: number,
): DrainInstance[] {
  return instances
    .filter((run) => run.instance === name && run.endedAt === undefined)
    .filter((run) => goneAt !== undefined || run.goneAt === undefined)
    .map((run) => ({ ...run, goneAt: Math.max(goneAt ?? now, run.reportedAt) }));
}

/**
 * The first of the days that are kept: as many as the store was told, on which something was counted or an instance reported, and two more,
 * as days end at different times around the world. `undefined` where there are not so many. Days are counted, and no clock is asked: one that
 * is far ahead would give up what all other instances have left here.
 */
export const firstDayKept = (days: readonly string[], retentionDays: number): string | undefined =>
  [...new Set(days.filter(isDay))].sort().at(-(retentionDays + 2));

const isDay = (day: string): boolean => /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day));

/** The days on which these runs were started and reported last. */
export const daysOfRuns = (runs: readonly DrainInstance[]): readonly string[] =>
  runs.flatMap(({ startedAt, reportedAt }) => [startedAt, reportedAt].filter(isMoment).map(dayName));

const isMoment = (at: unknown): boolean => typeof at === 'number' && Math.abs(at) <= LAST_MOMENT;

/**
 * Since when a run is over, and nothing is waited for: it may be given up with the days it has counted. `undefined` while it may go on, and
 * where that cannot be read. Runs in AWS Lambda end without notice. One whose clock was set back has not ended before its last legacy token.
 */
export function overSince({ endedAt, goneAt, lambda, reportedAt, legacy }: DrainInstance): number | undefined {
  const end = endedAt ?? goneAt ?? (lambda === true ? reportedAt : Number.NaN);
  const tokens = Array.isArray(legacy) ? legacy.map((trace) => trace?.lastToken) : [Number.NaN];
  const since = Math.max(end, ...tokens);
  return Number.isNaN(since) ? undefined : since;
}

/** Whether a run was over before then. */
export const isOver = (run: DrainInstance, before: number): boolean =>
  (overSince(run) ?? Number.POSITIVE_INFINITY) < before;
