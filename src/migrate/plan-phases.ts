import type { UserSink } from './listing/listing-record.js';
import type { Policy } from './matching/policy.js';
import { listingOptions } from './matching/policy.js';
import { UserStore } from './matching/users.js';
import { MigrationError } from './migration-error.js';
import { OUTCOMES, type Outcome } from './outcomes.js';
import type { GroupCounts, StampedCounts, StatusResult } from './results.js';
import { Aside } from './state/aside.js';
import { type Draft, draftOf, leftovers, replacePlan } from './state/draft.js';
import { planDigest } from './state/finished-plan.js';
import { keepKey, keyedHasher, newHashKey, removeKey } from './state/hash-key.js';
import { countRolledBack, settleByListing } from './state/journal.js';
import type { LockName } from './state/locks.js';
import type { PlannedPool } from './state/planned-pools.js';
import { GROUP_TABLES, LEGACY_TABLES, PLAN_TABLES } from './state/schema.js';
import type { State } from './state/state.js';

interface DraftOptions {
  readonly now: number;
  /** Start again although an unfinished plan exists; `when-old`: only if that plan was started longer ago than `oldMs`. */
  readonly fresh: boolean | 'when-old';
  readonly oldMs: number;
  /** The hash key of the finished plan, whose listing of the legacy pools is reused; `undefined` to list them again. */
  readonly reusedKey: string | undefined;
}

/** Continues an unfinished plan, or begins a new one. The finished plan is not changed. */
export async function beginPlan(
  state: State,
  policy: Policy,
  { now, fresh, oldMs, reusedKey }: DraftOptions,
): Promise<{ readonly draft: Draft; readonly resumed: boolean }> {
  const { db, meta } = state;
  const listedFor = listingOptions(policy);
  const reusesLegacy = reusedKey !== undefined;
  const begun = meta.get('draft');
  const rolledBack = countRolledBack(db);
  const isSame = begun?.listedFor === listedFor && begun.reusesLegacy === reusesLegacy;
  const isFresh =
    fresh === true || (fresh === 'when-old' && begun !== undefined && Math.abs(now - begun.begunAt) > oldMs);
  // After a rollback, what an unfinished plan listed contains values that have been removed since.
  const resumed = !isFresh && isSame && begun.rolledBack === rolledBack;
  await new Aside(db).run((script) => {
    for (const statement of leftovers(db, { drafts: !resumed })) script.exec(statement);
  });
  if (resumed) return { draft: begun, resumed };
  const { attribute } = policy;
  const plan = (meta.get('plan') ?? 0) + 1;
  const draft: Draft = { plan, phase: 'listing', begunAt: now, attribute, listedFor, reusesLegacy, rolledBack };
  db.transaction(() => {
    meta.set('draft', draft);
    const tables = draftOf(state);
    if (!reusesLegacy) tables.exec(LEGACY_TABLES);
    tables.exec(PLAN_TABLES);
    tables.exec(GROUP_TABLES);
    const listed = reusesLegacy ? "AND pool IN (SELECT id FROM pools WHERE side = 'new')" : '';
    db.run(`DELETE FROM listings WHERE purpose = 'plan' ${listed}`);
    meta.delete('draftWarnings', 'groupsListed');
    meta.set('hashKey', reusedKey ?? newHashKey());
  });
  return { draft, resumed };
}

/** Stores the listed users of each pool. */
export function planSinks(state: State, policy: Policy, pools: readonly PlannedPool[]): readonly UserSink[] {
  const db = draftOf(state);
  const key = state.meta.get('hashKey');
  if (key === undefined) throw new MigrationError('ERR_STATE_INVALID', `${state.path} is damaged: its key is missing`);
  const store = new UserStore(db, policy, keyedHasher(key));
  return pools.map(({ id, side }) => ({
    add: (users) => (side === 'legacy' ? store.addLegacy(id, users) : store.addNew(users)),
    known: (subs) => {
      const list = JSON.stringify(subs);
      const rows =
        side === 'legacy'
          ? db.all<readonly [string]>(
              'SELECT DISTINCT sub FROM legacy_users WHERE pool = ? AND sub IN (SELECT value FROM json_each(?))',
              id,
              list,
            )
          : db.all<readonly [string]>(
              'SELECT DISTINCT sub FROM new_users WHERE sub IN (SELECT value FROM json_each(?))',
              list,
            );
      return new Set(rows.map(([sub]) => sub));
    },
  }));
}

type PlanCounts = NonNullable<StatusResult['plan']>;

