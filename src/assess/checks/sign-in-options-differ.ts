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
      seen: `The legacy pool takes ${before.join(', ')}; the new pool takes ${after.join(', ')}.`,
      why: 'Who signs in with that name today is not recognised in the new pool. Sign-in options are fixed when a pool is created.',
      fix: 'Create the new pool again with the same options: create-user-pool --alias-attributes … or --username-attributes … as the legacy pool has them.',
      docs: guide('cognito-user-pool-updating'),
    };
  },
});
