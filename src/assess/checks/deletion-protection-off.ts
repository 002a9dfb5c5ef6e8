import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { poolUpdate } from '../fix/updates.js';

export const deletionProtectionOff = checkPool({
  id: 'deletion-protection-off',
  needs: ['settings'],
  find: (pool, { side }) => {
    if (pool.settings.deletionProtection) return undefined;
    return {
      severity: 'warning',
      title: `The ${side} pool can be deleted with one call`,
      seen: 'Deletion protection is off.',
      why:
        side === 'legacy'
          ? 'The legacy pool is the only source of passwords and legacy ids. A deleted pool cannot be restored.'
          : 'The new pool holds every user who has moved. A deleted pool cannot be restored.',
      fix: poolUpdate(pool, '.DeletionProtection = "ACTIVE"'),
      docs: guide('user-pool-settings-deletion-protection'),
    };
  },
});
