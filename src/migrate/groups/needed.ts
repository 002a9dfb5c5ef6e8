import type { GroupDirectory } from '../../directory/group-types.js';
import { ConfigurationError } from '../../errors.js';
import type { State } from '../state/state.js';

/** Whether the finished plan includes groups. */
export function plansGroups({ meta }: State): boolean {
  return meta.get('result')?.groups !== undefined;
}

/** Whether this state has begun to write groups, in any plan. */
export function wroteGroups({ db }: State): boolean {
  const sql = 'SELECT 1 FROM operations WHERE kind = ? LIMIT 1';
  return ['group', 'member'].some((kind) => db.get(sql, kind) !== undefined);
}

/**
 * The new pool's groups, if they are needed.
 * @throws {@link ConfigurationError} if they are missing, or belong to another pool
 */
export function groupsIf(
  needed: boolean,
  { pools }: State,
  directory: GroupDirectory | undefined,
): GroupDirectory | undefined {
  if (!needed) return undefined;
  if (directory === undefined || directory.userPoolId !== pools?.new) {
    throw new ConfigurationError('newGroups', 'expected the groups of the new pool: the state contains groups');
  }
  return directory;
}
