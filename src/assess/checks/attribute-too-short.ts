import { MAX_CUSTOM_VALUE_LENGTH } from '../../directory/user-types.js';
import { checkPool } from '../define-check.js';
import { mappingAttribute, otherName } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { addCustomAttributes } from '../fix/custom-attributes.js';

/** A `sub` is a UUID in its usual form. */
const SUB_LENGTH = 36;

export const attributeTooShort = checkPool({
  id: 'attribute-too-short',
  side: 'new',
  needs: ['settings'],
  find: (pool, { options: { attribute } }) => {
    const found = pool.settings.schema.find(({ name }) => name === attribute);
    if (found?.type !== 'String') return undefined;
    const { minimum, maximum } = found;
    if ((minimum ?? 0) <= SUB_LENGTH && (maximum ?? SUB_LENGTH) >= SUB_LENGTH) return undefined;
    const other = otherName(attribute, pool.settings.schema);
    return {
      severity: 'blocker',
      title: `${attribute} cannot hold a value of ${SUB_LENGTH} characters`,
      seen: `Its values must have ${minimum ?? 0} to ${maximum ?? MAX_CUSTOM_VALUE_LENGTH} characters.`,
      why: 'A legacy sub is 36 characters long, so Cognito refuses every write. The limits of an attribute cannot be changed.',
      fix: `${addCustomAttributes(pool, [mappingAttribute(other)])}\n# Then use the new attribute: --attribute ${other}.`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
