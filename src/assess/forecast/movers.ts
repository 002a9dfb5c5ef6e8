import type { PairContext } from '../define-check.js';
import type { UserStatistics } from '../snapshot/pool-snapshot.js';

/** Legacy users by what is left to do for them, judging by counts; `plan` decides for each user. */
export interface Movers {
  /** In the new pool, with a value in the mapping attribute. */
  readonly mapped: number;
  /** In the new pool, without one. */
  readonly unmapped: number;
  /** Not in the new pool: users with a password, and users of identity providers. */
  readonly native: number;
  readonly federated: number;
}

/** `newUsers`: `undefined` before the new pool exists, or if it could not be read. No user then counts as moved. */
export function moversOf(
  legacy: readonly UserStatistics[],
  newUsers: UserStatistics | undefined,
  attribute: string,
): Movers {
  const total = sum(legacy, ({ total }) => total);
  const native = sum(legacy, ({ native }) => native);
  const federated = total - native;
  if (newUsers === undefined) return { mapped: 0, unmapped: 0, native, federated };
  // A user with a password may by now sign in through an identity provider: the legacy pool itself.
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

/** How many users of one legacy pool are not in the new one. Estimated as a share: it is not known which pool's users moved. */
export function leftOf(
  users: UserStatistics,
  newUsers: UserStatistics | undefined,
  { legacyUsers, options }: Pick<PairContext, 'legacyUsers' | 'options'>,
): { readonly native: number; readonly federated: number } {
  const all = legacyUsers ?? [users];
  // If another legacy pool's users are not known, the users of the new pool may all be theirs.
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

/** Whether any user may have a password. If the users could not be listed, they may. */
export const mayHaveNativeUsers = (users: UserStatistics | undefined): boolean =>
  users === undefined || users.native > 0;
