import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

export const replicaRegion = checkPool({
  id: 'replica-region',
  side: 'new',
  needs: ['replicas'],
  find: (pool) => {
    if (!pool.replicas.some(({ region, role }) => region === pool.region && role === 'SECONDARY')) return undefined;
    const primary = pool.replicas.find(({ role }) => role === 'PRIMARY');
    return {
      severity: 'blocker',
      title: 'The new pool is accessed in a Region that accepts no writes',
      seen: `${pool.region} is a secondary replica of the pool.`,
      why: 'A secondary replica does not create users or change attributes: apply stops at the first write (OperationNotEnabledException).',
      fix: `Use the primary Region: --new-region ${primary?.region ?? 'REGION_OF_THE_PRIMARY'}.`,
      docs: guide('user-pool-multi-region'),
    };
  },
});
