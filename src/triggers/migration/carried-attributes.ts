import type { Contact, PoolAttribute, PoolUser } from '../../directory/lambda/trigger-pools.js';
import { fits } from '../../users/attribute-values.js';
import { TriggerError } from '../trigger-error.js';

/** Contact attributes and the flags that tell whether they were verified. */
const VERIFIED = { email: 'email_verified', phone_number: 'phone_number_verified' } as const satisfies Record<
  Contact,
  string
>;

/** Cognito fills these itself. With one of them in the response, the first sign-in fails like a wrong password. */
const COGNITO_OWN = /^(sub|identities|username)$|^(cognito|dev):/;

export interface CarriedAttributes {
  readonly attributes: Record<string, string>;
  /** Names of attributes that are not in the new pool's schema, or whose values do not fit. */
  readonly leftOut: readonly string[];
}

/**
 * The attributes of a legacy user that the user of the new pool gets: those `allowed` (`undefined`: all) that are in the new
 * pool's schema and whose values fit. Without a schema all of them, which Cognito accepts or refuses as a whole. A
 * verification flag is that of the legacy pool, or false where the legacy pool has none.
 *
 * @throws {@link TriggerError} `ERR_ATTRIBUTE_MISSING` when one that the new pool requires is not among them, or when
 * the mapping attribute cannot hold the legacy id
 */
export function carriedAttributes(
  user: PoolUser,
  schema: readonly PoolAttribute[] | undefined,
  mapping: { readonly attribute: string; readonly legacyId: string },
  allowed: readonly string[] | undefined,
): CarriedAttributes {
  const byName = schema && new Map(schema.map((one) => [one.name, one]));
  const hasRoom = (name: string, value: string): boolean => {
    if (byName === undefined) return true;
    const room = byName.get(name);
    return room !== undefined && fits(value, room);
  };
  if (!hasRoom(mapping.attribute, mapping.legacyId)) {
    throw new TriggerError('ERR_ATTRIBUTE_MISSING', mapping.attribute);
  }
  const attributes: Record<string, string> = {};
  const leftOut: string[] = [];
  for (const [name, value] of Object.entries(user.attributes)) {
    if (COGNITO_OWN.test(name) || name === mapping.attribute || isFlag(name) || value === '') continue;
    if (allowed !== undefined && !allowed.includes(name)) continue;
    if (hasRoom(name, value)) attributes[name] = value;
    else leftOut.push(name);
  }
  for (const [contact, flag] of Object.entries(VERIFIED)) {
    if (attributes[contact] !== undefined) attributes[flag] = user.attributes[flag] === 'true' ? 'true' : 'false';
  }
  attributes[mapping.attribute] = mapping.legacyId;
  for (const { name, required } of schema ?? []) {
    if (required === true && name !== 'sub' && attributes[name] === undefined)
      throw new TriggerError('ERR_ATTRIBUTE_MISSING', name);
  }
  return { attributes, leftOut };
}

/** Contacts that a code can be sent to: Cognito sends none to an unverified contact. */
export function verifiedContacts(attributes: Readonly<Record<string, string>>): readonly Contact[] {
  return (['email', 'phone_number'] as const).filter(
    (contact) => (attributes[contact] ?? '') !== '' && attributes[VERIFIED[contact]] === 'true',
  );
}

function isFlag(name: string): boolean {
  return name === VERIFIED.email || name === VERIFIED.phone_number;
}
