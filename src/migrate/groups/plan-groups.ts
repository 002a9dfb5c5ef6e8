import type { Clock } from '../../clock.js';
import type { GroupDirectory, PoolGroup } from '../../directory/group-types.js';
import { isProviderGroup } from '../../users/identities.js';
import type { Pace } from '../calls/pace.js';
import type { Patience } from '../calls/patience.js';
import type { GroupProgress } from '../progress.js';
import type { GroupCounts } from '../results.js';
import { Aside } from '../state/aside.js';
import { keyedHasher } from '../state/hash-key.js';
import type { Sqlite, Statements } from '../state/sqlite.js';
import type { State } from '../state/state.js';
import { decideGroups, type GroupDecision, MOST_GROUPS_PER_USER } from './decide-groups.js';
import {
  type GroupPool,
  type GroupRow,
  groupFromRow,
  listGroups,
  listMembers,
  type ReadOptions,
  recordGroups,
} from './list-groups.js';

/** What `plan` needs to include groups. */
export interface GroupOptions {
  /** The same pools as the plan's. */
  readonly legacyPools: readonly GroupDirectory[];
  readonly newPool: GroupDirectory;
  /**
   * Give created groups the IAM role that they have in the legacy pool. If an identity pool takes roles from tokens, every member then
   * gets that role's permissions. @defaultValue false
   */
  readonly copyRoles?: boolean;
}

export interface GroupPlanOptions {
  readonly state: State;
  /** The draft of the plan. */
  readonly db: Sqlite;
  readonly groups: GroupOptions;
  /** Of ListUsers, which shares its quota with ListUsersInGroup. */
  readonly pace: Pace;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience | undefined;
  readonly warn: (message: string) => void;
  readonly onProgress?: (progress: GroupProgress) => void;
}

/**
 * Reads the groups of all pools into the state: those of the legacy pools with their members, those of the new pool with the members
 * that matter. Continues where an interrupted plan stopped.
 */
export async function readGroups(options: GroupPlanOptions): Promise<void> {
  const { db, state } = options;
  const { meta } = state;
  const pools = poolsOf(options.groups);
  const reading: ReadOptions = { ...options, purpose: 'plan' };
  if (meta.get('groupsListed') !== true) {
    const listed: (readonly [GroupPool, readonly PoolGroup[]])[] = [];
    for (const pool of pools) listed.push([pool, await listGroups(pool, reading)]);
    db.transaction(() => {
      // All groups of the new pool for now; which of them matter is decided below.
      for (const [pool, groups] of listed) {
        const provider = ({ name }: PoolGroup) => isProviderGroup(name, pool.directory.userPoolId);
        recordGroups(db, 'plan', pool, groups, (group) => pool.side === 'new' || !provider(group));
      }
      leaveOutOthers(db, pools, decide(db, options.groups));
      meta.set('groupsListed', true);
    });
  }
  const key = meta.get('hashKey') ?? '';
  const hash = keyedHasher(key);
  for (const pool of pools) {
    await listMembers(pool, {
      ...reading,
      nameOf: ({ sub, username }) => (pool.side === 'new' ? username : (sub ?? `@${hash('username', username)}`)),
    });
  }
}

/**
 * Members of a new-pool group matter if a legacy pool has the same group. If a user could end up in more groups than allowed, the
 * members of all groups matter.
 */
function leaveOutOthers(db: Sqlite, pools: readonly GroupPool[], { groups }: GroupDecision): void {
  const pool = idOf(pools);
  if (limitMatters(db, pool, groups.filter(({ present }) => !present).length)) return;
  db.run(
    `UPDATE pool_groups SET wanted = 0 WHERE purpose = 'plan' AND pool = ? AND name NOT IN (SELECT value FROM json_each(?))`,
    pool,
    JSON.stringify(groups.map(({ name }) => name)),
  );
}

function limitMatters(db: Sqlite, pool: number, toCreate: number): boolean {
  const there = db.count("SELECT count(*) FROM pool_groups WHERE purpose = 'plan' AND pool = ?", pool);
  return there + toCreate > MOST_GROUPS_PER_USER;
}

