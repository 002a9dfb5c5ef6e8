import type { SchemaAttribute } from './snapshot.js';

/** Cognito's limit per pool. */
export const MAX_CUSTOM_ATTRIBUTES = 50;

export const customAttributes = (schema: readonly SchemaAttribute[]): SchemaAttribute[] =>
  schema.filter(({ name }) => name.startsWith('custom:'));
