import { checkPool } from '../define-check.js';
import { customAttributes, MAX_CUSTOM_ATTRIBUTES, mappingAttribute } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { addCustomAttributes } from '../fix/custom-attributes.js';

export const attributeMissing = checkPool({
  id: 'attribute-missing',
  side: 'new',
  needs: ['settings'],
  find: (pool, { options: { attribute } }) => {
    const { schema } = pool.settings;
    // Where there is no room for it, that is the finding to make.
    if (schema.some(({ name }) => name === attribute) || customAttributes(schema).length >= MAX_CUSTOM_ATTRIBUTES) {
      return undefined;
    }
    return {
      severity: 'blocker',
      title: `The attribute ${attribute} does not exist`,
      seen: `The schema has ${customAttributes(schema).length} custom attributes, and ${attribute} is not one of them.`,
      why: 'The legacy id has nowhere to be. An attribute can be added at any time, but never changed or removed again.',
      fix: `${addCustomAttributes(pool, [mappingAttribute(attribute)])}\n# Then give it to the app clients that need it: those with a list of their own do not see it.`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
