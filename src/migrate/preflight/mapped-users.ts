import {
  DirectoryError,
  type DirectoryUser,
  type ListUsersRequest,
  type UserDirectory,
  type UserPage,
} from '../../directory/user-types.js';
import { Crew } from '../calls/crew.js';
import type { Pace } from '../calls/pace.js';
import { userPages } from '../calls/paging.js';
import { NO_LEGACY_USER, NO_NEW_USER, refuseFaults } from '../matching/mapping.js';
import type { Run } from '../run.js';
import { Aside } from '../state/aside.js';
import type { Sqlite } from '../state/sqlite.js';

/** Maximum number of rows to check. More would take longer than the listing, which finds the same faults. */
const MOST_ASKED = 500;

/** Rows checked at the same time. The pace limits the rate. */
const WORKERS = 8;

/** Maximum number of empty pages to read before the user is found. */
const MOST_PAGES = 5;

interface MappedRow {
  readonly newUsername: string;
  readonly legacySub: string;
  readonly row: number;
  readonly place: string;
}

interface Pools {
  readonly legacyPools: readonly UserDirectory[];
  readonly newPool: UserDirectory;
  readonly pace: Pace;
}

/**
 * Looks up the users of the mapping file before the listing, so that a row with a user who does not exist fails within a minute
 * instead of after the listing. Reports nothing if it cannot tell, for example if a pool does not filter; the listing then finds out.
 * @throws {@link ConfigurationError} naming the lines
 */
export async function checkMappedUsers(run: Run, { legacyPools, newPool, pace }: Pools): Promise<void> {
  const crew = new Crew(run.signal);
  const calls = { ...run.calls(pace), signal: crew.signal };
  const find = (pool: UserDirectory, request: ListUsersRequest, is: (user: DirectoryUser) => boolean) =>
    exists(userPages(pool, request, calls), is);
  const faults: { row: MappedRow; what: string }[] = [];
  await crew.each(WORKERS, await rowsToAsk(run.db), async (row) => {
    const { newUsername, legacySub } = row;
    const isNew = ({ username }: DirectoryUser) => username === newUsername;
    if ((await find(newPool, { username: newUsername }, isNew)) === false) faults.push({ row, what: NO_NEW_USER });
    const isLegacy = ({ sub }: DirectoryUser) => sub === legacySub;
    let found: boolean | undefined = false;
    for (const pool of legacyPools) {
      if (found === false) found = await find(pool, { subPrefix: legacySub }, isLegacy);
    }
    if (found === false) faults.push({ row, what: NO_LEGACY_USER });
  });
  faults.sort((one, other) => one.row.row - other.row.row);
  refuseFaults(faults.map(({ row: { place }, what }) => `${place}: ${what}`));
}

/**
 * Rows written by people: all rows if there are few, otherwise those whose users the finished plan does not know. Rows written by
 * import-csv are left out, because their users may have been deleted since.
 */
async function rowsToAsk(db: Sqlite): Promise<readonly MappedRow[]> {
  const few = db.count('SELECT count(*) FROM mapping WHERE new_sub IS NULL OR decided') <= MOST_ASKED;
  const planned = db.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'new_users'") !== undefined;
  const unknown = `AND (NOT EXISTS (SELECT 1 FROM new_users n WHERE n.username = m.new_username)
    OR NOT EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = m.legacy_sub))`;
  const rows = await new Aside(db).all<readonly [string, string, number, string]>(
    `SELECT new_username, legacy_sub, row, place FROM mapping m
       WHERE (new_sub IS NULL OR decided) ${few || !planned ? '' : unknown} ORDER BY row LIMIT ?`,
    MOST_ASKED,
  );
  return rows.map(([newUsername, legacySub, row, place]) => ({ newUsername, legacySub, row, place }));
}

/** Whether a search for one user finds that user; `undefined` if the search returns other users or too many empty pages. */
async function exists(
  found: AsyncIterable<UserPage>,
  is: (user: DirectoryUser) => boolean,
): Promise<boolean | undefined> {
  let pages = 0;
  try {
    for await (const { users, nextToken } of found) {
      if (users.some(is)) return true;
      if (users.length > 0) return undefined;
      pages += 1;
      if (pages === MOST_PAGES && nextToken !== undefined) return undefined;
    }
    return false;
  } catch (error) {
    // The pool does not support this search.
    if (error instanceof DirectoryError && (error.kind === 'invalid' || error.kind === 'token')) return undefined;
    throw error;
  }
}
