import type { PairContext } from '../define-check.js';
import type { UserStatistics } from '../snapshot/pool-snapshot.js';

/** Legacy users by what is left to do for them, as far as counts can tell: `plan` knows by name. */
export interface Movers {
  /** In the new pool, with a value in the mapping attribute. */
  readonly mapped: number;
  /** In the new pool, without one. */
  readonly unmapped: number;
  /** Not in the new pool: those who sign in with the legacy pool itself, and those of identity providers. */
  readonly native: number;
  readonly federated: number;
}

/** `newUsers`: `undefined` before the new pool exists or where it could not be read; nobody then counts as moved. */
export function moversOf(
  legacy: readonly UserStatistics[],
  newUsers: UserStatistics | undefined,
  attribute: string,
): Movers {
  const total = sum(legacy, ({ total }) => total);
  const native = sum(legacy, ({ native }) => native);
  const federated = total - native;
  if (newUsers === undefined) return { mapped: 0, unmapped: 0, native, federated };
  // Somebody with a password may come through an identity provider by now: the legacy pool itself.
  const there = Math.min(total, newUsers.total);
  const federatedThere = Math.min(federated, newUsers.total - newUsers.native);
  const nativeThere = Math.min(native, there - federatedThere);
  const mapped = Math.min(nativeThere + federatedThere, newUsers.customAttributes[attribute] ?? 0);
  return {
    mapped,
    unmapped: nativeThere + federatedThere - mapped,
    native: native - nativeThere,
    federated: federated - federatedThere,
  };
}

/** Those of one legacy pool who are not in the new one, as a share of all: whose users have moved is not known. */
export function leftOf(
  users: UserStatistics,
  newUsers: UserStatistics | undefined,
  { legacyUsers, options }: Pick<PairContext, 'legacyUsers' | 'options'>,
): { readonly native: number; readonly federated: number } {
  const all = legacyUsers ?? [users];
  // While another pool's users are not known, the new pool's may be theirs.
  const left = moversOf(all, legacyUsers === undefined ? undefined : newUsers, options.attribute);
  const part = (own: number, whole: number, remaining: number) =>
    whole === 0 ? 0 : Math.ceil((own / whole) * remaining);
  return {
    native: part(
      users.native,
      sum(all, ({ native }) => native),
      left.native,
    ),
    federated: part(
      users.total - users.native,
      sum(all, ({ total, native }) => total - native),
      left.federated,
    ),
  };
}

export const sum = (pools: readonly UserStatistics[], count: (users: UserStatistics) => number): number =>
  pools.reduce((all, users) => all + count(users), 0);

/** Whether anybody may sign in with the pool itself. Users who could not be listed may. */
export const mayHaveNativeUsers = (users: UserStatistics | undefined): boolean =>
  users === undefined || users.native > 0;
