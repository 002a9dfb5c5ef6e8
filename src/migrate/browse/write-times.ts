import { checkNumber } from '../../options.js';
import type { State } from '../state/state.js';

/** How many writes ended in one interval, whatever their end. */
export interface WritesEnded {
  /** When the interval began, in milliseconds since the epoch. */
  readonly from: number;
  readonly writes: number;
}

const MOST_INTERVALS = 1000;

/**
 * How many writes ended per interval, for a chart: exactly `intervals` of them, the last one ending at `until`. Reads an index, and no
 * more of it than that time.
 * @param until milliseconds since the epoch
 * @throws {@link ConfigurationError} naming `intervalMs` or `intervals`
 */
export function readWritesEnded(
  { db }: State,
  { until, intervalMs, intervals }: { readonly until: number; readonly intervalMs: number; readonly intervals: number },
): readonly WritesEnded[] {
  checkNumber('intervalMs', intervalMs, { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true, fallback: 0 });
  checkNumber('intervals', intervals, { min: 1, max: MOST_INTERVALS, integer: true, fallback: 0 });
  return Array.from({ length: intervals }, (_, index) => {
    const from = until - (intervals - index) * intervalMs;
    // A count for each interval, because grouping would sort all of them.
    const sql = 'SELECT count(*) FROM operations WHERE ended_at >= ? AND ended_at < ?';
    return { from, writes: db.count(sql, from, from + intervalMs) };
  });
}
