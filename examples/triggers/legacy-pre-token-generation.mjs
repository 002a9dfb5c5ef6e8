// For the legacy pool, and only if verifiers other than cognito-cutover read the claim. It needs no permissions.
import { createPreTokenGenerationTrigger } from 'cognito-cutover/triggers';
import { legacyPool, onFault } from './settings.mjs';

export const handler = createPreTokenGenerationTrigger({
  source: 'own-sub',
  userPoolIds: [legacyPool.userPoolId],
  onFault,
});
