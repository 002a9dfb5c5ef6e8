import { MAX_CUSTOM_VALUE_LENGTH } from '../../directory/user-types.js';
import { checkPool } from '../define-check.js';
import { customAttributes, MAX_CUSTOM_ATTRIBUTES } from '../facts/attributes.js';
import { guide } from '../finding.js';

export const customAttributesFull = checkPool({
  id: 'custom-attributes-full',
  side: 'new',
  needs: ['settings'],
  find: ({ settings: { schema } }, { options: { attribute } }) => {
    const custom = customAttributes(schema).length;
    if (custom < MAX_CUSTOM_ATTRIBUTES || schema.some(({ name }) => name === attribute)) return undefined;
    return {
      severity: 'blocker',
      title: 'The new pool has no room for another custom attribute',
      seen: `The new pool has ${custom} custom attributes, the most that a pool can have, and ${attribute} is not one of them.`,
      why: 'There is no attribute to store the legacy id in, and custom attributes cannot be removed or renamed.',
      fix: `Use a mutable string attribute that is no longer needed and that holds 36 characters, or better ${MAX_CUSTOM_VALUE_LENGTH} (--attribute custom:NAME). Or create the new pool again with fewer attributes.`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
