import { checkNumber } from '../../../options.js';
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
 * Whether a run is over, and nothing is waited for: it may be given up with the days it has counted. Runs in AWS Lambda end without notice.
 */
export const isOver = ({ endedAt, goneAt, lambda, reportedAt }: DrainInstance, before: number): boolean =>
  (endedAt ?? goneAt ?? (lambda === true ? reportedAt : Number.POSITIVE_INFINITY)) < before;
