import type { LegacyPoolGateway, LegacyUser, PoolUser } from '../../directory/lambda/trigger-pools.js';
import { readUuid, sameFolded, spellingsOf } from '../../users/fold.js';
import { EXTERNAL_STATUS } from '../../users/identities.js';
import { verifiedContacts } from './carried-attributes.js';

type Source = Pick<LegacyPoolGateway, 'getUser'> & Partial<Pick<LegacyPoolGateway, 'findUsers'>>;

/** The account behind a name that somebody typed, or why there is none. */
export type LegacyAccount =
  | { readonly user: LegacyUser }
  | { readonly user: undefined; readonly reason?: 'no user' | 'several users' | 'no name of the user' };

/**
 * Finds the account by the names with which people sign in to the legacy pool, or, where `byEmail` is set, by an e-mail
 * address that exactly one user has verified. An address that nobody has verified can still be a username.
 */
export async function legacyAccountOf(
  typed: string,
  legacyPool: Source,
  byEmail: boolean,
  signal: AbortSignal,
): Promise<LegacyAccount> {
  if (!byEmail || !typed.includes('@') || legacyPool.findUsers === undefined) {
    const user = await legacyPool.getUser(typed, signal);
    if (user === undefined) return { user, reason: 'no user' };
    return isNameOf(user, typed) ? { user } : { user: undefined, reason: 'no name of the user' };
  }
  const find = legacyPool.findUsers.bind(legacyPool);
  const found = (await Promise.all(spellingsOf(typed).map((spelling) => find('email', spelling, signal)))).flat();
  const owners = ownersOfEmail(typed, found);
  const [owner] = owners;
  if (owners.length > 1) return { user: undefined, reason: 'several users' };
  const user = await legacyPool.getUser(owner?.username ?? typed, signal);
  if (user === undefined) return { user, reason: 'no user' };
  const isTheirs =
    owner === undefined
      ? sameFolded(typed, user.username)
      : // A user who changed their address between the two calls no longer matches what was typed.
        user.sub === owner.sub && ownersOfEmail(typed, [user]).length === 1;
  return isTheirs ? { user } : { user: undefined, reason: 'no user' };
}

/**
 * Whether this user signs in with `typed`. Admin calls also accept a `sub` as a name, but nobody signs in with it: a person who
 * types it would become a second user with that name. Where people sign in with an e-mail address or phone number, the `sub`
 * is the username.
 */
function isNameOf({ username, sub, attributes }: LegacyUser, typed: string): boolean {
  // A gateway of the application may have ids with which people do sign in.
  if (sub === undefined || readUuid(sub) === undefined) return true;
  if (!sameFolded(username, sub)) return !sameFolded(typed, sub);
  return sameFolded(typed, attributes['email']) || sameFolded(typed, attributes['phone_number']);
}

/**
 * Users who have verified this address. Users of an identity provider do not count: they have no password, and what their
 * provider says about an address must not keep its owner out.
 */
function ownersOfEmail(email: string, users: readonly PoolUser[]): readonly PoolUser[] {
  const owners = users.filter(
    ({ status, attributes }) =>
      status !== EXTERNAL_STATUS &&
      sameFolded(email, attributes['email']) &&
      verifiedContacts(attributes).includes('email'),
  );
  return [...new Map(owners.map((user) => [user.username, user])).values()];
}
