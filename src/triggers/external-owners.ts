import type { LegacyPoolGateway, PoolUser } from '../directory/lambda/trigger-pools.js';
import { fold, spellingsOf } from '../users/fold.js';
import { type ExternalIdentity, type ProviderMap, parseIdentities } from '../users/identities.js';

/** Legacy users under the usernames that Cognito gives to users of identity providers. */
export async function usersNamedAfter(
  identities: readonly ExternalIdentity[],
  pool: Pick<LegacyPoolGateway, 'findUsers'>,
  signal: AbortSignal,
): Promise<readonly PoolUser[]> {
  // Several splits of one name give the same username.
  const names = [...new Set(identities.map(usernameOf).flatMap(spellingsOf))];
  return (await Promise.all(names.map((name) => pool.findUsers('username', name, signal)))).flat();
}

/** What somebody's identity at a provider of the new pool is called in the legacy pool: several names, or none. */
export function legacyIdentitiesOf(
  { provider, userId }: ExternalIdentity,
  toLegacy: ProviderMap['toLegacy'],
): readonly ExternalIdentity[] {
  return toLegacy(provider).map((legacyProvider) => ({ provider: legacyProvider, userId }));
}

/** Users whom one of these identities signs in: users of the provider, and users with a password to whom it was linked. */
export function usersWith(identities: readonly ExternalIdentity[], users: readonly PoolUser[]): readonly PoolUser[] {
  const owners = users.filter(({ attributes }) =>
    parseIdentities(attributes['identities']).some((one) =>
      identities.some(({ provider, userId }) => one.provider === provider && one.userId === userId),
    ),
  );
  return [...new Map(owners.map((user) => [user.username, user])).values()];
}

/** The only owner; of several a disabled one, who must not sign in as another user. Otherwise `undefined`. */
export function onlyOwner(owners: readonly PoolUser[]): PoolUser | undefined {
  return owners.find((user) => !user.enabled) ?? (owners.length === 1 ? owners[0] : undefined);
}

/**
 * Whether one of these identities could be this legacy user's. Their case is unknown and ignored: the answer may be a wrong
 * yes, never a wrong no.
 */
export function couldHaveIdentity({ attributes }: PoolUser, identities: readonly ExternalIdentity[]): boolean {
  const named = identities.map((one) => fold(usernameOf(one)));
  return parseIdentities(attributes['identities']).some((one) => named.includes(fold(usernameOf(one))));
}

/**
 * Every legacy identity that a new username `Provider_userid` could stand for. Events before the sign-up contain nothing
 * else, names of providers may contain `_`, and case-insensitive pools use lower case.
 */
export function identitiesNamed(userName: string, toLegacy: ProviderMap['toLegacy']): readonly ExternalIdentity[] {
  return [...userName.matchAll(/_/g)].flatMap(({ index }) => {
    const identity = { provider: userName.slice(0, index), userId: userName.slice(index + 1) };
    return legacyIdentitiesOf(identity, (provider) => toLegacy(provider, true));
  });
}

function usernameOf({ provider, userId }: ExternalIdentity): string {
  return `${provider}_${userId}`;
}
