import { checkKeys, checkString, isPlainObject, parseJson } from '../options.js';
import { fold } from './fold.js';

/** Who somebody is at an identity provider. */
export interface ExternalIdentity {
  readonly provider: string;
  readonly userId: string;
}

/** The status of users who were created by signing in through an identity provider. */
export const EXTERNAL_STATUS = 'EXTERNAL_PROVIDER';

/**
 * The identities in Cognito's `identities` attribute: a JSON array of objects with `providerName` and `userId`. Entries of
 * any other shape identify nobody. Usernames (`Provider_userid`) cannot serve instead, because names of providers may
 * contain `_`.
 */
export function parseIdentities(attribute: string | undefined): readonly ExternalIdentity[] {
  return (listOf(attribute) ?? []).flatMap((one) => {
    if (!isPlainObject(one)) return [];
    const { providerName, userId } = one;
    const isIdentity = typeof providerName === 'string' && typeof userId === 'string' && userId !== '';
    return isIdentity ? [{ provider: providerName, userId }] : [];
  });
}

/** `undefined` where it is not a list. */
function listOf(attribute: string | undefined): readonly unknown[] | undefined {
  if (attribute === undefined || attribute === '') return [];
  const list = parseJson(attribute);
  return Array.isArray(list) ? list : undefined;
}

/**
 * The identity providers that a user can sign in with, by name; `undefined` stands for a provider whose name is unknown, so
 * that such a user does not count as one without a provider.
 */
export function providersOf(attribute: string | undefined, status: string): readonly (string | undefined)[] {
  if (status !== EXTERNAL_STATUS && (attribute === undefined || attribute === '')) return [];
  const names = (listOf(attribute) ?? [undefined]).map((one) => {
    const name = isPlainObject(one) ? one['providerName'] : undefined;
    return typeof name === 'string' && name !== '' ? name : undefined;
  });
  return names.length === 0 && status === EXTERNAL_STATUS ? [undefined] : [...new Set(names)];
}

/** Cognito keeps a group of its own per identity provider, named after the pool. */
export function isProviderGroup(name: string, userPoolId: string): boolean {
  return name.startsWith(`${userPoolId}_`);
}

/**
 * Which identity provider of one pool corresponds to which of the other. Providers with the same name are the same provider,
 * unless the map uses that name. With `{ OldOkta: 'Okta' }` the new pool's `Okta` is not the legacy pool's `Okta`, which may
 * be another tenant, where the same user id belongs to somebody else.
 */
export interface ProviderMap {
  /** The new pool's name of a provider of the legacy pool; `undefined` where it has none. */
  toNew(legacyName: string): string | undefined;
  /**
   * The legacy pool's names of a provider of the new pool. `inAnyCase` ignores case, for names taken from usernames, which
   * case-insensitive pools store in lower case.
   */
  toLegacy(newName: string, inAnyCase?: boolean): readonly string[];
}

/** @throws {@link ConfigurationError} naming `providerMap` */
export function checkProviderMap(value: unknown = {}): ProviderMap {
  const entries = Object.entries(checkKeys('providerMap', value, Object.keys(Object(value)))).map(
    ([legacyName, newName]) => [legacyName, checkString(`providerMap.${legacyName}`, newName)] as const,
  );
  const newNames = new Map(entries);
  const taken = new Set(newNames.values());
  return {
    toNew: (legacyName) => newNames.get(legacyName) ?? (taken.has(legacyName) ? undefined : legacyName),
    toLegacy: (newName, inAnyCase = false) => {
      const written = inAnyCase ? fold : (name: string) => name;
      const name = written(newName);
      const mapped = entries.flatMap(([from, to]) => (written(to) === name ? [from] : []));
      if (mapped.length > 0) return mapped;
      return entries.some(([from]) => written(from) === name) ? [] : [newName];
    },
  };
}
