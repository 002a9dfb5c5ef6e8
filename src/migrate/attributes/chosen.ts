import { ConfigurationError } from '../../errors.js';
import type { Sqlite } from '../state/sqlite.js';

/** One line of a file that names users. */
export interface UserRow {
  readonly newUsername: string;
  /** Where it stands, for error messages. */
  readonly line: number;
}

/** Faults named in an error; the rest is counted. */
const MOST_NAMED = 10;

/** Usernames that the finished plan knows. */
export const PLANNED_NAMES = 'SELECT 1 FROM new_users WHERE username = ?1';
/** Usernames that this state began to write, in whichever plan. */
export const WRITTEN_NAMES = "SELECT 1 FROM operations WHERE kind IN ('attribute', 'member') AND username = ?1";

/**
 * Keeps the users whom a run is limited to, as long as the state is open. Nothing is limited where there are no rows.
 * @throws {@link ConfigurationError} naming the lines of users whom none of `known` finds
 */
export async function chooseUsers(
  db: Sqlite,
  option: string,
  rows: Iterable<UserRow> | AsyncIterable<UserRow> | undefined,
  known: readonly string[],
): Promise<boolean> {
  if (rows === undefined) return false;
  // In the connection's own database: it is gone with the run, however that ends.
  db.exec('DROP TABLE IF EXISTS temp.chosen; CREATE TEMP TABLE chosen (username TEXT PRIMARY KEY) WITHOUT ROWID');
  const faults: string[] = [];
  for await (const { newUsername, line } of rows) {
    if (!known.some((sql) => db.get(sql, newUsername) !== undefined)) faults.push(`line ${line}`);
    else db.run('INSERT INTO temp.chosen (username) VALUES (?) ON CONFLICT DO NOTHING', newUsername);
  }
  if (faults.length > 0) {
    const rest = faults.length > MOST_NAMED ? ` and ${faults.length - MOST_NAMED} more` : '';
    const lines = `${faults.slice(0, MOST_NAMED).join(', ')}${rest}`;
    throw new ConfigurationError(option, `${lines}: this state knows no such user of the new pool`);
  }
  if (db.count('SELECT count(*) FROM temp.chosen') === 0) throw new ConfigurationError(option, 'names no user');
  return true;
}

/** Ends a condition of a query where a run is limited to chosen users. */
export const amongChosen = (isLimited: boolean, column: string): string =>
  isLimited ? `AND ${column} IN (SELECT username FROM temp.chosen)` : '';
