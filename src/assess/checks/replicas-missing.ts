import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { awsCall } from '../fix/calls.js';

export const replicasMissing = checkPair({
  id: 'replicas-missing',
  needs: { legacy: ['replicas'], new: ['replicas'] },
  find: (legacy, newPool) => {
    const secondary = legacy.replicas.filter(({ role }) => role === 'SECONDARY').map(({ region }) => region);
    const missing = secondary.filter((region) => !newPool.replicas.some((one) => one.region === region));
    if (missing.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'The new pool has no replica where the legacy pool has one',
      seen: `Replicas of the legacy pool without a counterpart: ${missing.join(', ')}.`,
      why: 'Users who have moved lose the failover that they had in the legacy pool.',
      fix: missing.map((region) => awsCall(newPool, 'create-user-pool-replica', { 'region-name': region })).join('\n'),
      docs: guide('user-pool-multi-region'),
    };
  },
});
