import { MAX_CUSTOM_VALUE_LENGTH } from '../directory/user-types.js';
import type { SchemaAttribute } from './snapshot/pool-snapshot.js';

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
