import { OUTCOMES, type Outcome, type WriteStatus } from '../outcomes.js';
import { countPlan } from '../state/finished-plan.js';
import type { SqlValue } from '../state/sqlite.js';
import type { State } from '../state/state.js';

/** Which users of the finished plan a report has. */
export interface ReportOptions {
  /** Only these. Default: all. */
  readonly outcomes?: readonly Outcome[];
  /** Only users whose write has one of these statuses. Default: all. */
  readonly writes?: readonly WriteStatus[];
  /** Only users who would be in too many groups. @defaultValue false */
  readonly overLimit?: boolean;
  /** Only users whose username begins with this, to the letter. Default: all. */
  readonly usernamePrefix?: string;
  /** Only users whose username comes after this one: how the next page is asked for. Default: from the first. */
  readonly after?: string;
  /** At most this many rows. Default: all. */
  readonly limit?: number;
}

/** A row of {@link reportQuery}. */
export type ReportColumns = readonly [
  newUsername: string,
  newSub: string,
  legacySub: string,
  outcome: Outcome,
  rule: string,
  detail: string,
  write: WriteStatus | null,
  error: string | null,
];

/** For `keysetRows`: it adds the username after which it reads, and how many rows. */
interface KeysetQuery {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Comes after every text with the same beginning: SQLite compares bytes, https://www.sqlite.org/datatype3.html#sort_order. */
const LAST_CHARACTER = '\u{10ffff}';

/** The parameters, by place. */
const PLAN = '?1';
const ATTRIBUTE = '?2';
const WRITES = '(SELECT value FROM json_each(?3))';
const CHOSEN = '(SELECT value FROM json_each(?4))';
const PREFIX = '?5';
const PREFIX_END = '?6';
const AFTER = '?7';
const LIMIT = '?8';

const WITH_SUCH_WRITES = `SELECT username, max(status) AS status,
    group_concat(CASE kind WHEN 'member' THEN 'group ' || target || ': ' ELSE '' END || error, ', ') AS error
  FROM operations WHERE plan = ${PLAN} AND kind IN ('attribute', 'member') AND (kind = 'member' OR target = ${ATTRIBUTE})
    AND status IN ${WRITES} GROUP BY username`;
const THEIR_WRITE = `LEFT JOIN operations o ON o.plan = ${PLAN} AND o.kind = 'attribute' AND o.username = n.username
  AND o.target = ${ATTRIBUTE}`;
const OVER_LIMIT = "SELECT user FROM memberships WHERE status = 'over-limit'";

/**
 * The users of the finished plan that the options name, in the order of their usernames. Starts from the fewest users: those with such
 * writes, those in too many groups, or those of an outcome, of which only a page is read.
 */
export function reportQuery(state: State, options: Omit<ReportOptions, 'limit' | 'after'>): KeysetQuery {
  const { outcomes, writes, overLimit = false, usernamePrefix: prefix = '' } = options;
  // With the plus, SQLite seeks by the other condition, and does not read everything from the first username on.
  const within = (username: string) =>
    prefix === ''
      ? `${username} > ${AFTER}`
      : `+${username} > ${AFTER} AND ${username} >= max(${AFTER}, ${PREFIX}) AND ${username} < ${PREFIX_END}`;
  const from = () => {
    if (writes !== undefined) return `(${WITH_SUCH_WRITES}) o CROSS JOIN new_users n ON n.username = o.username`;
    if (overLimit) return `(SELECT DISTINCT user FROM (${OVER_LIMIT})) s CROSS JOIN new_users n ON n.id = s.user`;
    if (outcomes === undefined || outcomes.length === 0 || !hasUsersByOutcome(state)) return 'new_users n';
    return `(${pageOfEach(outcomes, within)}) s CROSS JOIN new_users n ON n.username = s.username`;
  };
  const sql = `SELECT n.username, coalesce(n.sub, ''), coalesce(d.value, ''), d.outcome, d.rule, d.detail, o.status, o.error
    FROM ${from()} CROSS JOIN decisions d ON d.user = n.id ${writes === undefined ? THEIR_WRITE : ''}
    WHERE ${within('n.username')} ${outcomes === undefined ? '' : `AND d.outcome IN ${CHOSEN}`}
      ${overLimit ? `AND n.id IN (${OVER_LIMIT})` : ''}
    ORDER BY n.username LIMIT ${LIMIT}`;
  const { meta } = state;
  const values = [
    meta.get('plan') ?? 0,
    meta.get('attribute') ?? '',
    JSON.stringify(writes ?? []),
    JSON.stringify(outcomes ?? []),
    prefix,
    `${prefix}${LAST_CHARACTER}`,
  ];
  return { sql, values };
}

/**
 * How many users {@link reportQuery} finds; `undefined` if only reading them all would tell. Costs milliseconds, and for writes as much
 * as a page of them.
 */
export function countRows(
  state: State,
  { outcomes, writes, overLimit = false, usernamePrefix = '' }: ReportOptions,
): number | undefined {
  const { db, meta } = state;
  const isAll = usernamePrefix === '';
  const range = [usernamePrefix, `${usernamePrefix}${LAST_CHARACTER}`];
  if (writes !== undefined || overLimit) {
    if (outcomes !== undefined || !isAll || (writes !== undefined && overLimit)) return undefined;
    if (overLimit) return db.count(`SELECT count(DISTINCT user) FROM (${OVER_LIMIT})`);
    const values = [meta.get('plan') ?? 0, meta.get('attribute') ?? '', JSON.stringify(writes)];
    return db.count(`SELECT count(*) FROM (${WITH_SUCH_WRITES})`, ...values);
  }
  if (outcomes === undefined) {
    return isAll
      ? countPlan(state).newUsers
      : db.count('SELECT count(*) FROM new_users WHERE username >= ? AND username < ?', ...range);
  }
  if (isAll) {
    const counts = countPlan(state).outcomes;
    return [...new Set(outcomes)].reduce((sum, one) => sum + counts[one], 0);
  }
  if (!hasUsersByOutcome(state)) return undefined;
  const sql = `SELECT count(*) FROM users_by_outcome
    WHERE outcome IN (SELECT value FROM json_each(?)) AND username >= ? AND username < ?`;
  return db.count(sql, JSON.stringify(outcomes), ...range);
}

/** As many users of each outcome as a page has, together. */
function pageOfEach(outcomes: readonly Outcome[], within: (username: string) => string): string {
  const pages = OUTCOMES.filter((one) => outcomes.includes(one)).map(
    (one) => `SELECT username FROM (SELECT username FROM users_by_outcome
      WHERE outcome = '${one}' AND ${within('username')} ORDER BY username LIMIT ${LIMIT})`,
  );
  return pages.join(' UNION ALL ');
}

/** Not if an older version made the plan: it leaves the table of the plan before. */
const hasUsersByOutcome = ({ meta }: State): boolean => meta.get('listedByOutcome') === (meta.get('plan') ?? 0);
