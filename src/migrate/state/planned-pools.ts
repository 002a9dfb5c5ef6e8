import type { UserDirectory } from '../../directory/user-types.js';
import { ConfigurationError, type PoolSide } from '../../errors.js';
import { MigrationError } from '../migration-error.js';
import type { Sqlite } from './sqlite.js';
import type { State } from './state.js';

export interface PlannedPool {
  /** In the table `pools`. */
  readonly id: number;
  readonly side: PoolSide;
  readonly directory: UserDirectory;
}

/**
 * Refuses a state of other pools, with nothing read or written. If it holds nothing yet that could be lost, it forgets its pools: a plan
 * of a pool that was mistyped must not keep the right one out.
 * @throws {@link MigrationError} `ERR_STATE_INVALID`
 */
export function requireUnboundOrSame(state: State, pools: GivenPools, fresh: boolean): void {
  const { db, meta } = state;
  if (state.pools === undefined || samePools(state.pools, idsOf(pools))) return;
  const isUsed = meta.get('plannedAt') !== undefined || db.count('SELECT count(*) FROM operations') > 0;
  if (isUsed || (!fresh && db.count('SELECT count(*) FROM shards') > 0)) refuseOtherPools(state, state.pools, pools);
  db.transaction(() => {
    db.exec('DELETE FROM listings; DELETE FROM pools');
    meta.delete('draft', 'draftWarnings', 'poolSettings');
  });
}

/**
 * Ties the state to these pools at its first plan, and refuses others later. Returns them in the state's order: the legacy pools, then
 * the new one.
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
      throw new MigrationError('ERR_STATE_INVALID', `${state.path} does not contain the pool ${userPoolId}`);
    return { id, side, directory };
  });
}

/** Sorts these legacy pools in the order of `pools`. */
export function inOrderOf<P extends { readonly userPoolId: string }>(
  pools: readonly PlannedPool[],
  legacyPools: readonly P[],
): readonly P[] {
  return pools.flatMap(({ directory }) => legacyPools.filter(({ userPoolId }) => userPoolId === directory.userPoolId));
}

/** The pools of a plan, or of a part of it, as the caller gives them. */
interface GivenPools {
  readonly legacyPools: readonly { readonly userPoolId: string }[];
  readonly newPool: { readonly userPoolId: string };
}

type PoolIds = NonNullable<State['pools']>;

const idsOf = ({ legacyPools, newPool }: GivenPools): PoolIds => ({
  legacy: legacyPools.map(({ userPoolId }) => userPoolId),
  new: newPool.userPoolId,
});

/** Whether these are the same legacy pools. Their order does not matter. */
export const sameLegacyPools = (one: readonly string[], other: readonly string[]): boolean =>
  one.toSorted().join() === other.toSorted().join();

export const samePools = (one: PoolIds, other: PoolIds): boolean =>
  one.new === other.new && sameLegacyPools(one.legacy, other.legacy);

/** The pools as messages name them. */
export const namedPools = ({ legacy, new: newPool }: PoolIds): string => `${legacy.join(', ')} -> ${newPool}`;

/** @throws {@link MigrationError} `ERR_STATE_INVALID` if the state belongs to other pools */
export function checkPools(state: State, newPool: UserDirectory, legacyPools?: readonly UserDirectory[]): void {
  const bound = state.pools;
  if (bound === undefined) return;
  const given = { newPool, legacyPools: legacyPools ?? bound.legacy.map((userPoolId) => ({ userPoolId })) };
  if (!samePools(bound, idsOf(given))) refuseOtherPools(state, bound, given);
}

function refuseOtherPools({ path, meta }: State, bound: PoolIds, given: GivenPools): never {
  const unfinished = meta.get('plannedAt') === undefined;
  throw new MigrationError(
    'ERR_STATE_INVALID',
    `${path} belongs to other pools: expected ${namedPools(bound)}, got ${namedPools(idsOf(given))}`,
    {
      fix: `Choose another file with --state, or name the pools that this one was made for.${unfinished ? ' Its plan was never finished: `plan --fresh` replaces it.' : ''} It was not changed.`,
    },
  );
}

/** @throws {@link ConfigurationError} if an option's pools are not those of the plan */
export function requireSamePools(option: string, pools: GivenPools, plan: GivenPools): void {
  const [given, planned] = [idsOf(pools), idsOf(plan)];
  if (samePools(given, planned)) return;
  throw new ConfigurationError(
    option,
    `expected the pools of the plan, ${namedPools(planned)}, got ${namedPools(given)}`,
  );
}

/** The id of the new pool in the table `pools`. */
export const newPoolId = (db: Sqlite): number => db.count("SELECT id FROM pools WHERE side = 'new'");

/** @throws {@link ConfigurationError} unless there is a legacy pool and each pool is another one */
export function requireDistinctPools(legacyPools: readonly UserDirectory[], newPool: UserDirectory): void {
  if (legacyPools.length === 0) throw new ConfigurationError('legacyPools', 'expected at least one pool');
  const ids = [...legacyPools, newPool].map(({ userPoolId }) => userPoolId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new ConfigurationError('legacyPools', `the pool ${twice} is given more than once`);
}
