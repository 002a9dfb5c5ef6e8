import { describe, expect, it } from 'vitest';
import { readWritesEnded } from '../../../src/migrate/browse/write-times.js';
import { state } from '../support/workspace.js';

function stateWithWrites(...endedAt: readonly (number | null)[]) {
  const opened = state();
  for (const [index, at] of endedAt.entries()) {
    const sql = `INSERT INTO operations VALUES (NULL, 1, 'attribute', ?, 's', 'g', '', '', ?, 0, ?, NULL, NULL, NULL)`;
    opened.db.run(sql, `user${index}`, at === null ? 'begun' : 'written', at);
  }
  return opened;
}

describe('the writes that ended per interval', () => {
  it('are counted into the interval of their end, the empty ones too', () => {
    const opened = stateWithWrites(599, 600, 699, 700, 899, 900, null);
    expect(readWritesEnded(opened, { until: 900, intervalMs: 100, intervals: 3 })).toEqual([
      { from: 600, writes: 2 },
      { from: 700, writes: 1 },
      { from: 800, writes: 1 },
    ]);
  });

  it('are read from the index', () => {
    const { db } = stateWithWrites();
    const steps = db.all(
      'EXPLAIN QUERY PLAN SELECT count(*) FROM operations WHERE ended_at >= ? AND ended_at < ?',
      1,
      2,
    );
    expect(String(steps[0]?.[3])).toContain('USING COVERING INDEX operations_ended');
  });

  it.each([
    { intervalMs: 0, intervals: 1 },
    { intervalMs: 1, intervals: 1001 },
  ])('refuse %j', (wrong) => {
    expect(() => readWritesEnded(stateWithWrites(), { until: 1, ...wrong })).toThrow(/interval/);
  });
});
