import type { LegacyPoolGateway, LegacyUser, PoolUser } from '../../directory/lambda/trigger-pools.js';
import { readUuid, sameFolded, spellingsOf } from '../../users/fold.js';
import { verifiedContacts } from './carried-attributes.js';

type Source = Pick<LegacyPoolGateway, 'getUser'> & Partial<Pick<LegacyPoolGateway, 'findUsers'>>;

/** The account behind a name that somebody typed, or why there is none. */
export type LegacyAccount =
  | { readonly user: LegacyUser }
  | { readonly user: undefined; readonly reason?: 'no user' | 'several users' | 'no name of the user' };

/**
 * Finds the account by the names that the legacy pool signs in with, or, where `byEmail` is set, an e-mail address by the one
 * user who has verified it. An address that nobody has verified can still be a username.
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
  const isTheirs =
    owner === undefined
      ? sameFolded(typed, user?.username)
      : // A user who changed their address between the two calls is not the one who typed it.
        user?.sub === owner.sub && user !== undefined && ownersOfEmail(typed, [user]).length === 1;
  return user !== undefined && isTheirs ? { user } : { user: undefined, reason: 'no user' };
}

/**
 * Whether people sign in to this user with `typed`. Admin calls take a `sub` for a name too, with which nobody signs in: whoever
 * types it would become a second user, of that name. Where the e-mail address or phone number is what people sign in with, the
 * `sub` is the username.
 */
function isNameOf({ username, sub, attributes }: LegacyUser, typed: string): boolean {
  // A directory of your own may have ids that people do sign in with.
  if (sub === undefined || readUuid(sub) === undefined) return true;
  if (!sameFolded(username, sub)) return !sameFolded(typed, sub);
  return sameFolded(typed, attributes['email']) || sameFolded(typed, attributes['phone_number']);
}

/**
 * Users who have verified this address. Those of an identity provider do not count: nobody signs in to them with a password,
 * and what their provider says of an address must not keep its owner out.
 */
function ownersOfEmail(email: string, users: readonly PoolUser[]): readonly PoolUser[] {
  const owners = users.filter(
    ({ status, attributes }) =>
      status !== 'EXTERNAL_PROVIDER' &&
      sameFolded(email, attributes['email']) &&
      verifiedContacts(attributes).includes('email'),
  );
  return [...new Map(owners.map((user) => [user.username, user])).values()];
}
