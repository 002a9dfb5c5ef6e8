import { checkPool } from '../define-check.js';
import { mappingAttribute, otherName } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { addCustomAttributes } from '../fix/custom-attributes.js';

export const attributeImmutable = checkPool({
  id: 'attribute-immutable',
  side: 'new',
  needs: ['settings'],
  find: (pool, { options: { attribute } }) => {
    const found = pool.settings.schema.find(({ name }) => name === attribute);
    if (found === undefined || found.mutable) return undefined;
    const other = otherName(attribute, pool.settings.schema);
    return {
      severity: 'blocker',
      title: `${attribute} cannot be changed once a user exists`,
      seen: 'The attribute is immutable.',
      why: 'The attribute can only be set while a user is created (migration trigger, CSV import). Cognito refuses a backfill of existing users, a correction and a rollback. An attribute cannot be made mutable later.',
      fix: `${addCustomAttributes(pool, [mappingAttribute(other)])}\n# Then use the new attribute: --attribute ${other}.`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
