import { csvLine } from '../../../migrate/files/csv-line.js';
import type { Outcome } from '../../../migrate/outcomes.js';
import type { ReportRow, VerifyProblem } from '../../../migrate/results.js';
import { detailOf } from './cases.js';

const COLUMNS = ['new_username', 'new_sub', 'legacy_sub', 'outcome', 'rule', 'detail'] as const;

/**
 * The rows of the plan, only those of the chosen outcomes if there are any, with what happened to them since in their detail. Rows and
 * problems are both ordered by username.
 */
export function* reportRows(
  rows: Iterable<ReportRow>,
  problems: Iterator<VerifyProblem>,
  outcomes?: readonly Outcome[],
): Generator<Omit<ReportRow, 'write' | 'error'>> {
  let problem = problems.next();
  for (const row of rows) {
    const details = [detailOf(row)].filter((detail) => detail !== '');
    if (problem.done !== true && problem.value.newUsername === row.newUsername) {
      const { problem: found, actual } = problem.value;
      details.push(found === 'missing' ? 'last verify: missing' : `last verify: wrong, holds ${actual}`);
      problem = problems.next();
    }
    const { newUsername, newSub, legacySub, outcome, rule } = row;
    if (outcomes === undefined || outcomes.includes(outcome)) {
      yield { newUsername, newSub, legacySub, outcome, rule, detail: details.join('; ') };
    }
  }
}

/** The CSV file of a report. */
export function* csvLines(rows: ReturnType<typeof reportRows>): Generator<string> {
  yield csvLine(COLUMNS);
  for (const { newUsername, newSub, legacySub, outcome, rule, detail } of rows) {
    yield csvLine([newUsername, newSub, legacySub, outcome, rule, detail]);
  }
}
