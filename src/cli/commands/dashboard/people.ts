import { setImmediate as othersFirst } from 'node:timers/promises';
import { OUTCOMES_FOR_A_PERSON } from '../../../migrate/control/attention.js';
import type { ReportCounts } from '../../../migrate/control/report-counts.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import { OUTCOMES, type Outcome } from '../../../migrate/outcomes.js';
import type { ReportOptions, ReportRow, StatusResult } from '../../../migrate/results.js';
import type { State } from '../../../migrate/state/state.js';
import { csvLines, reportRows } from '../report/report-rows.js';
import type { ViewQuery } from './view-query.js';

/** Which users a list may be of, besides those of one outcome. */
const OTHERS = {
  '': { outcomes: OUTCOMES_FOR_A_PERSON },
  failed: { writes: ['failed'] },
  skipped: { writes: ['skipped'] },
  'too-many-groups': { overLimit: true },
  everybody: {},
} as const satisfies Readonly<Record<string, ReportOptions>>;

export type Choice = Outcome | keyof typeof OTHERS;

const isOutcome = (name: string): name is Outcome => OUTCOMES.some((outcome) => outcome === name);
const isOther = (name: string): name is keyof typeof OTHERS => Object.hasOwn(OTHERS, name);

/** What the address names; whatever is unknown is the list of all who need a person. */
export const choiceOf = ({ show }: Pick<ViewQuery, 'show'>): Choice => (isOutcome(show) || isOther(show) ? show : '');

/** How many there are of each choice. */
export function countChoices(
  { outcomes, newUsers, groups }: NonNullable<StatusResult['plan']>,
  { failedUsers, skippedUsers }: ReportCounts,
): ReadonlyMap<Choice, number> {
  const forAPerson = OUTCOMES_FOR_A_PERSON.reduce((sum, outcome) => sum + outcomes[outcome], 0);
  return new Map<Choice, number>([
    ['', forAPerson],
    ...OUTCOMES_FOR_A_PERSON.map((outcome) => [outcome, outcomes[outcome]] as const),
    ['failed', failedUsers],
    ['too-many-groups', groups?.overLimit ?? 0],
    ['skipped', skippedUsers],
    ...OUTCOMES.filter((one) => !isForAPerson(one)).map((outcome) => [outcome, outcomes[outcome]] as const),
    ['everybody', newUsers],
  ]);
}

const isForAPerson = (outcome: Outcome): boolean => OUTCOMES_FOR_A_PERSON.some((one) => one === outcome);

export const PEOPLE_PER_PAGE = 20;

/** One page of users. */
export interface PeoplePage {
  readonly rows: readonly ReportRow[];
  /** Whether there are more after the last of these. */
  readonly hasMore: boolean;
}

/** Reads one page; an index finds its first row. */
export async function readPeople(state: State, query: ViewQuery): Promise<PeoplePage> {
  const { readReportRows } = await import('../../../migrate/report.js');
  const options = { ...optionsOf(query), after: query.after, limit: PEOPLE_PER_PAGE + 1 };
  const rows = [...readReportRows(state, options)];
  return { rows: rows.slice(0, PEOPLE_PER_PAGE), hasMore: rows.length > PEOPLE_PER_PAGE };
}

const optionsOf = (query: ViewQuery): ReportOptions => {
  const choice = choiceOf(query);
  return {
    ...(isOther(choice) ? OTHERS[choice] : { outcomes: [choice] }),
    ...(query.name === '' ? {} : { usernamePrefix: query.name }),
  };
};

const LINES_PER_CHUNK = 500;

/**
 * All users of a list as a CSV file, portion by portion. The state is not frozen: a reader that takes an hour would keep a running
 * command from tidying up. Should another plan take effect meanwhile, it ends with an error rather than with half of either.
 * @throws MigrationError
 */
export async function* peopleCsv(state: State, query: ViewQuery): AsyncGenerator<string> {
  const { readReportRows } = await import('../../../migrate/report.js');
  const plan = state.meta.get('plan');
  let lines: string[] = [];
  const portion = async () => {
    if (state.meta.get('plan') !== plan) {
      throw new MigrationError('ERR_STATE_NOT_READY', 'another plan took effect during the download');
    }
    const text = lines.join('');
    lines = [];
    await othersFirst();
    return text;
  };
  for (const line of csvLines(reportRows(readReportRows(state, optionsOf(query)), [].values()))) {
    lines.push(line);
    if (lines.length === LINES_PER_CHUNK) yield await portion();
  }
  yield await portion();
}
