import { checkPair } from '../define-check.js';
import { signInNames } from '../facts/sign-in.js';
import { guide } from '../finding.js';

export const signInOptionsDiffer = checkPair({
  id: 'sign-in-options-differ',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = signInNames(legacy.settings);
    const after = signInNames(newPool.settings);
    const lost = before.filter((name) => !after.includes(name));
    if (lost.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: `Users can no longer sign in with their ${lost.join(' or ')}`,
      seen: `The legacy pool accepts ${before.join(', ')}; the new pool accepts ${after.join(', ')}.`,
      why: 'Users who sign in with that name today are not found in the new pool. Sign-in options are fixed when a pool is created.',
      fix: 'Create the new pool again with the same options: create-user-pool --alias-attributes … or --username-attributes … as the legacy pool has them.',
      docs: guide('cognito-user-pool-updating'),
    };
  },
});
