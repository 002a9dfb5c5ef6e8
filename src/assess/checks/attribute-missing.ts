import { counted } from '../../words.js';
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
    // If there is no room for it, custom-attributes-full reports that instead.
    if (schema.some(({ name }) => name === attribute) || customAttributes(schema).length >= MAX_CUSTOM_ATTRIBUTES) {
      return undefined;
    }
    return {
      severity: 'blocker',
      title: `The attribute ${attribute} does not exist`,
      seen: `The schema has ${counted(customAttributes(schema).length, 'custom attribute')}, and ${attribute} is not one of them.`,
      why: 'There is no attribute to store the legacy id in. An attribute can be added at any time, but it can never be changed or removed.',
      fix: `${addCustomAttributes(pool, [mappingAttribute(attribute)])}\n# Then add it to the read lists of the app clients that need it: a client with its own read list does not see new attributes.`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
