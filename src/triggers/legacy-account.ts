import type { LegacyPoolGateway, LegacyUser, PoolUser } from '../directory/trigger-pools.js';
import { verifiedContacts } from './carried-attributes.js';

type Source = Pick<LegacyPoolGateway, 'getUser'> & Partial<Pick<LegacyPoolGateway, 'findUsers'>>;

/** The account behind a name that somebody typed, or why there is none. */
export type LegacyAccount =
  | { readonly user: LegacyUser }
  | { readonly user: undefined; readonly reason?: 'no user' | 'several users' | 'no name of the user' };

/**
 * Finds the account by the names that the legacy pool signs in with, or, where `byEmail` is set, an e-mail address by the one
 * user who has verified it.
 */
export async function legacyAccountOf(
  typed: string,
  legacyPool: Source,
  byEmail: boolean,
  signal: AbortSignal,
): Promise<LegacyAccount> {
  if (!byEmail || !typed.includes('@') || legacyPool.findUsers === undefined) {
    const user = await legacyPool.getUser(typed, signal);
    // Admin calls take a sub for a name. People do not sign in with it: they would become a second user of that name.
    if (user !== undefined && typed === user.sub && typed !== user.username) {
      return { user: undefined, reason: 'no name of the user' };
    }
    return user === undefined ? { user, reason: 'no user' } : { user };
  }
  const spellings = [...new Set([typed, typed.toLowerCase()])];
  const find = legacyPool.findUsers.bind(legacyPool);
  const found = (await Promise.all(spellings.map((spelling) => find('email', spelling, signal)))).flat();
  const owners = ownersOfEmail(typed, found);
  const [owner] = owners;
  if (owner === undefined) return { user: undefined, reason: 'no user' };
  if (owners.length > 1) return { user: undefined, reason: 'several users' };
  const user = await legacyPool.getUser(owner.username, signal);
  // Who changed their address between the two calls is not who typed it.
  return user !== undefined && user.sub === owner.sub && ownersOfEmail(typed, [user]).length === 1
    ? { user }
    : { user: undefined, reason: 'no user' };
}

/**
 * Users who have verified this address. Those of an identity provider do not count: nobody signs in to them with a password,
 * and what their provider says of an address must not keep its owner out.
 */
function ownersOfEmail(email: string, users: readonly PoolUser[]): readonly PoolUser[] {
  const owners = users.filter(
    ({ status, attributes }) =>
      status !== 'EXTERNAL_PROVIDER' &&
      attributes['email']?.toLowerCase() === email.toLowerCase() &&
      verifiedContacts(attributes).includes('email'),
  );
  return [...new Map(owners.map((user) => [user.username, user])).values()];
}
