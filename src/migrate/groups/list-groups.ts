import type { Clock } from '../../clock.js';
import type { GroupDirectory, PoolGroup } from '../../directory/group-types.js';
import { DirectoryError, type DirectoryUser } from '../../directory/user-types.js';
import type { PoolSide } from '../../errors.js';
import { Crew } from '../calls/crew.js';
import { Pace } from '../calls/pace.js';
import { repeatedPages, restartedPages } from '../calls/paging.js';
import type { Patience } from '../calls/patience.js';
import { GROUP_RPS } from '../calls/quotas.js';
import type { CallCounts } from '../calls/repeated.js';
import type { GroupProgress } from '../progress.js';
import type { Sqlite } from '../state/sqlite.js';

/** Groups listed at a time: enough for the pace as long as a page takes less than a second. */
const LEAST_WORKERS = 4;

export type Purpose = 'plan' | 'verify';

export interface GroupPool {
  /** In the table `pools`. */
  readonly id: number;
  readonly side: PoolSide;
  readonly directory: GroupDirectory;
}

export interface ReadOptions {
  readonly db: Sqlite;
  readonly purpose: Purpose;
  /** Of ListUsersInGroup, which shares its quota with ListUsers. */
  readonly pace: Pace;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience | undefined;
  readonly onProgress?: ((progress: GroupProgress) => void) | undefined;
}

/** Every group of a pool: at most 10 000. */
export async function listGroups(
  { directory }: GroupPool,
  { clock, signal, patience }: ReadOptions,
): Promise<PoolGroup[]> {
  const pace = new Pace(GROUP_RPS, clock);
  const groups: PoolGroup[] = [];
  const calls = { clock, pace, signal, patience };
  for await (const { items } of repeatedPages(directory, (token) => directory.listGroups(token), calls)) {
    groups.push(...items);
  }
  return groups;
}

/** A group as the state holds it: name, description, precedence, role. */
export type GroupRow = readonly [string, string | null, number | null, string | null];

export function groupFromRow([name, description, precedence, role]: GroupRow): PoolGroup {
  return {
    name,
    description: description ?? undefined,
    precedence: precedence ?? undefined,
    roleArn: role ?? undefined,
  };
}

/** Records the groups of a pool, and which of them are to have their members listed. */
export function recordGroups(
  db: Sqlite,
  purpose: Purpose,
  { id }: GroupPool,
  groups: readonly PoolGroup[],
  wanted: (group: PoolGroup) => boolean,
): void {
  for (const group of groups) {
    // Groups that are created or deleted during the listing may be listed twice.
    db.run(
      `INSERT INTO pool_groups (purpose, pool, name, description, precedence, role, wanted) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      purpose,
      id,
      group.name,
      group.description ?? null,
      group.precedence ?? null,
      group.roleArn ?? null,
      wanted(group) ? 1 : 0,
    );
  }
}

interface OpenGroup {
  readonly id: number;
  readonly name: string;
  readonly token: string | undefined;
}

/**
 * Lists the members of a pool's wanted groups, several groups at a time, or continues where the state says. A page's members and the
 * token of the next page are recorded in one transaction.
 */
export async function listMembers(
  pool: GroupPool,
  options: ReadOptions & { readonly nameOf: (user: DirectoryUser) => string },
): Promise<void> {
  const { db, purpose, pace, signal, onProgress } = options;
  const open = db
    .all<readonly [number, string, string | null]>(
      `SELECT id, name, token FROM pool_groups WHERE purpose = ? AND pool = ? AND wanted = 1 AND done = 0
       ORDER BY token IS NULL, id`,
      purpose,
      pool.id,
    )
    .map(([id, name, token]): OpenGroup => ({ id, name, token: token ?? undefined }));
  const counts: CallCounts = { attempts: 0, throttled: 0 };
  const listed = countListed(db, purpose, pool.id);
  const { side } = pool;
  const { userPoolId } = pool.directory;
  const progress = (done: boolean) => onProgress?.({ type: 'groups', side, userPoolId, ...listed, ...counts, done });
  progress(false);
  const crew = new Crew(signal);
  await crew.each(Math.max(LEAST_WORKERS, Math.ceil(pace.rps)), open, async (group) => {
    await listOneGroup(pool, group, { ...options, signal: crew.signal, counts }, (members) => {
      listed.members += members;
      progress(false);
    });
    listed.groupsDone += 1;
  });
  progress(true);
}

async function listOneGroup(
  { directory }: GroupPool,
  { id, name, token: from }: OpenGroup,
  options: ReadOptions & { counts: CallCounts; nameOf: (user: DirectoryUser) => string },
  onPage: (members: number) => void,
): Promise<void> {
  const { db, clock, pace, signal, patience, counts, nameOf } = options;
  const calls = { clock, pace, signal, patience, counts };
  const list = (token: string | undefined) => directory.listMembers(name, token);
  const open = (token: string | undefined) => repeatedPages(directory, list, calls, token);
  try {
    for await (const { users, nextToken } of restartedPages(open, from, () => onPage(-restart(db, id)))) {
      onPage(keep(db, id, users.map(nameOf), nextToken));
    }
  } catch (error) {
    if (!(error instanceof DirectoryError) || error.kind !== 'group-not-found') throw error;
    // The group was deleted after it was listed.
    forget(db, id);
  }
}

/** Records a page's members, and the token of the next page. Answers how many members are new. */
function keep(db: Sqlite, group: number, members: readonly string[], nextToken: string | undefined): number {
  return db.transaction(() => {
    const added = db.run(
      'INSERT OR IGNORE INTO group_members (pool_group, member) SELECT ?, value FROM json_each(?)',
      group,
      JSON.stringify(members),
    );
    const done = nextToken === undefined ? 1 : 0;
    db.run('UPDATE pool_groups SET token = ?, done = ? WHERE id = ?', nextToken ?? null, done, group);
    return added;
  });
}

function forget(db: Sqlite, group: number): void {
  db.transaction(() => {
    db.run('DELETE FROM group_members WHERE pool_group = ?', group);
    db.run('DELETE FROM pool_groups WHERE id = ?', group);
  });
}

function restart(db: Sqlite, group: number): number {
  return db.transaction(() => {
    db.run('UPDATE pool_groups SET token = NULL WHERE id = ?', group);
    return db.run('DELETE FROM group_members WHERE pool_group = ?', group);
  });
}

function countListed(db: Sqlite, purpose: Purpose, pool: number) {
  const [groups, groupsDone] = db.get<readonly [number, number]>(
    'SELECT count(*), coalesce(sum(done), 0) FROM pool_groups WHERE purpose = ? AND pool = ? AND wanted = 1',
    purpose,
    pool,
  ) ?? [0, 0];
  const members = db.count(
    `SELECT count(*) FROM pool_groups g CROSS JOIN group_members m ON m.pool_group = g.id
     WHERE g.purpose = ? AND g.pool = ?`,
    purpose,
    pool,
  );
  return { groups, groupsDone, members };
}
