import { describe, expect, it } from 'vitest';
import { detailOf, groupsForAPerson, groupsOfVerification } from '../../../../src/cli/commands/report/cases.js';
import { OUTCOMES } from '../../../../src/migrate/outcomes.js';
import type { ReportOptions, ReportRow, StatusResult, VerifyProblem } from '../../../../src/migrate/results.js';

const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
const row = (newUsername: string, more: Partial<ReportRow> = {}): ReportRow => ({
  ...{ newUsername, newSub: 'n', legacySub: 'l', outcome: 'conflict', rule: 'email', detail: '', write: undefined },
  ...more,
});
const status = (more: object) => ({ writes: { failed: 0 }, ...more }) as unknown as StatusResult;

describe('the users that need a person', () => {
  it('are grouped, failed writes first, then the outcomes, the worst first', () => {
    const asked: ReportOptions[] = [];
    const plan = { outcomes: { ...none, set: 9, unverified: 1, unexplained: 2 }, groups: { overLimit: 3 } };
    const groups = groupsForAPerson(status({ plan, writes: { failed: 4 } }), (options) => {
      asked.push(options);
      return [row('ann')];
    });
    expect(groups.map(({ name, total }) => [name, total])).toEqual([
      ['failed', 4],
      ['unexplained', 2],
      ['unverified', 1],
      ['too many groups', 3],
    ]);
    expect(asked.every(({ limit }) => limit === 50)).toBe(true);
  });

  it('are nobody where nothing is wrong', () => {
    expect(groupsForAPerson(status({ plan: { outcomes: { ...none, ok: 5 } } }), () => [])).toEqual([]);
  });
});

it.each([
  [{}, ''],
  [{ detail: 'held by bob' }, 'held by bob'],
  [{ write: 'failed', error: 'no such user' }, 'write failed: no such user'],
  [{ detail: 'held by bob', write: 'skipped', error: 'gone' }, 'held by bob; write skipped: gone'],
] as const)('the detail of %j is "%s"', (more, detail) => expect(detailOf(row('ann', more))).toBe(detail));

describe('what a verification found', () => {
  const problem = (newUsername: string, kind: VerifyProblem['problem']): VerifyProblem =>
    ({ newUsername, newSub: 'n', problem: kind, expected: 'l', actual: kind === 'wrong' ? 'x' : '' }) as VerifyProblem;

  it('is shown by kind, and read no further than needed', () => {
    let read = 0;
    function* problems() {
      for (const name of ['ann', 'bob', 'cat']) {
        read += 1;
        yield problem(name, 'wrong');
      }
    }
    const verified = { at: new Date(0), result: { wrong: 1, missing: 0 } };
    const groups = groupsOfVerification(status({ verified }), problems);
    expect(groups.map(({ name, rows }) => [name, rows.map(({ detail }) => detail)])).toEqual([['wrong', ['holds x']]]);
    expect(read).toBe(1);
  });

  it('is nothing before the first verification', () => {
    expect(groupsOfVerification(status({ verified: undefined }), () => [])).toEqual([]);
  });
});
