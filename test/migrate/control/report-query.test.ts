import { describe, expect, it } from 'vitest';
import { countRows, type ReportOptions, reportQuery } from '../../../src/migrate/control/report-query.js';
import { browsed } from '../support/browsed-state.js';

describe('the query of a page', () => {
  it.each<[ReportOptions, RegExp]>([
    [{}, /^SEARCH n USING INDEX new_username \(username>\?\)/],
    [{ outcomes: ['set'] }, /SEARCH users_by_outcome USING PRIMARY KEY \(outcome=\? AND username>\?\)/],
    [
      { outcomes: ['set'], usernamePrefix: 'a' },
      /SEARCH users_by_outcome USING PRIMARY KEY \(outcome=\? AND username>\? AND username<\?\)/,
    ],
    [{ usernamePrefix: 'a' }, /^SEARCH n USING INDEX new_username \(username>\? AND username<\?\)/],
    [{ writes: ['failed'] }, /SEARCH operations USING INDEX operations_progress \(kind=\? AND status=\? AND plan=\?\)/],
  ])('of %j reads indexes alone', (filter, expected) => {
    const opened = browsed();
    const { sql, values } = reportQuery(opened, filter);
    const steps = opened.db
      .all<readonly [number, number, number, string]>(`EXPLAIN QUERY PLAN ${sql}`, ...values, '', 50)
      .map((row) => row[3]);
    expect(steps.some((step) => expected.test(step))).toBe(true);
    // The other scans are those of the parameters and of the page itself.
    const scans = steps.filter((step) => /^SCAN (?!json_each|\(subquery|[so]$|s$)/.test(step));
    expect(scans).toEqual([]);
  });
});

describe('the number of rows', () => {
  it.each<[ReportOptions, number | undefined]>([
    [{}, 2000],
    [{ outcomes: ['ambiguous', 'conflict', 'conflict'] }, 180],
    [{ writes: ['failed'] }, 150],
    [{ overLimit: true }, 0],
    [{ overLimit: true, writes: ['failed'] }, undefined],
    [{ writes: ['failed'], outcomes: ['set'] }, undefined],
  ])('that %j finds is %j', (options, expected) => {
    expect(countRows(browsed(), options)).toBe(expected);
  });
});
