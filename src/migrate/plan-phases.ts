import { MigrationError } from './errors.js';
import type { GroupCounts } from './groups/types.js';
import { OUTCOMES, type Outcome, type StampedCounts, type StatusResult } from './results.js';
import type { Sqlite } from './state/sqlite.js';
import type { State } from './state/state.js';

type PlanCounts = NonNullable<StatusResult['plan']>;

/**
 * Turns decisions into a plan: counts them, settles what a killed run left open, erases the key of the hashes. After this,
 * and never before, the state may be applied.
 */
export function finishPlan(state: State, now: number, groups?: GroupCounts): void {
  const { db, meta } = state;
  db.exec('PRAGMA secure_delete = ON');
  db.transaction(() => {
    settleBegunOperations(db);
    meta.set('result', count(db, groups));
    meta.delete('hashKey');
    meta.set('plannedAt', now);
    meta.set('phase', 'planned');
  });
  db.exec('PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(TRUNCATE)');
}

/** Writes of earlier plans without a known end: the listing shows whether they arrived. */
function settleBegunOperations(db: Sqlite): void {
  db.exec(`
    UPDATE operations SET status = 'written', ended_at = begun_at WHERE status = 'begun' AND kind = 'attribute'
      AND EXISTS (SELECT 1 FROM new_users n WHERE n.username = operations.username AND n.value = operations.value);
    DELETE FROM operations WHERE status = 'begun' AND kind = 'attribute'`);
}

function count(db: Sqlite, groups: GroupCounts | undefined): PlanCounts {
  const outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<Outcome, number>;
  const rows = db.all<readonly [Outcome, number]>('SELECT outcome, count(*) FROM decisions GROUP BY outcome');
  for (const [outcome, users] of rows) outcomes[outcome] = users;
  const ownSubs = db.count("SELECT count(*) FROM decisions WHERE outcome = 'new-born' AND value IS NOT NULL");
  const stamped = countStamped(db);
  return {
    legacyUsers: db.count('SELECT count(*) FROM legacy_users'),
    newUsers: db.count('SELECT count(*) FROM new_users'),
    outcomes,
    notMigrated: db.count(`SELECT count(*) FROM legacy_users l WHERE NOT EXISTS (
      SELECT 1 FROM decisions d WHERE d.value = l.sub AND d.outcome IN ('set', 'ok', 'conflict', 'duplicate'))`),
    writes: outcomes.set + ownSubs + (groups === undefined ? 0 : groups.toCreate + groups.memberships),
    ...(groups === undefined ? {} : { groups }),
    ...(stamped === undefined ? {} : { stamped }),
  };
}

function countStamped(db: Sqlite): StampedCounts | undefined {
  const trustable = db.count("SELECT count(*) FROM decisions WHERE outcome = 'unexplained' AND trustable = 1");
  const providers = db.all<readonly [string, number]>(
    `SELECT n.value_provider, count(*) FROM decisions d JOIN new_users n ON n.id = d.user
     WHERE d.outcome = 'unexplained' AND n.value_provider IS NOT NULL
       AND EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = n.value_id) GROUP BY 1 ORDER BY 1`,
  );
  if (trustable === 0 && providers.length === 0) return undefined;
  return { trustable, providers: Object.fromEntries(providers) };
}

/**
 * The numbers of the finished plan.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function countPlan(state: State): PlanCounts {
  const result = state.meta.get('result');
  if (result !== undefined) return result;
  throw new MigrationError('ERR_STATE_NOT_READY', `${state.path} holds no finished plan`, { fix: 'Run `plan` first.' });
}
