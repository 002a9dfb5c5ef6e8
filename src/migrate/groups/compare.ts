import type { GroupDirectory } from '../../directory/group-types.js';
import type { GroupVerification } from '../results.js';
import type { OperationKind } from '../state/journal.js';
import { newPoolId } from '../state/planned-pools.js';
import type { Sqlite } from '../state/sqlite.js';
import { type GroupPool, listGroups, listMembers, type ReadOptions, recordGroups } from './list-groups.js';

/**
 * Reads the planned groups of the new pool again, always from the beginning, and compares them with the plan. Requires that the new
 * pool's users have been listed into the table `observed`.
 */
export async function verifyGroups(
  directory: GroupDirectory,
  options: Omit<ReadOptions, 'purpose'>,
): Promise<GroupVerification> {
  const { db } = options;
  const reading: ReadOptions = { ...options, purpose: 'verify' };
  const pool: GroupPool = { id: newPoolId(db), side: 'new', directory };
  const groups = await listGroups(pool, reading);
  db.transaction(() => {
    db.exec(`DELETE FROM group_members WHERE pool_group IN (SELECT id FROM pool_groups WHERE purpose = 'verify');
      DELETE FROM pool_groups WHERE purpose = 'verify'`);
    const planned = new Set(db.all<readonly [string]>('SELECT name FROM planned_groups').map(([name]) => name));
    recordGroups(
      db,
      'verify',
      pool,
      groups.filter(({ name }) => planned.has(name)),
      () => true,
    );
  });
  await listMembers(pool, { ...reading, nameOf: ({ username }) => username });
  return compare(db);
}

/** Memberships that should exist, of users who still exist. */
const EXPECTED = `FROM memberships m CROSS JOIN planned_groups g ON g.id = m.planned_group
  CROSS JOIN new_users n ON n.id = m.user
  CROSS JOIN observed o ON o.username = n.username AND o.sub IS n.sub
  WHERE m.status IN ('add', 'present')`;

/** Somebody else now has the username of a planned user, and was not planned as a member. */
const IS_STRANGER = `EXISTS (SELECT 1 FROM new_users n CROSS JOIN observed o ON o.username = n.username AND o.sub IS NOT n.sub
  WHERE n.username = seen.member)`;

const IS_MEMBER = `EXISTS (SELECT 1 FROM pool_groups v CROSS JOIN group_members seen
  ON seen.pool_group = v.id AND seen.member = n.username WHERE v.purpose = 'verify' AND v.name = g.name)`;

const MISSING_MEMBERS = `${EXPECTED} AND NOT ${IS_MEMBER}`;
const MISSING_GROUPS = `FROM planned_groups g WHERE g.present = 0 AND NOT EXISTS (
  SELECT 1 FROM pool_groups v WHERE v.purpose = 'verify' AND v.name = g.name)`;

/** The last thing that this state did about it was to roll it back. */
const isTakenBack = (kind: OperationKind, ofWhom: string) => `(SELECT status FROM operations u
  WHERE u.kind = '${kind}' AND ${ofWhom} AND u.target = g.name ORDER BY u.id DESC LIMIT 1) = 'rolled-back'`;

function compare(db: Sqlite): GroupVerification {
  const count = (what: string) => db.count(`SELECT count(*) ${what}`);
  const checked = count(EXPECTED) + count('FROM planned_groups WHERE present = 0');
  const missing = count(MISSING_MEMBERS) + count(MISSING_GROUPS);
  const rolledBack =
    count(`${MISSING_MEMBERS} AND ${isTakenBack('member', 'u.username = n.username AND u.sub IS n.sub')}`) +
    count(`${MISSING_GROUPS} AND ${isTakenBack('group', 'true')}`);
  const extra = countExtra(db);
  return { checked, right: checked - missing, missing, ...(rolledBack > 0 ? { rolledBack } : {}), extra };
}

function countExtra(db: Sqlite): number {
  return db.count(`SELECT count(*) FROM pool_groups v CROSS JOIN group_members seen ON seen.pool_group = v.id
    CROSS JOIN planned_groups g ON g.name = v.name
    WHERE v.purpose = 'verify' AND (${IS_STRANGER} OR NOT EXISTS (
      SELECT 1 FROM new_users n CROSS JOIN memberships m ON m.planned_group = g.id AND m.user = n.id
      WHERE n.username = seen.member AND m.status IN ('add', 'present')
    ) AND NOT EXISTS (
      SELECT 1 FROM pool_groups p CROSS JOIN group_members held ON held.pool_group = p.id AND held.member = seen.member
      WHERE p.purpose = 'plan' AND p.pool = v.pool AND p.name = v.name))`);
}
