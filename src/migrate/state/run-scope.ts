import { setImmediate as othersFirst } from 'node:timers/promises';
import { ConfigurationError } from '../../errors.js';
import { checkNumber, refuse } from '../../options.js';
import { listed } from '../../words.js';
import { MigrationError } from '../migration-error.js';
import { added, type OperationKind, recordChecksum } from './journal.js';
import { keysetRows, type Sqlite } from './sqlite.js';
import type { State } from './state.js';

/** One line of a file that names users. */
export interface UserRow {
  readonly newUsername: string;
  /** Line number in the file, for error messages. */
  readonly line: number;
}

/** Usernames that are in the finished plan. */
export const PLANNED_NAMES = 'SELECT 1 FROM new_users WHERE username = ?1';
/** Usernames that this state began to write, in any plan. */
export const WRITTEN_NAMES = "SELECT 1 FROM operations WHERE kind IN ('attribute', 'member') AND username = ?1";

/**
 * Stores the users to whom a run is limited, until the state is closed. Without rows, the run is not limited.
 * @throws {@link ConfigurationError} naming the lines of users whom none of `known` finds
 */
export async function chooseUsers(
  db: Sqlite,
  option: string,
  rows: Iterable<UserRow> | AsyncIterable<UserRow> | undefined,
  known: readonly string[],
): Promise<boolean> {
  if (rows === undefined) return false;
  // In a temporary table, which disappears when the run ends, however it ends.
  db.exec('DROP TABLE IF EXISTS temp.chosen; CREATE TEMP TABLE chosen (username TEXT PRIMARY KEY) WITHOUT ROWID');
  const faults: string[] = [];
  for await (const { newUsername, line } of rows) {
    if (!known.some((sql) => db.get(sql, newUsername) !== undefined)) faults.push(`line ${line}`);
    else db.run('INSERT INTO temp.chosen (username) VALUES (?) ON CONFLICT DO NOTHING', newUsername);
  }
  if (faults.length > 0) {
    throw new ConfigurationError(option, `${listed(faults)}: this state has no such user of the new pool`);
  }
  if (db.count('SELECT count(*) FROM temp.chosen') === 0)
    throw new ConfigurationError(option, 'does not name any user');
  return true;
}

/** The end of a query's condition, for a run that is limited to chosen users. */
export const amongChosen = (isLimited: boolean, column: string): string =>
  isLimited ? `AND ${column} IN (SELECT username FROM temp.chosen)` : '';

/** Which of the writes of a state are to be rolled back. */
export interface UndoScope {
  readonly plan: number | undefined;
  /** Milliseconds since the epoch. */
  readonly since: number | undefined;
  /** Only of the users in the table `chosen`. */
  readonly isLimited: boolean;
}

/** @throws {@link ConfigurationError} */
export function checkScope(
  { meta }: State,
  { plan, since }: { readonly plan?: number; readonly since?: Date },
  isLimited: boolean,
): UndoScope {
  const last = meta.get('plan') ?? 0;
  if (plan !== undefined) {
    checkNumber('plan', plan, { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true, fallback: 1 });
    if (plan > last) refuse('plan', `a plan of this state, which has ${last}`, plan);
  }
  const from = since?.getTime();
  if (Number.isNaN(from)) refuse('since', 'a valid date', since);
  return { plan, since: from, isLimited };
}

/** Whether this is everything that the state wrote. */
export const isEverything = ({ plan, since, isLimited }: UndoScope): boolean =>
  plan === undefined && since === undefined && !isLimited;

/** The condition of a query on `operations`. */
export function inScope(table: string, { plan, since, isLimited }: UndoScope): string {
  return [
    added(table),
    ...(plan === undefined ? [] : [`${table}.plan = ${plan}`]),
    ...(since === undefined ? [] : [`${table}.begun_at >= ${since}`]),
  ]
    .join(' AND ')
    .concat(` ${amongChosen(isLimited, `${table}.username`)}`);
}

/**
 * Makes sure that what is to be undone is what was recorded.
 * @throws {@link MigrationError} `ERR_STATE_INVALID`
 */
export async function requireIntactRecords(db: Sqlite, scope: UndoScope): Promise<void> {
  const sql = `SELECT o.id, o.kind, o.username, o.sub, o.target, o.value, o.before, o.checksum FROM operations o NOT INDEXED
    WHERE ${inScope('o', scope)} AND o.id > ? ORDER BY o.id LIMIT ?`;
  let read = 0;
  for (const [id, kind, username, sub, target, value, before, checksum] of keysetRows<RecordRow>(db, sql, [], [0])) {
    read += 1;
    if (read % RECORDS_AT_ONCE === 0) await othersFirst();
    if (recordChecksum({ kind, username, sub, target, value, before }) === checksum) continue;
    const message = `${db.path} is damaged: record ${id} of what it wrote is not as it was made`;
    const fix = 'Restore the file from a copy, or roll back some users only, with --users.';
    throw new MigrationError('ERR_STATE_INVALID', message, { fix });
  }
}

/** Records that are checked before others run: some milliseconds. */
const RECORDS_AT_ONCE = 5000;

type RecordRow = readonly [
  id: number,
  kind: OperationKind,
  username: string,
  sub: string,
  target: string,
  value: string,
  before: string,
  checksum: number | null,
];
