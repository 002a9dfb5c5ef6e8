import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../../../src/errors.js';
import { checkRetentionDays, gone, isOver } from '../../../../src/operate/drain/stores/retained.js';
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

  it('is gone three flushes after its last report, or when the operator says', () => {
    const runs = [run, { ...run, run: 'r2', endedAt: 5 }, { ...run, run: 'r3', instance: 'api-2' }];
    expect(gone(runs, 'api-1', undefined)).toEqual([{ ...run, goneAt: 31_000 }]);
    expect(gone(runs, 'api-1', 7)).toEqual([{ ...run, goneAt: 7 }]);
    expect(gone(runs, 'api-3', 7)).toEqual([]);
  });
});
