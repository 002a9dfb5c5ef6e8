import { csvLine } from '../../../migrate/files/csv-line.js';
import type { Outcome } from '../../../migrate/outcomes.js';
import type { ReportRow, VerifyProblem } from '../../../migrate/results.js';
import { compareTexts } from '../../../migrate/state/sqlite.js';
import { detailOf, whatIsWrong } from './cases.js';

const COLUMNS = ['new_username', 'new_sub', 'legacy_sub', 'outcome', 'rule', 'detail'] as const;

/** A user of the plan; or one who came after it, and who has no outcome. */
interface DetailedRow extends Pick<ReportRow, 'newUsername' | 'newSub' | 'legacySub' | 'rule' | 'detail'> {
  readonly outcome: Outcome | '';
}

/**
 * The rows of the plan, only those of the chosen outcomes if there are any, with what happened to them since in their detail. Rows and
 * problems are both ordered by username. A problem of a user whom the plan does not know is a row of its own.
 */
export function* reportRows(
  rows: Iterable<ReportRow>,
  problems: Iterator<VerifyProblem>,
  outcomes?: readonly Outcome[],
): Generator<DetailedRow> {
  let problem = problems.next();
  /** Problems up to a user of the plan, or all that are left. */
  function* problemsBefore(newUsername?: string): Generator<DetailedRow> {
    while (problem.done !== true) {
      if (newUsername !== undefined && compareTexts(problem.value.newUsername, newUsername) >= 0) return;
      const { newUsername: stranger, newSub } = problem.value;
      const row = { newUsername: stranger, newSub, legacySub: '', outcome: '', rule: '' } as const;
      if (outcomes === undefined) yield { ...row, detail: foundByVerify(problem.value) };
      problem = problems.next();
    }
  }
  for (const row of rows) {
    yield* problemsBefore(row.newUsername);
    const details = [detailOf(row)].filter((detail) => detail !== '');
    if (problem.done !== true && problem.value.newUsername === row.newUsername) {
      details.push(foundByVerify(problem.value));
      problem = problems.next();
    }
    const { newUsername, newSub, legacySub, outcome, rule } = row;
    if (outcomes === undefined || outcomes.includes(outcome)) {
      yield { newUsername, newSub, legacySub, outcome, rule, detail: details.join('; ') };
    }
  }
  yield* problemsBefore();
}

function foundByVerify(problem: VerifyProblem): string {
  const what = whatIsWrong(problem);
  return `last verify: ${problem.problem}${what === '' ? '' : `, ${what}`}`;
}

/** The CSV file of a report. */
export function* csvLines(rows: ReturnType<typeof reportRows>): Generator<string> {
  yield csvLine(COLUMNS);
  for (const { newUsername, newSub, legacySub, outcome, rule, detail } of rows) {
    yield csvLine([newUsername, newSub, legacySub, outcome, rule, detail]);
  }
}
