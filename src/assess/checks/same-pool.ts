import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';

export const samePool = checkPair({
  id: 'same-pool',
  needs: { legacy: [], new: [] },
  find: (legacy, newPool) => {
    if (legacy.userPoolId !== newPool.userPoolId || legacy.region !== newPool.region) return undefined;
    return {
      severity: 'blocker',
      title: 'The legacy pool and the new pool are the same pool',
      seen: `Both are ${legacy.userPoolId} in ${legacy.region}.`,
      why: 'Every user would be mapped to themselves.',
      fix: 'Set --new-pool to the id of the pool that users move to.',
      docs: guide('cognito-user-pools'),
    };
  },
});
