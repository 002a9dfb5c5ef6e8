import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../../src/errors.js';
import {
  checkRetentionDays,
  daysOfRuns,
  firstDayKept,
  gone,
  isOver,
  overSince,
} from '../../../../src/operate/drain/stores/retained.js';
import { runOf } from '../support.js';

const run = runOf({ startedAt: 0, reportedAt: 1_000, flushSeconds: 10 });

describe('what stores keep', () => {
  it('is 90 days unless told otherwise', () => {
    expect(checkRetentionDays(undefined)).toBe(90);
    expect(checkRetentionDays(3650)).toBe(3650);
    for (const days of [0, 1.5, 3651, Number.NaN]) expect(() => checkRetentionDays(days)).toThrow(ConfigurationError);
  });

  it('is every instance that did not end as it should, unless an operator said that it is gone', () => {
    expect(isOver(run, 1e12)).toBe(false);
    expect(isOver({ ...run, endedAt: 5 }, 6)).toBe(true);
    expect(isOver({ ...run, endedAt: 6 }, 6)).toBe(false);
    expect(isOver({ ...run, goneAt: 5 }, 6)).toBe(true);
  });

  it('is gone by now, or when the operator says: without a store it may have accepted tokens for long', () => {
    const runs = [run, { ...run, run: 'r2', endedAt: 5 }, { ...run, run: 'r3', instance: 'api-2' }];
    expect(gone(runs, 'api-1', undefined, 9e9)).toEqual([{ ...run, goneAt: 9e9 }]);
    expect(gone(runs, 'api-1', 2_000, 9e9)).toEqual([{ ...run, goneAt: 2_000 }]);
    expect(gone(runs, 'api-3', 2_000, 9e9)).toEqual([]);
  });

  it('is gone after its last report, and stays so when it is said again', () => {
    expect(gone([run], 'api-1', 7, 9e9)).toEqual([{ ...run, goneAt: 1_000 }]);
    expect(gone([{ ...run, goneAt: 5_000 }], 'api-1', undefined, 9e9)).toEqual([]);
    expect(gone([{ ...run, goneAt: 5_000 }], 'api-1', 6_000, 9e9)).toEqual([{ ...run, goneAt: 6_000 }]);
  });

  it('is no run in AWS Lambda, which ends without notice', () => {
    expect(isOver({ ...run, lambda: true }, 1_001)).toBe(true);
    expect(isOver({ ...run, lambda: true }, 1_000)).toBe(false);
  });

  it('is the latest days that something was counted on, whatever a clock says', () => {
    const days = Array.from({ length: 40 }, (_, n) => new Date(n * 86_400_000).toISOString().slice(0, 10));
    expect(firstDayKept(days, 30)).toBe('1970-01-09');
    expect(firstDayKept([...days, '2999-01-01', ...days, '12', 'x', '2026-99-99'], 30)).toBe('1970-01-10');
    expect(firstDayKept(days, 39)).toBeUndefined();
    const damaged = { ...run, startedAt: 'x', reportedAt: 1e300 } as never;
    expect(daysOfRuns([run, damaged])).toEqual(['1970-01-01', '1970-01-01']);
  });

  it('is a run whose clock was set back, as long as its last legacy token says', () => {
    const legacy = [{ userPoolId: 'p', lastToken: 50, latestExpiry: 90, longestLifetime: 40 }];
    expect(overSince({ ...run, endedAt: 5, legacy })).toBe(50);
    expect(overSince({ ...run, endedAt: 60, legacy })).toBe(60);
    expect(overSince({ ...run, legacy })).toBeUndefined();
  });

  it.each([null, 'x', [null], [{ lastToken: 'x' }]])('is a run of which %j is stored as its traces', (legacy) => {
    expect(isOver({ ...run, endedAt: 5, legacy: legacy as never }, 1e12)).toBe(false);
  });
});
