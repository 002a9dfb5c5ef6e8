import { MAX_CUSTOM_VALUE_LENGTH } from '../../directory/user-types.js';
import type { AppClient, IdentityProvider, PoolSettings, SchemaAttribute } from '../snapshot/pool-snapshot.js';
import { listed } from '../words.js';

/** Cognito's limit per pool. */
export const MAX_CUSTOM_ATTRIBUTES = 50;

export const customAttributes = (schema: readonly SchemaAttribute[]): SchemaAttribute[] =>
  schema.filter(({ name }) => name.startsWith('custom:'));

/** The mapping attribute as it is to be added: mutable, and with room for whatever a legacy id may be one day. */
export const mappingAttribute = (name: string): SchemaAttribute => ({
  name,
  type: 'String',
  mutable: true,
  required: false,
  minimum: 1,
  maximum: MAX_CUSTOM_VALUE_LENGTH,
});

const MAX_NAME_LENGTH = 20;

/** A name for another attribute instead of this one: attributes cannot be changed, renamed or removed. */
export function otherName(attribute: string, schema: readonly SchemaAttribute[]): string {
  const base = attribute.replace(/^custom:/, '');
  for (let number = 2; ; number++) {
    const name = `custom:${base.slice(0, MAX_NAME_LENGTH - `_${number}`.length)}_${number}`;
    if (!schema.some((one) => one.name === name)) return name;
  }
}

/** Absent or empty: no list was set, and every attribute counts as allowed. */
export const hasList = (list: readonly string[] | null): list is readonly string[] => list !== null && list.length > 0;

export const mayWrite = (client: AppClient, attribute: string): boolean =>
  !hasList(client.writeAttributes) || client.writeAttributes.includes(attribute);

/** Attributes that only Cognito writes; UpdateUserPoolClient refuses them in a write list. */
const NEVER_WRITABLE = new Set(['sub', 'email_verified', 'phone_number_verified', 'identities']);

/**
 * What a client without a write list may write by AWS's reference, as a list. Custom attributes are not in it: who gives
 * them away without being asked may give away a role or a tenant.
 */
export const defaultWriteList = ({ schema }: Pick<PoolSettings, 'schema'>): string[] =>
  standardAttributes(schema).filter((name) => !NEVER_WRITABLE.has(name));

/**
 * As little as can be, for a client that has to write nothing: what the pool requires, or an attribute that can do no harm. An
 * empty list would count as none, and so allow everything.
 */
export const leastWriteList = (settings: Pick<PoolSettings, 'schema'>): string[] => {
  const writable = defaultWriteList(settings);
  const required = settings.schema.filter((one) => one.required && writable.includes(one.name)).map(({ name }) => name);
  const harmless = ['zoneinfo', 'locale', 'name'].find((name) => writable.includes(name)) ?? 'zoneinfo';
  return required.length > 0 ? required : [harmless];
};

/** What mappings fill, but for the name of the user and what Cognito alone writes. */
export const filledBy = (mappings: readonly IdentityProvider['attributeMapping'][], attribute: string): string[] =>
  [...new Set(mappings.flatMap((mapping) => Object.keys(mapping)))].filter(
    (name) => name !== 'username' && name !== attribute && !name.endsWith('_verified'),
  );

/** Attributes that the client's identity providers fill, and that it has to be allowed to write for that. */
export const mappedAttributes = (
  client: Pick<AppClient, 'identityProviders'>,
  providers: readonly IdentityProvider[],
  attribute: string,
): string[] =>
  filledBy(
    providers.filter(({ name }) => client.identityProviders.includes(name)).map((one) => one.attributeMapping),
    attribute,
  );

/** The same by provider, without what every client may write and what the pool does not have. */
export function mappedByProvider(
  providers: readonly IdentityProvider[],
  settings: Pick<PoolSettings, 'schema'>,
  attribute: string,
): Record<string, string[]> {
  const known = new Set(settings.schema.map(({ name }) => name));
  const standard = new Set(defaultWriteList(settings));
  const filled: Record<string, string[]> = {};
  for (const { name, attributeMapping } of providers) {
    const further = filledBy([attributeMapping], attribute).filter((one) => known.has(one) && !standard.has(one));
    if (further.length > 0) filled[name] = [...new Set([...(filled[name] ?? []), ...further])];
  }
  return filled;
}

/** What a client without a read list may read, in the same way. */
export const defaultReadList = ({ schema }: Pick<PoolSettings, 'schema'>): string[] =>
  standardAttributes(schema).filter((name) => name !== 'identities');

const standardAttributes = (schema: readonly SchemaAttribute[]): string[] =>
  schema.map(({ name }) => name).filter((name) => !/^(custom|dev):/.test(name));

/** What to say beside such a list, in a pool with further custom attributes. */
export function listNote({ schema }: Pick<PoolSettings, 'schema'>, attribute: string): string {
  const others = customAttributes(schema)
    .map(({ name }) => name)
    .filter((name) => name !== attribute);
  if (others.length === 0) return '';
  return `\n# The new lists hold the standard attributes. Add those custom ones that the application needs: ${listed(others)}.`;
}
