import type { DirectoryUser } from '../../directory/user-types.js';
import { providersOf } from '../../users/identities.js';

/** Bits of the column `verified`: what counts as verified. */
export const EMAIL_VERIFIED = 1;
export const PHONE_VERIFIED = 2;

/** The shift of these bits for contacts that the pool marks as verified on the word of an identity provider only. */
const CLAIMED = 2;
export const EMAIL_CLAIMED = EMAIL_VERIFIED << CLAIMED;
export const PHONE_CLAIMED = PHONE_VERIFIED << CLAIMED;

/**
 * Which contacts of a user count as verified, in bits, and the identity providers that prevent it.
 *
 * A provider's attribute mapping overwrites e-mail, phone and their flags at every sign-in with the provider's values, and many
 * providers let people choose them. So they count only if every provider that the user can sign in with is trusted. The same
 * applies to users who were created in the pool and linked to a provider later.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-specifying-attribute-mapping.html
 */
export function verification(
  { attributes, status }: DirectoryUser,
  trusted: readonly string[],
): { readonly verified: number; readonly provider: string | undefined } {
  const flags =
    (isTrue(attributes['email_verified']) ? EMAIL_VERIFIED : 0) |
    (isTrue(attributes['phone_number_verified']) ? PHONE_VERIFIED : 0);
  if (flags === 0) return { verified: 0, provider: undefined };
  const providers = providersOf(attributes['identities'], status);
  const untrusted = providers.filter((name) => name === undefined || !trusted.includes(name));
  if (untrusted.length === 0) return { verified: flags, provider: undefined };
  return { verified: flags << CLAIMED, provider: untrusted.map((name) => name ?? '').join(', ') };
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}