/** Decides about groups and memberships, after the users. If it is interrupted, the plan starts again with deciding the users. */
export async function planGroups(
  { db, groups: options, warn }: GroupPlanOptions,
  aside = new Aside(db),
): Promise<GroupCounts> {
  const pool = idOf(poolsOf(options));
  const { groups, notes } = decide(db, options);
  await aside.run((script) => {
    script.exec('DELETE FROM planned_groups');
    script.exec('DELETE FROM memberships');
  });
  db.transaction(() => {
    for (const { name, description, precedence, roleArn, present } of groups) {
      db.run(
        'INSERT INTO planned_groups (name, description, precedence, role, present) VALUES (?, ?, ?, ?, ?)',
        name,
        description ?? null,
        precedence ?? null,
        roleArn ?? null,
        present ? 1 : 0,
      );
    }
  });
  await aside.run((script) => mapMemberships(script, pool));
  const toCreate = db.count('SELECT count(*) FROM planned_groups WHERE present = 0');
  if (limitMatters(db, pool, toCreate)) await aside.run((script) => markOverLimit(script, pool));
  const legacy = await aside.count(`SELECT count(*) FROM (SELECT DISTINCT g.id, m.member ${LEGACY_MEMBERS})`, pool);
  const mapped = (status: string) => aside.count('SELECT count(*) FROM memberships WHERE status = ?', status);
  const counts = {
    toCreate,
    memberships: await mapped('add'),
    existing: await mapped('present'),
    unmapped: legacy - (await aside.count('SELECT count(*) FROM memberships')),
    overLimit: await aside.count("SELECT count(DISTINCT user) FROM memberships WHERE status = 'over-limit'"),
  };
  for (const message of notes) warn(message);
  return counts;
}

/** Members of the planned legacy groups. The join order is fixed, because SQLite has no statistics about these tables. */
const LEGACY_MEMBERS = `FROM planned_groups g
  CROSS JOIN pool_groups l ON l.name = g.name AND l.purpose = 'plan' AND l.wanted = 1 AND l.pool <> ?
  CROSS JOIN group_members m ON m.pool_group = l.id`;

/**
 * Only of users who are certain, because a group may make somebody an administrator. In the order of subs, in which apply reads the
 * users again.
 */
function mapMemberships(db: Statements, newPool: number): void {
  db.run(
    `INSERT OR IGNORE INTO memberships (planned_group, user, status)
     SELECT g.id, d.user, CASE WHEN EXISTS (
       SELECT 1 FROM pool_groups p CROSS JOIN group_members held ON held.pool_group = p.id AND held.member = n.username
       WHERE p.purpose = 'plan' AND p.pool = ? AND p.name = g.name) THEN 'present' ELSE 'add' END
     ${LEGACY_MEMBERS}
     CROSS JOIN decisions d ON d.value = m.member AND d.outcome IN ('set', 'ok')
     CROSS JOIN new_users n ON n.id = d.user
     ORDER BY g.id, n.sub, d.user`,
    newPool,
    newPool,
  );
}

function markOverLimit(db: Statements, newPool: number): void {
  db.run(
    `UPDATE memberships SET status = 'over-limit' WHERE status = 'add' AND user IN (
       SELECT user FROM (
         SELECT user FROM memberships WHERE status = 'add'
         UNION ALL
         SELECT n.id AS user FROM pool_groups p CROSS JOIN group_members m ON m.pool_group = p.id
           CROSS JOIN new_users n ON n.username = m.member WHERE p.purpose = 'plan' AND p.pool = ?
       ) GROUP BY user HAVING count(*) > ${MOST_GROUPS_PER_USER})`,
    newPool,
  );
  db.exec(`UPDATE decisions SET detail = detail || CASE detail WHEN '' THEN '' ELSE '; ' END
      || 'would be in more than ${MOST_GROUPS_PER_USER} groups: none is added'
    WHERE user IN (SELECT user FROM memberships WHERE status = 'over-limit')`);
}

function decide(db: Sqlite, { legacyPools, newPool, copyRoles = false }: GroupOptions): GroupDecision {
  const groupsOf = (pool: number): PoolGroup[] =>
    db
      .all<GroupRow>(
        "SELECT name, description, precedence, role FROM pool_groups WHERE purpose = 'plan' AND pool = ? ORDER BY id",
        pool,
      )
      .map(groupFromRow);
  return decideGroups(
    legacyPools.map(({ userPoolId }, index) => ({ userPoolId, groups: groupsOf(index + 1) })),
    { userPoolId: newPool.userPoolId, groups: groupsOf(legacyPools.length + 1) },
    { copyRoles },
  );
}

/** Numbered as in the table `pools`: the legacy ones in their order, then the new one. */
function poolsOf({ legacyPools, newPool }: GroupOptions): readonly GroupPool[] {
  return [
    ...legacyPools.map((directory) => ({ side: 'legacy' as const, directory })),
    { side: 'new' as const, directory: newPool },
  ].map((pool, index) => ({ ...pool, id: index + 1 }));
}

const idOf = (pools: readonly GroupPool[]): number => pools.length;
