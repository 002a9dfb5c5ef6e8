import { describe, expect, it } from 'vitest';
import {
  detailOf,
  groupsForAPerson,
  groupsNotWritten,
  groupsOfVerification,
  whatIsWrong,
} from '../../../../src/cli/commands/report/cases.js';
import { MISSING_TEXT, ROLLED_BACK_TEXT } from '../../../../src/cli/wording/outcome-texts.js';
import type { ReportOptions } from '../../../../src/migrate/control/report-query.js';
import { OUTCOMES } from '../../../../src/migrate/outcomes.js';
import type { ReportRow, StatusResult, VerifyProblem } from '../../../../src/migrate/results.js';

const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as NonNullable<
  StatusResult['plan']
>['outcomes'];
const row = (newUsername: string, more: Partial<ReportRow> = {}): ReportRow => ({
  ...{ newUsername, newSub: 'n', legacySub: 'l', outcome: 'conflict', rule: 'email', detail: '', write: undefined },
  ...more,
});
const overLimit = { toCreate: 0, memberships: 0, existing: 0, unmapped: 0, overLimit: 3 };

describe('the users that need a person', () => {
  it('are grouped, failed writes first, then the outcomes, the worst first', () => {
    const asked: ReportOptions[] = [];
    const plan = { outcomes: { ...none, set: 9, unverified: 1204, unexplained: 2 }, groups: overLimit };
    const groups = groupsForAPerson(plan, { failedUsers: 4 }, (options) => {
      asked.push(options);
      return [row('ann')];
    });
    expect(groups.map(({ name, total }) => [name, total])).toEqual([
      ['failed', 4],
      ['unexplained', 2],
      ['unverified', 1204],
      ['too many groups', 3],
    ]);
    expect(asked.map(({ limit }) => limit)).toEqual([4, 2, 200, 3]);
  });

  it('are nobody where nothing is wrong', () => {
    expect(groupsForAPerson({ outcomes: { ...none, ok: 5 } }, { failedUsers: 0 }, () => [])).toEqual([]);
  });
});

it('says who was skipped, and why', () => {
  const skipped = row('ann', { write: 'skipped', error: 'gone: no such user' });
  const [group] = groupsNotWritten({ skippedUsers: 1 }, ({ writes }) => (writes?.[0] === 'skipped' ? [skipped] : []));
  expect(group).toMatchObject({ name: 'skipped', total: 1, rows: [{ detail: 'write skipped: gone: no such user' }] });
  expect(groupsNotWritten({ skippedUsers: 0 }, () => [skipped])).toEqual([]);
});

it.each([
  [{}, ''],
  [{ detail: 'held by bob' }, 'held by bob'],
  [{ write: 'failed', error: 'no such user' }, 'write failed: no such user'],
  [{ detail: 'held by bob', write: 'skipped', error: 'gone' }, 'held by bob; write skipped: gone'],
] as const)('the detail of %j is "%s"', (more, detail) => expect(detailOf(row('ann', more))).toBe(detail));

it.each([
  [{ actual: 'x' }, 'holds x'],
  [{ actual: '', reason: 'another sub has this username' }, 'another sub has this username'],
  [{ actual: 'x', reason: 'appeared after the plan' }, 'holds x; appeared after the plan'],
  [{ actual: '' }, ''],
])('what is wrong of %j is "%s"', (problem, words) => expect(whatIsWrong(problem)).toBe(words));

describe('what a verification found', () => {
  const problem = (newUsername: string, kind: VerifyProblem['problem']): VerifyProblem =>
    ({ newUsername, newSub: 'n', problem: kind, expected: 'l', actual: kind === 'wrong' ? 'x' : '' }) as VerifyProblem;
  const verified = (more: object) => ({
    verified: { at: new Date(0), result: { wrong: 0, missing: 0, ...more } as never },
  });
  const applied = { phase: 'applied' } as const;

  it('is shown by kind, and no more is read than there is or than a page shows', () => {
    const asked: unknown[] = [];
    const groups = groupsOfVerification(verified({ wrong: 1, missing: 1204 }), applied, (options) => {
      asked.push(options);
      return [problem('ann', options.problem)];
    });
    expect(groups.map(({ name, total, rows }) => [name, total, rows.map(({ detail }) => detail)])).toEqual([
      ['wrong', 1, ['holds x']],
      ['missing', 1204, ['']],
    ]);
    expect(asked).toEqual([
      { problem: 'wrong', limit: 1 },
      { problem: 'missing', limit: 200 },
    ]);
  });

  it.each([
    ['applied', {}, MISSING_TEXT],
    ['rolled-back', {}, ROLLED_BACK_TEXT],
    ['applied', { rolledBack: 2 }, ROLLED_BACK_TEXT],
    ['applied', { rolledBack: 1 }, MISSING_TEXT],
  ] as const)('in phase %s with %j, it says what a missing value means', (phase, more, text) => {
    const problems = () => [problem('ann', 'missing'), problem('bob', 'missing')];
    const [group] = groupsOfVerification(verified({ missing: 2, ...more }), { phase }, problems);
    expect(group?.text).toBe(text);
  });

  it('is nothing before the first verification', () => {
    expect(groupsOfVerification({ verified: undefined }, applied, () => [])).toEqual([]);
  });
});
