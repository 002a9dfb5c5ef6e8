import { checkPool } from '../define-check.js';
import { mappingAttribute, otherName } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { addCustomAttributes } from '../fix/custom-attributes.js';

export const attributeNotString = checkPool({
  id: 'attribute-not-string',
  side: 'new',
  needs: ['settings'],
  find: (pool, { options: { attribute } }) => {
    const found = pool.settings.schema.find(({ name }) => name === attribute);
    if (found === undefined || found.type === 'String') return undefined;
    const other = otherName(attribute, pool.settings.schema);
    return {
      severity: 'blocker',
      title: `${attribute} is not a string`,
      seen: `Its type is ${found.type}.`,
      why: 'A legacy id is a UUID, which the pool refuses as a value of this type. The type of an attribute cannot be changed.',
      fix: `${addCustomAttributes(pool, [mappingAttribute(other)])}\n# Then use the new attribute: --attribute ${other}.`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
