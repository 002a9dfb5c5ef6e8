import { expect, it } from 'vitest';
import { csvLines, reportRows } from '../../../../src/cli/commands/report/report-rows.js';
import type { ReportRow, VerifyProblem } from '../../../../src/migrate/results.js';

const row = (newUsername: string, outcome: ReportRow['outcome'], more: Partial<ReportRow> = {}): ReportRow => ({
  ...{ newUsername, outcome, newSub: `n-${newUsername}`, legacySub: '', rule: '', detail: '', write: undefined },
  ...more,
});
const problem = (newUsername: string, problem: VerifyProblem['problem'], actual = ''): VerifyProblem => ({
  ...{ newUsername, problem, actual, newSub: '', expected: '' },
});
const rows = [row('ann', 'set', { write: 'failed', error: 'Invalid' }), row('bob', 'ok'), row('cat', 'conflict')];
const problems = () => [problem('ann', 'missing'), problem('cat', 'wrong', 'x')].values();

it('says in the detail what happened since the plan', () => {
  expect([...reportRows(rows, problems())].map(({ newUsername, detail }) => [newUsername, detail])).toEqual([
    ['ann', 'write failed: Invalid; last verify: missing'],
    ['bob', ''],
    ['cat', 'last verify: wrong, holds x'],
  ]);
});

it('has a row for a user who came after the plan, and loses no problem behind it', () => {
  const reason = 'appeared after the plan';
  const found = [
    { ...problem('Al', 'wrong', 'y'), newSub: 'n', reason },
    problem('ann', 'missing'),
    // In SQLite, after U+FF21; in JavaScript, before it.
    { ...problem('\u{1f600}', 'wrong', 'z'), reason },
  ];
  const named = [...rows, row('\uff21', 'ok')];
  expect(
    [...reportRows(named, found.values())].map(({ newUsername, outcome, detail }) => [newUsername, outcome, detail]),
  ).toEqual([
    ['Al', '', 'last verify: wrong, holds y; appeared after the plan'],
    ['ann', 'set', 'write failed: Invalid; last verify: missing'],
    ['bob', 'ok', ''],
    ['cat', 'conflict', ''],
    ['\uff21', 'ok', ''],
    ['\u{1f600}', '', 'last verify: wrong, holds z; appeared after the plan'],
  ]);
  expect([...reportRows(named, found.values(), ['set'])].map(({ newUsername }) => newUsername)).toEqual(['ann']);
});

it('has only the chosen outcomes, with what happened to them', () => {
  expect([...reportRows(rows, problems(), ['conflict'])]).toMatchObject([
    { newUsername: 'cat', detail: 'last verify: wrong, holds x' },
  ]);
});

it('is a CSV file, safe for a spreadsheet', () => {
  expect([...csvLines(reportRows([row('=bob', 'set', { legacySub: 's1', rule: 'email' })], [].values()))]).toEqual([
    'new_username,new_sub,legacy_sub,outcome,rule,detail\r\n',
    "'=bob,n-=bob,s1,set,email,\r\n",
  ]);
});
