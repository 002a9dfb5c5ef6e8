import type { NewPoolDescription, PoolAttribute, PoolUser } from '../directory/trigger-pools.js';
import { TriggerError } from './errors.js';

/** Contact attributes and the flags that tell whether they were verified. */
const VERIFIED = { email: 'email_verified', phone_number: 'phone_number_verified' } as const;

/** Cognito fills these itself. One of them in the response and the first sign-in fails as a wrong password. */
const COGNITO_OWN = /^(sub|identities|username)$|^(cognito|dev):/;

export interface CarriedAttributes {
  readonly attributes: Record<string, string>;
  /** Names of attributes that the new pool's schema has no room for. */
  readonly leftOut: readonly string[];
}

/**
 * What of a legacy user's attributes the new pool's user gets: those `allowed` (`undefined`: all) that the new pool's schema
 * has and whose values fit. A verification flag says what the legacy pool says, and is false where that says nothing.
 *
 * @throws {@link TriggerError} `ERR_ATTRIBUTE_MISSING` when one that the new pool requires is not among them
 */
export function carriedAttributes(
  user: PoolUser,
  newPool: NewPoolDescription,
  mapping: { readonly attribute: string; readonly legacyId: string },
  allowed: readonly string[] | undefined,
): CarriedAttributes {
  const schema = new Map(newPool.attributes.map((one) => [one.name, one]));
  const attributes: Record<string, string> = {};
  const leftOut: string[] = [];
  for (const [name, value] of Object.entries(user.attributes)) {
    if (COGNITO_OWN.test(name) || name === mapping.attribute || isFlag(name) || value === '') continue;
    if (allowed !== undefined && !allowed.includes(name)) continue;
    const target = schema.get(name);
    if (target !== undefined && fits(value, target)) attributes[name] = value;
    else leftOut.push(name);
  }
  for (const [contact, flag] of Object.entries(VERIFIED)) {
    if (attributes[contact] !== undefined) attributes[flag] = user.attributes[flag] === 'true' ? 'true' : 'false';
  }
  attributes[mapping.attribute] = mapping.legacyId;
  for (const { name, required } of newPool.attributes) {
    if (required && name !== 'sub' && attributes[name] === undefined)
      throw new TriggerError('ERR_ATTRIBUTE_MISSING', name);
  }
  if (!schema.has(mapping.attribute)) throw new TriggerError('ERR_ATTRIBUTE_MISSING', mapping.attribute);
  return { attributes, leftOut };
}

/** Whether a code can be sent to the user: Cognito sends none to a contact that nobody verified. */
export function hasVerifiedContact(attributes: Readonly<Record<string, string>>): boolean {
  return Object.entries(VERIFIED).some(
    ([contact, flag]) => hasValue(attributes[contact]) && attributes[flag] === 'true',
  );
}

function hasValue(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

function isFlag(name: string): boolean {
  return name === VERIFIED.email || name === VERIFIED.phone_number;
}

function fits(value: string, { minLength = 0, maxLength = Number.POSITIVE_INFINITY }: PoolAttribute): boolean {
  return value.length >= minLength && value.length <= maxLength;
}
