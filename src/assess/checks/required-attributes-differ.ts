import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import type { PoolSettings } from '../snapshot/pool-snapshot.js';

const required = ({ schema }: PoolSettings): string[] =>
  schema.filter((attribute) => attribute.required).map(({ name }) => name);

export const requiredAttributesDiffer = checkPair({
  id: 'required-attributes-differ',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = required(legacy.settings);
    const added = required(newPool.settings).filter((name) => name !== 'sub' && !before.includes(name));
    if (added.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: `The new pool requires ${added.join(', ')}, the legacy pool does not`,
      seen: `Required in the legacy pool: ${before.join(', ') || 'nothing'}. Required in the new pool only: ${added.join(', ')}.`,
      why: 'The migration trigger, a CSV import or a first federated sign-in cannot create a user without such a value.',
      fix: 'Required attributes are fixed when a pool is created. Create the new pool again without them, or set the values in the legacy pool before users move.',
      docs: guide('cognito-user-pool-updating'),
    };
  },
});
