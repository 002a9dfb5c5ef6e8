import type { AliasAttribute, Contact, LegacyUser } from '../../directory/lambda/trigger-pools.js';
import { sameFolded } from '../../users/fold.js';
import { TriggerError } from '../trigger-error.js';
import { verifiedContacts } from './carried-attributes.js';

const ALIASES: readonly AliasAttribute[] = ['email', 'phone_number', 'preferred_username'];

/**
 * The username that the response has to contain; `undefined` where the new user gets what was typed. What was typed cannot
 * be the username where it is an alias of the new pool, which then accepts no e-mail address or phone number as a username.
 * What was typed has to work in the new pool, or the user could not sign in with it again.
 *
 * While the aliases are unknown, an address gets no username beside it: a pool that has it as an alias then refuses the
 * user.
 *
 * @throws {@link TriggerError} `ERR_NO_VERIFIED_CONTACT`, `ERR_NEW_POOL_UNAVAILABLE`
 */
export async function usernameBeside(
  typed: string,
  { username, sub, attributes }: LegacyUser,
  carried: Readonly<Record<string, string>>,
  aliasesOf: () => Promise<readonly AliasAttribute[] | undefined>,
): Promise<string | undefined> {
  const matched = ALIASES.filter((alias) => sameFolded(typed, attributes[alias]));
  const lost = matched.find((alias) => alias !== 'preferred_username' && carried[alias] === undefined);
  if (lost !== undefined) throw new TriggerError('ERR_NO_VERIFIED_CONTACT', lost);
  const form = contactFormOf(username);
  const isUsername = sameFolded(typed, username);
  if (isUsername ? form === undefined : matched.length === 0) return undefined;

  const aliases = await aliasesOf();
  if (aliases === undefined) {
    if (contactFormOf(typed) !== undefined) return undefined;
    throw new TriggerError('ERR_NEW_POOL_UNAVAILABLE', 'aliases');
  }
  const typedAliases = matched.filter((alias) => aliases.includes(alias));
  const isTakenForAlias = form !== undefined && aliases.includes(form);
  if (isUsername ? !isTakenForAlias : typedAliases.length === 0) return undefined;
  const usable: readonly AliasAttribute[] = verifiedContacts(carried);
  const works = (alias: AliasAttribute) =>
    alias === 'preferred_username' ? carried[alias] !== undefined : usable.includes(alias);
  if (!typedAliases.some(works)) throw new TriggerError('ERR_NO_VERIFIED_CONTACT', typedAliases[0] ?? form);
  return isTakenForAlias ? sub : username;
}

/** Which contact a name looks like: a pool with that alias accepts no such username. */
function contactFormOf(name: string): Contact | undefined {
  if (name.includes('@')) return 'email';
  return /^\+\d+$/.test(name) ? 'phone_number' : undefined;
}
