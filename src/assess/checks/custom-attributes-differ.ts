import { checkPair } from '../define-check.js';
import { customAttributes } from '../facts/attributes.js';
import { guide } from '../finding.js';
import type { SchemaAttribute } from '../snapshot/pool-snapshot.js';

/** In which respects the new attribute accepts less than the legacy one. */
function losses(legacy: SchemaAttribute, now: SchemaAttribute): string[] {
  const lost: string[] = [];
  if (legacy.type !== now.type) lost.push(`type ${now.type} instead of ${legacy.type}`);
  if (legacy.mutable && !now.mutable) lost.push('immutable');
  if ((now.minimum ?? 0) > (legacy.minimum ?? 0)) lost.push(`minimum ${now.minimum} instead of ${legacy.minimum ?? 0}`);
  if (now.maximum !== null && (legacy.maximum === null || now.maximum < legacy.maximum)) {
    lost.push(`maximum ${now.maximum} instead of ${legacy.maximum ?? 'none'}`);
  }
  return lost;
}

export const customAttributesDiffer = checkPair({
  id: 'custom-attributes-differ',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool, { options: { attribute } }) => {
    const differing = customAttributes(legacy.settings.schema).flatMap((before) => {
      const after = newPool.settings.schema.find(({ name }) => name === before.name);
      const lost = after === undefined || before.name === attribute ? [] : losses(before, after);
      return lost.length === 0 ? [] : [`${before.name}: ${lost.join(', ')}`];
    });
    if (differing.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Custom attributes accept fewer values in the new pool',
      seen: `${differing.join('. ')}.`,
      why: 'The new pool refuses values that the legacy pool accepts, and it refuses the whole user with them. The type, mutability and limits of an attribute cannot be changed.',
      fix: 'Add attributes with other names and the limits of the legacy pool (add-custom-attributes) and migrate the values to them, or create the new pool again.',
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
