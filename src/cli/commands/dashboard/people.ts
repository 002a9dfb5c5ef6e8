import { setImmediate as othersFirst } from 'node:timers/promises';
import type { UserFilter, UserPage } from '../../../migrate/browse/user-pages.js';
import { OUTCOMES_FOR_A_PERSON } from '../../../migrate/control/attention.js';
import type { ReportCounts } from '../../../migrate/control/report-counts.js';
import { OUTCOMES, type Outcome } from '../../../migrate/outcomes.js';
import type { StatusResult } from '../../../migrate/results.js';
import type { State } from '../../../migrate/state/state.js';
import type { CommonSettings } from '../../options/common.js';
import { csvLines, reportRows } from '../report/report-rows.js';
import { lookAt } from './state-view.js';
import type { ViewQuery } from './view-query.js';

/** Which users a list may be of, besides those of one outcome. */
const OTHERS = {
  '': { outcomes: OUTCOMES_FOR_A_PERSON },
  failed: { writes: ['failed'] },
  skipped: { writes: ['skipped'] },
  'too-many-groups': { overLimit: true },
  everybody: {},
} as const satisfies Readonly<Record<string, UserFilter>>;

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

const USERS_PER_PAGE = 20;

/** Reads one page; an index finds its first row. */
export async function readPeople(settings: CommonSettings, query: ViewQuery): Promise<UserPage> {
  const { readUserPage } = await import('../../../migrate/browse/user-pages.js');
  const options = { ...filterOf(query), after: query.after, limit: USERS_PER_PAGE };
  return lookAt(settings, (state) => readUserPage(state, options));
}

const filterOf = (query: ViewQuery): UserFilter => {
  const choice = choiceOf(query);
  return {
    ...(isOther(choice) ? OTHERS[choice] : { outcomes: [choice] }),
    ...(query.name === '' ? {} : { usernamePrefix: query.name }),
  };
};

const LINES_PER_CHUNK = 500;

/**
 * All users of a list as a CSV file, portion by portion, with the columns of the report.
 * @throws MigrationError, also in the middle: if another plan takes effect meanwhile, half of either would look like a whole
 */
export async function* peopleCsv(state: State, query: ViewQuery): AsyncGenerator<string> {
  const { readUsers } = await import('../../../migrate/browse/user-pages.js');
  let lines: string[] = [];
  for (const line of csvLines(reportRows(readUsers(state, filterOf(query)), [].values()))) {
    lines.push(line);
    if (lines.length < LINES_PER_CHUNK) continue;
    yield lines.join('');
    lines = [];
    await othersFirst();
  }
  yield lines.join('');
}
