import { OUTCOMES_FOR_A_PERSON } from '../../../migrate/control/attention.js';
import type { ReportOptions } from '../../../migrate/control/report-query.js';
import { replaceFile } from '../../../migrate/files/replace-file.js';
import { OUTCOMES, type Outcome } from '../../../migrate/outcomes.js';
import type { PlanResult } from '../../../migrate/results.js';
import { checkOneOf, refuse } from '../../../options.js';
import { formatCount } from '../../../words.js';
import { type CommandResult, defineCommand } from '../../define-command.js';
import { STATE_OPTIONS } from '../../options/common.js';
import { nextPlan } from '../../options/next-plan.js';
import { type Check, commandLineOnly, fileOption, severalOption } from '../../options/option.js';
import { withState } from '../../pools.js';
import { formatTable, formatUsers, visible } from '../../terminal/format.js';
import { outcomeLines } from '../../wording/summary.js';
import { groupsForAPerson, groupsNotWritten, groupsOfVerification, type ReportGroup } from './cases.js';
import { requireNoDecisions, writeDecideFile } from './decision-file.js';
import { htmlReport } from './page.js';
import { csvLines, reportRows } from './report-rows.js';

type Plan = Pick<PlanResult, 'newUsers' | 'outcomes'>;

/** How many rows `--json` holds: a document of a million would be of no use. The CSV file has them all. */
const MOST_JSON_ROWS = 1000;
/** How many users of a group are printed: enough to recognise the kind of trouble, and more of what was asked for. */
const MOST_PRINTED = 2;
const MOST_PRINTED_OF_CHOSEN = 10;

const outcomeName: Check<Outcome> = (name, value) => checkOneOf(name, value, OUTCOMES);

