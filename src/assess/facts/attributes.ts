import { MAX_CUSTOM_VALUE_LENGTH } from '../../directory/user-types.js';
import { listed } from '../../words.js';
import type { AppClient, IdentityProvider, PoolSettings, SchemaAttribute } from '../snapshot/pool-snapshot.js';

/** Cognito's limit per pool. */
export const MAX_CUSTOM_ATTRIBUTES = 50;

export const customAttributes = (schema: readonly SchemaAttribute[]): SchemaAttribute[] =>
  schema.filter(({ name }) => name.startsWith('custom:'));

/** The mapping attribute to add: mutable, and with the longest values there are, as the limit cannot be raised later. */
export const mappingAttribute = (name: string): SchemaAttribute => ({
  name,
  type: 'String',
  mutable: true,
  required: false,
  minimum: 1,
  maximum: MAX_CUSTOM_VALUE_LENGTH,
});

const MAX_NAME_LENGTH = 20;

/** A free name for a replacement, because an attribute cannot be changed, renamed or removed. */
export function otherName(attribute: string, schema: readonly SchemaAttribute[]): string {
  const base = attribute.replace(/^custom:/, '');
  for (let number = 2; ; number++) {
    const name = `custom:${base.slice(0, MAX_NAME_LENGTH - `_${number}`.length)}_${number}`;
    if (!schema.some((one) => one.name === name)) return name;
  }
}

/** Whether a list is set. If it is absent or empty, every attribute is treated as allowed. */
export const hasList = (list: readonly string[] | null): list is readonly string[] => list !== null && list.length > 0;

export const mayWrite = (client: AppClient, attribute: string): boolean =>
  !hasList(client.writeAttributes) || client.writeAttributes.includes(attribute);

/** Attributes that only Cognito writes. UpdateUserPoolClient refuses them in a write list. */
const NEVER_WRITABLE = new Set(['sub', 'email_verified', 'phone_number_verified', 'identities']);

/**
 * What a client without a write list can write according to AWS's reference. Custom attributes are left out: one of them may
 * hold a role or a tenant, which users must not be able to write.
 */
export const defaultWriteList = ({ schema }: Pick<PoolSettings, 'schema'>): string[] =>
  standardAttributes(schema).filter((name) => !NEVER_WRITABLE.has(name));

/**
 * The smallest write list, for a client that does not have to write anything: the attributes that the pool requires, or one
 * harmless attribute. Cognito treats an empty list as no list, which allows everything.
 */
export const leastWriteList = (settings: Pick<PoolSettings, 'schema'>): string[] => {
  const writable = defaultWriteList(settings);
  const required = settings.schema.filter((one) => one.required && writable.includes(one.name)).map(({ name }) => name);
  const harmless = ['zoneinfo', 'locale', 'name'].find((name) => writable.includes(name)) ?? 'zoneinfo';
  return required.length > 0 ? required : [harmless];
};

/** The attributes that mappings fill, except the username and those that only Cognito writes. */
export const filledBy = (mappings: readonly IdentityProvider['attributeMapping'][], attribute: string): string[] =>
  [...new Set(mappings.flatMap((mapping) => Object.keys(mapping)))].filter(
    (name) => name !== 'username' && name !== attribute && !name.endsWith('_verified'),
  );

/** Attributes that the client's identity providers fill. The client must be able to write them. */
export const mappedAttributes = (
  client: Pick<AppClient, 'identityProviders'>,
  providers: readonly IdentityProvider[],
  attribute: string,
): string[] =>
  filledBy(
    providers.filter(({ name }) => client.identityProviders.includes(name)).map((one) => one.attributeMapping),
    attribute,
  );

/** The same by provider, without the standard attributes and attributes that the pool does not have. */
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

/** What a client without a read list can read, likewise without custom attributes. */
export const defaultReadList = ({ schema }: Pick<PoolSettings, 'schema'>): string[] =>
  standardAttributes(schema).filter((name) => name !== 'identities');

const standardAttributes = (schema: readonly SchemaAttribute[]): string[] =>
  schema.map(({ name }) => name).filter((name) => !/^(custom|dev):/.test(name));

/** The note to add to such a list in a pool with more custom attributes. */
export function listNote({ schema }: Pick<PoolSettings, 'schema'>, attribute: string): string {
  const others = customAttributes(schema)
    .map(({ name }) => name)
    .filter((name) => name !== attribute);
  if (others.length === 0) return '';
  return `\n# The new lists contain the standard attributes. Add the custom attributes that the application needs: ${listed(others)}.`;
}
