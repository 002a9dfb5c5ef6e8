import type { IdentityProvider } from './snapshot.js';

/** Identity providers that exist in both pools, by name after `providerMap`. */
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