export interface FinishedPlan {
  readonly counts: PlanCounts;
  /** What another process is doing with the finished plan, if that keeps this plan from replacing it. */
  readonly busy: LockName | undefined;
}

/**
 * Turns decisions into a plan: counts them and replaces the finished plan, which was in use until now. This is one short transaction;
 * it also settles what a killed run left open, and erases the hash key. Only after this may the plan be applied. While another process
 * works on the finished plan, the draft remains a draft.
 */
export async function finishPlan(
  state: State,
  { now, groups, aside }: { now: number; groups?: GroupCounts | undefined; aside: Aside },
): Promise<FinishedPlan> {
  const { db, meta } = state;
  const draft = meta.get('draft');
  if (draft === undefined)
    throw new MigrationError('ERR_STATE_INVALID', `${state.path} is damaged: its draft is missing`);
  const counts = await count(aside, groups);
  const digest = await planDigest(draftOf(state), draft.attribute);
  const busy = state.alone(['main', 'verify', 'publish'], () => {
    if (countRolledBack(db) !== draft.rolledBack) {
      throw new MigrationError('ERR_STATE_NOT_READY', 'a rollback undid writes while this plan was being made', {
        fix: 'Run `plan` again: it lists the pools again.',
      });
    }
    const keyCheck = draft.legacyClosed === true ? keepKey(state) : undefined;
    db.exec('PRAGMA secure_delete = ON');
    db.transaction(() => {
      settleByListing(draftOf(state), draft, { groups: groups !== undefined });
      replacePlan(db, draft);
      meta.delete('hashKey', 'keyCheck', 'groupsListed', 'verified', 'warnings');
      if (keyCheck !== undefined) meta.set('keyCheck', keyCheck);
      meta.set('result', counts);
      meta.set('digest', digest);
      describe(state, draft);
      meta.set('plannedAt', now);
      meta.set('phase', 'planned');
    });
    db.exec('PRAGMA secure_delete = OFF');
    db.checkpoint();
    if (keyCheck === undefined) removeKey(state);
  });
  if (busy === undefined) {
    await new Aside(db).run((script) => {
      for (const statement of leftovers(db, { drafts: false })) script.exec(statement);
    });
  }
  return { counts, busy };
}

function describe({ meta }: State, { plan, attribute, listedFor, begunAt, reusesLegacy }: Draft): void {
  meta.set('plan', plan);
  meta.set('listedByOutcome', plan);
  meta.set('attribute', attribute);
  meta.set('listedFor', listedFor);
  meta.set('begunAt', begunAt);
  if (!reusesLegacy) meta.set('legacyListedAt', begunAt);
  const warnings = meta.get('draftWarnings');
  if (warnings !== undefined) meta.set('warnings', warnings);
  meta.delete('draft', 'draftWarnings');
}

async function count(db: Aside, groups: GroupCounts | undefined): Promise<PlanCounts> {
  const outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<Outcome, number>;
  const rows = await db.all<readonly [Outcome, number]>('SELECT outcome, count(*) FROM decisions GROUP BY outcome');
  for (const [outcome, users] of rows) outcomes[outcome] = users;
  const ownSubs = await db.count("SELECT count(*) FROM decisions WHERE outcome = 'new-born' AND value IS NOT NULL");
  const stamped = await countStamped(db);
  return {
    legacyUsers: await db.count('SELECT count(*) FROM legacy_users'),
    newUsers: await db.count('SELECT count(*) FROM new_users'),
    outcomes,
    notMigrated: await db.count(`SELECT count(*) FROM legacy_users l WHERE NOT EXISTS (
      SELECT 1 FROM decisions d WHERE d.value = l.sub AND d.outcome IN ('set', 'ok', 'conflict', 'duplicate'))`),
    writes: outcomes.set + ownSubs + (groups === undefined ? 0 : groups.toCreate + groups.memberships),
    ...(groups === undefined ? {} : { groups }),
    ...(stamped === undefined ? {} : { stamped }),
  };
}

async function countStamped(db: Aside): Promise<StampedCounts | undefined> {
  const trustable = await db.count("SELECT count(*) FROM decisions WHERE outcome = 'unexplained' AND trustable = 1");
  const providers = await db.all<readonly [string, number]>(
    `SELECT n.value_provider, count(*) FROM decisions d JOIN new_users n ON n.id = d.user
     WHERE d.outcome = 'unexplained' AND n.value_provider IS NOT NULL
       AND EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = n.value_id) GROUP BY 1 ORDER BY 1`,
  );
  if (trustable === 0 && providers.length === 0) return undefined;
  return { trustable, providers: Object.fromEntries(providers) };
}
