import { isProviderGroup } from '../../users/identities.js';
import type { Group, IdentityProvider, PoolParts } from '../snapshot/pool-snapshot.js';

/** Identity providers that exist in both pools. `providerMap` gives the new name where it differs. */
export function pairProviders(
  legacy: readonly IdentityProvider[],
  newProviders: readonly IdentityProvider[],
  providerMap: Readonly<Record<string, string>>,
): { readonly legacy: IdentityProvider; readonly new: IdentityProvider }[] {
  return legacy.flatMap((before) => {
    const after = newProviders.find(({ name }) => name === (providerMap[before.name] ?? before.name));
    return after === undefined ? [] : [{ legacy: before, new: after }];
  });
}

/** The identity provider of the new pool that is the legacy pool itself. Users then sign in there, with their second factor. */
export const providerOfLegacyPool = (
  newProviders: readonly IdentityProvider[],
  legacyPoolId: string,
): IdentityProvider | undefined =>
  newProviders.find(
    ({ type, details }) => type === 'OIDC' && details['oidc_issuer']?.split('/').at(-1) === legacyPoolId,
  );

/** The groups that people made: those of identity providers are never copied. */
export const copiedGroups = ({ userPoolId, groups }: Pick<PoolParts, 'groups'> & { userPoolId: string }): Group[] =>
  groups.filter(({ name }) => !isProviderGroup(name, userPoolId));
