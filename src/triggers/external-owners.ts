import type { LegacyPoolGateway, PoolUser } from '../directory/trigger-pools.js';
import { type ExternalIdentity, parseIdentities } from '../identities.js';
import { checkKeys, checkString } from '../options.js';

/** From a provider of the new pool to that of the legacy pool. */
export type ProviderMap = (provider: string) => string;

/**
 * Answers the provider's name in the legacy pool. `inSmallLetters`: for names taken out of usernames, which pools without
 * regard to case write in small letters.
 * @throws {@link ConfigurationError}
 */
export function checkProviderMap(
  value: Readonly<Record<string, string>> | undefined,
  inSmallLetters = false,
): ProviderMap {
  const entries = Object.entries(checkKeys('providerMap', value ?? {}, Object.keys(Object(value))));
  const written = (name: string) => (inSmallLetters ? name.toLowerCase() : name);
  const byNewName = new Map(entries.map(([from, to]) => [written(checkString(`providerMap.${from}`, to)), from]));
  return (provider) => byNewName.get(written(provider)) ?? provider;
}

/** Legacy users under the username that Cognito gives to users of identity providers. */
export async function usersNamedAfter(
  { provider, userId }: ExternalIdentity,
  pool: Pick<LegacyPoolGateway, 'findUsers'>,
  signal: AbortSignal,
): Promise<readonly PoolUser[]> {
  const username = `${provider}_${userId}`;
  const spellings = [...new Set([username, username.toLowerCase()])];
  return (await Promise.all(spellings.map((name) => pool.findUsers('username', name, signal)))).flat();
}

/**
 * The user whom somebody with this identity signs in to: one of the provider's own, or one with a password to whom the identity
 * was linked. `undefined` where there is none, or more than one; of several a disabled one, who must not come in by another.
 */
export function onlyOwner(users: readonly PoolUser[], identity: ExternalIdentity): PoolUser | undefined {
  const has = ({ attributes }: PoolUser) =>
    parseIdentities(attributes['identities']).some(
      (one) => one.provider === identity.provider && one.userId === identity.userId,
    );
  const owners = [...new Map(users.filter(has).map((user) => [user.username, user])).values()];
  return owners.find((user) => !user.enabled) ?? (owners.length === 1 ? owners[0] : undefined);
}

/**
 * Whether the username of a federated user could stand for an identity of this legacy user. Events before the sign-up name
 * nothing else, names of providers may contain `_`, and pools without regard to case write small letters: it says yes too
 * often rather than too seldom.
 */
export function couldHaveIdentity({ attributes }: PoolUser, userName: string, legacyProviderOf: ProviderMap): boolean {
  const identities = parseIdentities(attributes['identities']);
  const named = splitsOf(userName).map(({ provider, userId }) =>
    `${legacyProviderOf(provider)}_${userId}`.toLowerCase(),
  );
  return identities.some(({ provider, userId }) => named.includes(`${provider}_${userId}`.toLowerCase()));
}

/** Every identity that a username `Provider_userid` could stand for. */
export function splitsOf(userName: string): readonly ExternalIdentity[] {
  return [...userName.matchAll(/_/g)].map(({ index }) => ({
    provider: userName.slice(0, index),
    userId: userName.slice(index + 1),
  }));
}