export const reportCommand = defineCommand({
  name: 'report',
  stage: 'backfill',
  summary: "list every user's outcome, and who needs a person",
  description: 'Writes what was decided for every user, and who needs a person, to files that only you can read.',
  examples: [
    'cognito-cutover report --html report.html --csv report.csv',
    'cognito-cutover report --outcome ambiguous --outcome duplicate --csv doubtful.csv',
    'cognito-cutover report --decide decided.csv',
  ],
  options: {
    ...STATE_OPTIONS,
    csv: fileOption('<file>', 'write every user of the new pool to this CSV file'),
    html: fileOption('<file>', 'write totals and the users who need a person to this file, as one self-contained page'),
    outcome: commandLineOnly(
      severalOption(
        '<name>',
        `only users with this outcome, in the CSV file, in --json and on the screen; repeatable: ${OUTCOMES.join(', ')}`,
        outcomeName,
      ),
    ),
    decide: commandLineOnly(
      fileOption(
        '<file>',
        'write the users who need a person to this CSV file, with the legacy users in question; fill it in, and give it to plan --mapping',
      ),
    ),
  },
  run: (settings, context): Promise<CommandResult> =>
    withState(settings, 'read', async (state) => {
      // A plan that finishes meanwhile must not appear in half of the report.
      state.freeze();
      const { csv, html, decide, outcome: chosen } = settings;
      const forDecision = OUTCOMES_FOR_A_PERSON.filter((one) => chosen?.includes(one) !== false);
      if (decide !== undefined && forDecision.length === 0)
        refuse('--outcome', `with --decide, one of ${OUTCOMES_FOR_A_PERSON.join(', ')}`, chosen);
      if (decide !== undefined) await requireNoDecisions(decide);
      const { readReportRows, readStatus } = await import('../../../migrate/report.js');
      const { countReport } = await import('../../../migrate/control/report-counts.js');
      const { readVerifyProblems } = await import('../../../migrate/attributes/compare.js');
      const { countPlan } = await import('../../../migrate/state/finished-plan.js');
      const status = readStatus(state);
      const plan = countPlan(state);
      const counts = countReport(state, status);
      const readRows = (options: ReportOptions) => readReportRows(state, options);
      const groups = groupsForAPerson(plan, counts, readRows);
      const notWritten = groupsNotWritten(counts, readRows);
      const verification = groupsOfVerification(status, counts, (options) => readVerifyProblems(state, options));
      const rows = () => reportRows(readReportRows(state), readVerifyProblems(state), chosen);
      if (csv !== undefined) {
        context.screen.note(`Writing ${formatUsers(usersWith(chosen, plan))} into ${csv}`);
        await replaceFile('--csv', csv, csvLines(rows()));
      }
      if (html !== undefined) {
        const cases = { groups, notWritten, verification };
        const createdAt = new Date(context.clock.now());
        // With --outcome, the CSV file does not hold the other groups.
        const all = chosen === undefined ? csv : undefined;
        const { again } = context;
        const planAgain = (mapping?: string) => again(nextPlan(status, settings, mapping));
        const page = htmlReport({ status, counts, plan, ...cases, createdAt, csv: all, again, planAgain });
        await replaceFile('--html', html, [page]);
      }
      let toDecide: number | undefined;
      if (decide !== undefined) {
        const { readUndecided } = await import('../../../migrate/matching/undecided.js');
        toDecide = await writeDecideFile(decide, readUndecided(state, forDecision));
      }
      const { needPerson } = counts;
      const { newUsers, outcomes, notMigrated } = plan;
      const shown =
        chosen === undefined
          ? [...groups, ...notWritten, ...verification].flatMap((group) => firstRows(group, MOST_PRINTED))
          : chosen.flatMap((name) => {
              const first = [...readRows({ outcomes: [name], limit: MOST_PRINTED_OF_CHOSEN })];
              return firstRows({ name, rows: first, total: outcomes[name] }, MOST_PRINTED_OF_CHOSEN);
            });
      return {
        json: {
          ...{ newUsers, outcomes, notMigrated, needPerson, csv, html },
          ...(chosen === undefined ? {} : jsonRows(rows(), usersWith(chosen, plan))),
          ...(decide === undefined ? {} : { decide, toDecide }),
        },
        attention: false,
        summary: [
          context.colours.bold(`Report on ${formatUsers(newUsers)} of ${status.newPool}`),
          ...outcomeLines(plan, context.colours),
          '',
          needPerson === 0 ? 'No user needs a person.' : `Need a person: ${formatUsers(needPerson)}.`,
          ...shown,
          ...[csv, html].filter((file) => file !== undefined).map((file) => `Wrote ${file}`),
          ...(decide === undefined || toDecide === undefined
            ? []
            : howToDecide(decide, toDecide, context.again(nextPlan(status, settings, decide)))),
          ...(csv === undefined && html === undefined && decide === undefined
            ? ['To see all of them:', `  ${context.again('report --html report.html --csv report.csv')}`]
            : []),
        ],
      };
    }),
});

const usersWith = (chosen: readonly Outcome[] | undefined, { newUsers, outcomes }: Plan): number =>
  chosen === undefined ? newUsers : chosen.reduce((sum, outcome) => sum + outcomes[outcome], 0);

/** The chosen users, and how many more there are. */
function jsonRows(rows: ReturnType<typeof reportRows>, total: number) {
  const users = [...take(rows, MOST_JSON_ROWS)];
  return { users, usersLeftOut: total - users.length };
}

function* take<T>(all: Iterable<T>, most: number): Generator<T> {
  let count = 0;
  for (const one of all) {
    if (count === most) return;
    count += 1;
    yield one;
  }
}

function howToDecide(path: string, users: number, plan: string): string[] {
  if (users === 0) return [`Wrote ${path}: there is nobody to decide about.`];
  return [
    `Wrote ${path}: ${formatUsers(users)} to decide about.`,
    'Where you are certain, fill in legacy_sub, with one of the candidates or another legacy user. Leave it empty otherwise.',
    'A candidate is not proof: an address that is not verified is only what the user claims.',
    'Then plan again, with the other options of your last plan:',
    `  ${plan}`,
  ];
}

function firstRows({ name, rows, total }: Omit<ReportGroup, 'text'>, most: number): string[] {
  const shown = rows
    .slice(0, most)
    .map(({ newUsername, detail }): [string, string] => [visible(newUsername), visible(detail)]);
  const more = total - shown.length;
  return [`${name}:`, ...formatTable(shown), ...(more > 0 ? [`  and ${formatCount(more)} more`] : [])];
}
