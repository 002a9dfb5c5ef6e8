import { OUTCOMES_FOR_A_PERSON } from '../../../migrate/control/attention.js';
import type { ReportCounts } from '../../../migrate/control/report-counts.js';
import type { ReportOptions } from '../../../migrate/control/report-query.js';
import type { ReportRow, StatusResult, VerifyProblem } from '../../../migrate/results.js';
import {
  FAILED_TEXT,
  MISSING_TEXT,
  OUTCOME_TEXTS,
  OVER_LIMIT_TEXT,
  type PersonText,
  ROLLED_BACK_TEXT,
  SKIPPED_TEXT,
  WRONG_TEXT,
} from '../../wording/outcome-texts.js';

/** How many users of a group a page contains: there may be millions, and the CSV has them all. */
const ROWS_PER_GROUP = 200;

/** No more than there are: whoever looks for another one reads to the end. */
const mostRows = (total: number): number => Math.min(total, ROWS_PER_GROUP);

/** The name of the group of users for whom no membership is added. */
export const TOO_MANY_GROUPS = 'too many groups';

/** One user of a group. */
export type GroupRow = Pick<ReportRow, 'newUsername' | 'newSub' | 'legacySub' | 'rule' | 'detail'>;

/** Users who are listed for one reason; `rows` are the first of `total`. */
export interface ReportGroup {
  readonly name: string;
  readonly text: PersonText;
  readonly total: number;
  readonly rows: readonly GroupRow[];
}

type ReadRows = (options: ReportOptions) => Iterable<ReportRow>;

/** The users that need a person before or after writing, worst first. */
export function groupsForAPerson(
  plan: Pick<NonNullable<StatusResult['plan']>, 'outcomes' | 'groups'>,
  { failedUsers }: Pick<ReportCounts, 'failedUsers'>,
  readRows: ReadRows,
): readonly ReportGroup[] {
  const groups = [group('failed', FAILED_TEXT, failedUsers, readRows, { writes: ['failed'] })];
  for (const outcome of OUTCOMES_FOR_A_PERSON) {
    groups.push(group(outcome, OUTCOME_TEXTS[outcome], plan.outcomes[outcome], readRows, { outcomes: [outcome] }));
  }
  groups.push(group(TOO_MANY_GROUPS, OVER_LIMIT_TEXT, plan.groups?.overLimit ?? 0, readRows, { overLimit: true }));
  return groups.filter(({ total }) => total > 0);
}

/** The users whom apply left as they were, because they are no longer what the plan saw. */
export function groupsNotWritten(
  { skippedUsers }: Pick<ReportCounts, 'skippedUsers'>,
  readRows: ReadRows,
): readonly ReportGroup[] {
  const skipped = group('skipped', SKIPPED_TEXT, skippedUsers, readRows, { writes: ['skipped'] });
  return skipped.total > 0 ? [skipped] : [];
}

function group(name: string, text: PersonText, total: number, readRows: ReadRows, options: ReportOptions): ReportGroup {
  const read = total === 0 ? [] : [...readRows({ ...options, limit: mostRows(total) })];
  const rows = options.writes === undefined ? read : read.map((row) => ({ ...row, detail: detailOf(row) }));
  return { name, text, total, rows };
}

/** The detail of the decision, and why a write failed. */
export function detailOf({ detail, write, error }: ReportRow): string {
  const outcome = error === undefined ? '' : `write ${write}: ${error}`;
  return [detail, outcome].filter((part) => part !== '').join('; ');
}

/** What the last verification found, if it found anything. */
export function groupsOfVerification(
  { verified }: Pick<StatusResult, 'verified'>,
  { phase }: Pick<ReportCounts, 'phase'>,
  readProblems: (options: {
    readonly problem: VerifyProblem['problem'];
    readonly limit: number;
  }) => Iterable<VerifyProblem>,
): readonly ReportGroup[] {
  if (verified === undefined) return [];
  const { missing, rolledBack = 0 } = verified.result;
  const isUndone = phase === 'rolling-back' || phase === 'rolled-back' || rolledBack === missing;
  const texts = { wrong: WRONG_TEXT, missing: isUndone ? ROLLED_BACK_TEXT : MISSING_TEXT };
  return (['wrong', 'missing'] as const)
    .filter((name) => verified.result[name] > 0)
    .map((name) => {
      const total = verified.result[name];
      const rows = [...readProblems({ problem: name, limit: mostRows(total) })].map(problemRow);
      return { name, text: texts[name], total, rows };
    });
}

const problemRow = (problem: VerifyProblem): GroupRow => ({
  newUsername: problem.newUsername,
  newSub: problem.newSub,
  legacySub: problem.expected,
  rule: '',
  detail: whatIsWrong(problem),
});

/** What a user has instead of the planned value, and why that is wrong if the value alone does not say it. */
export const whatIsWrong = ({ actual, reason }: Pick<VerifyProblem, 'actual' | 'reason'>): string =>
  [actual === '' ? '' : `holds ${actual}`, reason ?? ''].filter((part) => part !== '').join('; ');
