import { csvLine } from '../../../migrate/files/csv-line.js';
import { replaceFile } from '../../../migrate/files/replace-file.js';
import type { ReportOptions, ReportRow, VerifyProblem } from '../../../migrate/results.js';
import { formatCount } from '../../../words.js';
import { type CommandResult, defineCommand } from '../../define-command.js';
import { STATE_OPTIONS } from '../../options/common.js';
import { fileOption } from '../../options/option.js';
import { withState } from '../../pools.js';
import { formatTable, formatUsers, visible } from '../../terminal/format.js';
import { outcomeLines } from '../../wording/summary.js';
import { detailOf, groupsForAPerson, groupsNotWritten, groupsOfVerification, type ReportGroup } from './cases.js';
import { htmlReport } from './page.js';

const COLUMNS = ['new_username', 'new_sub', 'legacy_sub', 'outcome', 'rule', 'detail'] as const;

export const reportCommand = defineCommand({
  name: 'report',
  stage: 'backfill',
  summary: "list every user's outcome, and who needs a person",
  description: 'Writes what was decided for every user, and who needs a person, to files that only you can read.',
  examples: [
    'cognito-cutover report --html report.html --csv report.csv',
    'cognito-cutover report --state cutover.db --json',
  ],
  options: {
    ...STATE_OPTIONS,
    csv: fileOption('<file>', 'write every user of the new pool to this CSV file'),
    html: fileOption('<file>', 'write totals and the users who need a person to this file, as one self-contained page'),
  },
  run: (settings, context): Promise<CommandResult> =>
    withState(settings, 'read', async (state) => {
      // A plan that finishes meanwhile must not appear in half of the report.
      state.freeze();
      const { csv, html } = settings;
      const { readReportRows, readStatus } = await import('../../../migrate/report.js');
      const { countReport } = await import('../../../migrate/report-counts.js');
      const { readVerifyProblems } = await import('../../../migrate/attributes/compare.js');
      const { countPlan } = await import('../../../migrate/state/finished-plan.js');
      const status = readStatus(state);
      const plan = countPlan(state);
      const counts = countReport(state, status);
      const readRows = (options: ReportOptions) => readReportRows(state, options);
      const groups = groupsForAPerson(plan, counts, readRows);
      const notWritten = groupsNotWritten(counts, readRows);
      const verification = groupsOfVerification(status, counts, () => readVerifyProblems(state));
      if (csv !== undefined) {
        context.screen.note(`Writing ${formatUsers(plan.newUsers)} into ${csv}`);
        await replaceFile('--csv', csv, csvLines(readReportRows(state), readVerifyProblems(state)));
      }
      if (html !== undefined) {
        const cases = { groups, notWritten, verification };
        const createdAt = new Date(context.clock.now());
        const page = htmlReport({ status, counts, plan, ...cases, createdAt, csv, again: context.again });
        await replaceFile('--html', html, [page]);
      }
      const { needPerson } = counts;
      const { newUsers, outcomes, notMigrated } = plan;
      return {
        json: { newUsers, outcomes, notMigrated, needPerson, csv, html },
        attention: false,
        summary: [
          context.colours.bold(`Report on ${formatUsers(newUsers)} of ${status.newPool}`),
          ...outcomeLines(plan, context.colours),
          '',
          needPerson === 0 ? 'No user needs a person.' : `Need a person: ${formatUsers(needPerson)}.`,
          ...[...groups, ...notWritten, ...verification].flatMap(firstRows),
          ...[csv, html].filter((file) => file !== undefined).map((file) => `Wrote ${file}`),
          ...(csv === undefined && html === undefined
            ? ['To see all of them:', `  ${context.again('report --html report.html --csv report.csv')}`]
            : []),
        ],
      };
    }),
});

/** The rows of the plan, with what happened to them since in their detail. Rows and problems are both ordered by username. */
function* csvLines(rows: Iterable<ReportRow>, problems: Iterator<VerifyProblem>): Generator<string> {
  yield csvLine(COLUMNS);
  let problem = problems.next();
  for (const row of rows) {
    const { newUsername, newSub, legacySub, outcome, rule } = row;
    const details = [detailOf(row)].filter((detail) => detail !== '');
    if (problem.done !== true && problem.value.newUsername === newUsername) {
      const { problem: found, actual } = problem.value;
      details.push(found === 'missing' ? 'last verify: missing' : `last verify: wrong, holds ${actual}`);
      problem = problems.next();
    }
    yield csvLine([newUsername, newSub, legacySub, outcome, rule, details.join('; ')]);
  }
}

/** Enough of a group to recognise the kind of trouble, without filling the screen. */
function firstRows({ name, rows, total }: ReportGroup): string[] {
  const shown = rows
    .slice(0, 2)
    .map(({ newUsername, detail }): [string, string] => [visible(newUsername), visible(detail)]);
  const more = total - shown.length;
  return [`${name}:`, ...formatTable(shown), ...(more > 0 ? [`  and ${formatCount(more)} more`] : [])];
}
