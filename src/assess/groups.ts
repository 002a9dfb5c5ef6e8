import type { Group } from './snapshot/pool-snapshot.js';

/** The groups people made. Cognito keeps one of its own per identity provider, named after the pool: never copied. */
export const copiedGroups = (pool: { readonly userPoolId: string; readonly groups: readonly Group[] }): Group[] =>
  pool.groups.filter(({ name }) => !name.startsWith(`${pool.userPoolId}_`));
