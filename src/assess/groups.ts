import { isProviderGroup } from '../users/identities.js';
import type { Group } from './snapshot.js';

/** The groups people made; those of Cognito itself are never copied. */
export const copiedGroups = (pool: { readonly userPoolId: string; readonly groups: readonly Group[] }): Group[] =>
  pool.groups.filter(({ name }) => !isProviderGroup(name, pool.userPoolId));
