import { checkNumber } from '../../../options.js';
import type { DrainInstance } from '../drain-types.js';
import { SILENT_FLUSHES } from '../report/coverage.js';

/** Three times as long as Cognito's refresh tokens live unless told otherwise. */
const RETENTION_DAYS = 90;

/** What every store keeps: for how many days. */
export const checkRetentionDays = (given: number | undefined): number =>
  checkNumber('retentionDays', given, { min: 1, max: 3650, integer: true, fallback: RETENTION_DAYS });

/** The runs of an instance that an operator says is gone, as they are to be written. */
export function gone(instances: readonly DrainInstance[], name: string, goneAt: number | undefined): DrainInstance[] {
  return instances
    .filter(({ instance, endedAt }) => instance === name && endedAt === undefined)
    .map((run) => ({ ...run, goneAt: goneAt ?? run.reportedAt + SILENT_FLUSHES * run.flushSeconds * 1000 }));
}

/** Whether a run is over, and nothing is waited for: it may be given up with the days it has counted. */
export const isOver = ({ endedAt, goneAt }: DrainInstance, before: number): boolean =>
  (endedAt ?? goneAt ?? Number.POSITIVE_INFINITY) < before;
