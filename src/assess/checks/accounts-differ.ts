import { checkPair } from '../check.js';
import { guide } from '../docs.js';

export const accountsDiffer = checkPair({
  id: 'accounts-differ',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.account;
    const after = newPool.settings.account;
    if (before === null || after === null || before === after) return undefined;
    return {
      severity: 'info',
      title: 'The pools are in different AWS accounts',
      seen: `Legacy pool: ${before}. New pool: ${after}.`,
      why: 'Each pool has quotas of its own, which is good. Functions of one account that call the other pool need a role there.',
      fix: '--legacy-profile or --legacy-role-arn, and the same for new. Migration trigger: let its role assume one in the legacy account that may AdminInitiateAuth and AdminGetUser.',
      docs: guide('security-iam'),
    };
  },
});
