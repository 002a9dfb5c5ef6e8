import { checkPair } from '../define-check.js';
import { customAttributes, MAX_CUSTOM_ATTRIBUTES } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { addCustomAttributes } from '../fix/custom-attributes.js';

export const customAttributesMissing = checkPair({
  id: 'custom-attributes-missing',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool, { options: { attribute } }) => {
    const present = customAttributes(newPool.settings.schema);
    const missing = customAttributes(legacy.settings.schema).filter(
      ({ name }) => name !== attribute && !present.some((one) => one.name === name),
    );
    if (missing.length === 0) return undefined;
    const room = MAX_CUSTOM_ATTRIBUTES - present.length;
    return {
      severity: 'warning',
      title: 'Custom attributes of the legacy pool are missing',
      seen: `Missing: ${missing.map(({ name, type }) => `${name} (${type})`).join(', ')}. The new pool has room for ${room} more.`,
      why: 'Their values cannot be migrated. If a migration trigger returns an attribute that the pool does not have, the sign-in fails as if the password were wrong.',
      fix: addCustomAttributes(newPool, missing),
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
