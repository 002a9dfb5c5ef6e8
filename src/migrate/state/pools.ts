import type { UserDirectory } from '../../directory/user-types.js';
import type { PoolSide } from '../../errors.js';
import { MigrationError } from '../errors.js';
import { GROUP_TABLES } from '../groups/schema.js';
import type { UserSink } from '../listing/record.js';
import { keyedHasher, newHashKey } from '../matching/key-hash.js';
import type { Policy } from '../matching/policy.js';
import { UserStore } from '../matching/users.js';
import { Aside } from './aside.js';
import { type Draft, draftOf, leftovers } from './draft.js';
import { countRolledBack } from './journal.js';
import { LEGACY_TABLES, PLAN_TABLES } from './schema.js';
import type { State } from './state.js';

export interface PlannedPool {
  /** In the table `pools`. */
  readonly id: number;
  readonly side: PoolSide;
  readonly directory: UserDirectory;
}

/**
 * Ties the state to these pools at its first plan, and refuses others later. Answers them in the state's order, whatever order they
 * are given in: the legacy ones, then the new one.
 */
export function bindPools(
  state: State,
  legacyPools: readonly UserDirectory[],
  newPool: UserDirectory,
): readonly PlannedPool[] {
  if (state.pools === undefined) {
    const given = [...legacyPools.map(({ userPoolId }) => ['legacy', userPoolId]), ['new', newPool.userPoolId]];
    state.db.transaction(() => {
      for (const [index, [side, userPoolId]] of given.entries()) {
        const sql = 'INSERT INTO pools (id, side, user_pool_id) VALUES (?, ?, ?)';
        state.db.run(sql, index + 1, side ?? '', userPoolId ?? '');
      }
    });
  } else {
    checkPools(state, newPool, legacyPools);
  }
  const rows = state.db.all<readonly [number, PoolSide, string]>(
    'SELECT id, side, user_pool_id FROM pools ORDER BY id',
  );
  return rows.map(([id, side, userPoolId]) => {
    const directory = [...legacyPools, newPool].find((pool) => pool.userPoolId === userPoolId);
    if (directory === undefined)
      throw new MigrationError('ERR_STATE_INVALID', `${state.path} lacks the pool ${userPoolId}`);
    return { id, side, directory };
  });
}

/** Legacy pools, as some other part of the plan sees them, in the order of `pools`. */
export function inOrderOf<P extends { readonly userPoolId: string }>(
  pools: readonly PlannedPool[],
  legacyPools: readonly P[],
): readonly P[] {
  return pools.flatMap(({ directory }) => legacyPools.filter(({ userPoolId }) => userPoolId === directory.userPoolId));
}

/** @throws {@link MigrationError} `ERR_STATE_INVALID` when the state is of other pools */
export function checkPools(state: State, newPool: UserDirectory, legacyPools?: readonly UserDirectory[]): void {
  const bound = state.pools;
  if (bound === undefined) return;
  const legacy = legacyPools?.map(({ userPoolId }) => userPoolId) ?? bound.legacy;
  if (bound.new === newPool.userPoolId && bound.legacy.toSorted().join() === legacy.toSorted().join()) return;
  const words = (pools: { legacy: readonly string[]; new: string }) => `${pools.legacy.join(', ')} -> ${pools.new}`;
  throw new MigrationError(
    'ERR_STATE_INVALID',
    `${state.path} is the state of other pools: it has ${words(bound)}, asked for was ${words({ legacy, new: newPool.userPoolId })}`,
    { fix: 'Choose another file with --state, or name the pools the state was made for; it was not touched.' },
  );
}

/** The options that what is listed depends on. */
export function listingOptions(policy: Policy): string {
  return JSON.stringify({
    attribute: policy.attribute,
    rules: policy.rules.filter((rule) => rule !== 'mapping').toSorted(),
    providers: Object.entries(policy.providerMap).toSorted(),
    legacyProvider: policy.legacyProvider ?? null,
    trustProviderEmail: policy.trustProviderEmail.toSorted(),
  });
}

interface DraftOptions {
  readonly now: number;
  /** Also where a plan was not finished; or only where that was begun longer ago than `oldMs`. */
  readonly fresh: boolean | 'when-old';
  readonly oldMs: number;
  /** The key of the finished plan's hashes, whose listing of the legacy pools is used again; `undefined`: those are listed. */
  readonly reusedKey: string | undefined;
}

/** Goes on with a plan that was not finished, or begins a new one. The finished one stays as it is. */
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
  // What it listed holds values that were taken back since.
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

/** Where the plan's listing puts the users of each pool. */
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
