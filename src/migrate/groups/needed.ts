import type { GroupDirectory } from '../../directory/group-types.js';
import { ConfigurationError } from '../../errors.js';
import type { State } from '../state/state.js';

/** Whether the finished plan takes groups along. */
export function plansGroups({ meta }: State): boolean {
  return meta.get('result')?.groups !== undefined;
}

/** Whether this state began to write groups, in whichever plan. */
export function wroteGroups({ db }: State): boolean {
  const sql = 'SELECT 1 FROM operations WHERE kind = ? LIMIT 1';
  return ['group', 'member'].some((kind) => db.get(sql, kind) !== undefined);
}

/**
 * The new pool's groups, where they are needed.
 * @throws {@link ConfigurationError} when they are not given, or are another pool's
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
