import { isPlainObject } from '../options.js';

/** Who somebody is at an identity provider. */
export interface ExternalIdentity {
  readonly provider: string;
  readonly userId: string;
}

/**
 * The identities in Cognito's `identities` attribute: a JSON array of objects with `providerName` and `userId`. Usernames
 * (`Provider_userid`) would not do, as names of providers may contain `_`.
 */
export function parseIdentities(attribute: string | undefined): readonly ExternalIdentity[] {
  if (attribute === undefined) return [];
  try {
    const list: unknown = JSON.parse(attribute);
    return (Array.isArray(list) ? list : []).flatMap((one: unknown) => {
      if (!isPlainObject(one)) return [];
      const { providerName, userId } = one;
      return typeof providerName === 'string' && typeof userId === 'string' ? [{ provider: providerName, userId }] : [];
    });
  } catch {
    return [];
  }
}
