import { checkNumber } from '../../options.js';
import { OUTCOMES_FOR_A_PERSON } from '../control/attention.js';
import { countRows, type ReportOptions } from '../control/report-query.js';
import { readCandidates } from '../matching/undecided.js';
import type { Outcome } from '../outcomes.js';
import { readReportRows } from '../report.js';
import type { ReportRow } from '../results.js';
import { planNumber, requirePlanNumber } from '../state/finished-plan.js';
import type { State } from '../state/state.js';

/** Which users of the finished plan are shown. */
export type UserFilter = Omit<ReportOptions, 'limit' | 'after'>;

/** A user of the plan, as in the report. */
export interface BrowsedUser extends ReportRow {
  /**
   * The legacy users in question, as in `report --decide`: `sub`s, in an order that suggests nothing; the last one is `…` if there are
   * more. Empty unless a person has to decide.
   */
  readonly candidates: readonly string[];
}

export interface UserPage {
  /** The number of the finished plan. Pages of different plans do not belong together. */
  readonly plan: number;
  readonly users: readonly BrowsedUser[];
  /** `after` of the next page; `undefined` if this is the last one. */
  readonly next: string | undefined;
  /** How many users the filter finds on all pages; `undefined` if only reading them all would tell. */
  readonly total: number | undefined;
}

export interface UserPageOptions extends UserFilter {
  /** The `next` of the page before. Default: the first page. */
  readonly after?: string;
  /** 1 to 1 000 users. @defaultValue 50 */
  readonly limit?: number;
}

const MOST_USERS = 1000;

/**
 * One page of the finished plan's users, in the order of their usernames. Takes milliseconds for a million users: for each outcome there
 * is an index, except in a plan that an older version made. Works on a state opened with `access: 'read'`, whatever else uses it.
 * @throws {@link ConfigurationError} naming `limit`; {@link MigrationError} `ERR_STATE_NOT_READY` if there is no finished plan
 */
export function readUserPage(state: State, { limit, after, ...filter }: UserPageOptions = {}): UserPage {
  const most = checkNumber('limit', limit, { min: 1, max: MOST_USERS, integer: true, fallback: 50 });
  return state.db.snapshot(() => {
    const rows = [...readReportRows(state, { ...filter, ...(after === undefined ? {} : { after }), limit: most + 1 })];
    const page = rows.slice(0, most);
    const next = rows.length > most ? page.at(-1)?.newUsername : undefined;
    return { plan: planNumber(state), users: withCandidates(state, page), next, total: countRows(state, filter) };
  });
}

/** Users who are read together. */
const PORTION = 500;

/**
 * All users that the filter finds, read on demand in portions, so that a slow reader keeps nobody waiting.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`, also after some users, if another plan has taken effect: half of one plan and
 * half of another must not look like a whole
 */
export function* readUsers(state: State, filter: UserFilter = {}): Generator<BrowsedUser> {
  const plan = planNumber(state);
  let after: string | undefined;
  do {
    const page = state.db.snapshot(() => {
      requirePlanNumber(state, plan);
      const rows = readReportRows(state, { ...filter, ...(after === undefined ? {} : { after }), limit: PORTION });
      return withCandidates(state, [...rows]);
    });
    yield* page;
    after = page.length < PORTION ? undefined : page.at(-1)?.newUsername;
  } while (after !== undefined);
}

function withCandidates(state: State, rows: readonly ReportRow[]): BrowsedUser[] {
  const needsAPerson = ({ outcome }: ReportRow) => (OUTCOMES_FOR_A_PERSON as readonly Outcome[]).includes(outcome);
  const found = readCandidates(
    state,
    rows.filter(needsAPerson).map(({ newUsername }) => newUsername),
  );
  return rows.map((row) => ({ ...row, candidates: found.get(row.newUsername) ?? [] }));
}
