import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { poolUpdate } from '../fix/updates.js';

export const triggerVersionLower = checkPair({
  id: 'trigger-version-lower',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.triggers.find(({ name }) => name === 'PreTokenGeneration')?.version;
    const after = newPool.settings.triggers.find(({ name }) => name === 'PreTokenGeneration')?.version;
    // V1_0 in the new pool is a finding of its own, whatever the legacy pool has.
    if (before !== 'V3_0' || after !== 'V2_0') return undefined;
    return {
      severity: 'warning',
      title: 'The pre token generation trigger no longer runs for machine clients',
      seen: 'Its version is V3_0 in the legacy pool and V2_0 in the new one.',
      why: 'Version V2_0 does not run for client credentials: claims and scopes that the function adds to machine tokens are missing.',
      fix: poolUpdate(newPool, '.LambdaConfig.PreTokenGenerationConfig.LambdaVersion = "V3_0"'),
      docs: guide('user-pool-lambda-pre-token-generation'),
    };
  },
});
