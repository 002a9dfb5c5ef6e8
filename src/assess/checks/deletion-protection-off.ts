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
          ? 'With the legacy pool goes the only source of passwords and of the old identities; nothing brings it back.'
          : 'With the new pool go all users who have moved; nothing brings them back.',
      fix: poolUpdate(pool, '.DeletionProtection = "ACTIVE"'),
      docs: guide('user-pool-settings-deletion-protection'),
    };
  },
});
