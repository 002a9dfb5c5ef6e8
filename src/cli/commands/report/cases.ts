import { OUTCOMES_FOR_A_PERSON } from '../../../migrate/control/attention.js';
import type { ReportOptions, ReportRow, StatusResult, VerifyProblem } from '../../../migrate/results.js';
import {
  FAILED_TEXT,
  MISSING_TEXT,
  OUTCOME_TEXTS,
  OVER_LIMIT_TEXT,
  type PersonText,
  WRONG_TEXT,
} from '../../wording/outcome-texts.js';

/** How many users of a group are shown: there may be millions, and nobody reads them all. */
const ROWS_PER_GROUP = 50;

/** One user of a group. */
export type GroupRow = Pick<ReportRow, 'newUsername' | 'newSub' | 'legacySub' | 'rule' | 'detail'>;

/** Users that need a person for one reason; `rows` are the first of `total`. */
export interface ReportGroup {
  readonly name: string;
  readonly text: PersonText;
  readonly total: number;
  readonly rows: readonly GroupRow[];
}

/** The users that need a person before or after writing, worst first. */
export function groupsForAPerson(
  { plan, writes }: StatusResult,
  readRows: (options: ReportOptions) => Iterable<ReportRow>,
): readonly ReportGroup[] {
  const groups: ReportGroup[] = [];
  if (writes.failed > 0) {
    const rows = [...readRows({ writes: ['failed'], limit: ROWS_PER_GROUP })].map((row) => ({
      ...row,
      detail: detailOf(row),
    }));
    groups.push({ name: 'failed', text: FAILED_TEXT, total: writes.failed, rows });
  }
  for (const outcome of OUTCOMES_FOR_A_PERSON) {
    const total = plan?.outcomes[outcome] ?? 0;
    if (total === 0) continue;
    const rows = [...readRows({ outcomes: [outcome], limit: ROWS_PER_GROUP })];
    groups.push({ name: outcome, text: OUTCOME_TEXTS[outcome], total, rows });
  }
  const overLimit = plan?.groups?.overLimit ?? 0;
  if (overLimit > 0) {
    const rows = [...readRows({ overLimit: true, limit: ROWS_PER_GROUP })];
    groups.push({ name: 'too many groups', text: OVER_LIMIT_TEXT, total: overLimit, rows });
  }
  return groups;
}

/** The detail of the decision, and why a write failed. */
export function detailOf({ detail, write, error }: ReportRow): string {
  const outcome = error === undefined ? '' : `write ${write}: ${error}`;
  return [detail, outcome].filter((part) => part !== '').join('; ');
}

/** What the last verification found, if it found anything. */
export function groupsOfVerification(
  { verified }: StatusResult,
  readProblems: () => Iterable<VerifyProblem>,
): readonly ReportGroup[] {
  if (verified === undefined) return [];
  return (['wrong', 'missing'] as const)
    .filter((name) => verified.result[name] > 0)
    .map((name) => {
      const total = verified.result[name];
      const rows = first(readProblems(), ({ problem }) => problem === name, total).map(problemRow);
      return { name, text: name === 'wrong' ? WRONG_TEXT : MISSING_TEXT, total, rows };
    });
}

const problemRow = ({ newUsername, newSub, expected, actual }: VerifyProblem): GroupRow => ({
  newUsername,
  newSub,
  legacySub: expected,
  rule: '',
  detail: actual === '' ? '' : `holds ${actual}`,
});

/** The first rows of a kind; reads no further than necessary. */
function first<T>(rows: Iterable<T>, wanted: (row: T) => boolean, total: number): readonly T[] {
  const found: T[] = [];
  for (const row of rows) {
    if (wanted(row) && found.push(row) === Math.min(total, ROWS_PER_GROUP)) break;
  }
  return found;
}
