import type { UserDirectory } from '../../directory/user-types.js';
import type { PoolSide } from '../../errors.js';
import { MigrationError } from '../errors.js';
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
