import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { atLeastPlan } from '../fix/changes.js';
import { poolUpdate } from '../fix/updates.js';

const ORDER = ['LITE', 'ESSENTIALS', 'PLUS'];

export const featurePlanLower = checkPair({
  id: 'feature-plan-lower',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.plan;
    const after = newPool.settings.plan;
    if (before === null || after === null || ORDER.indexOf(after) >= ORDER.indexOf(before)) return undefined;
    return {
      severity: 'warning',
      title: 'The new pool is on a lower plan',
      seen: `The legacy pool is on ${before}, the new pool on ${after}.`,
      why: 'Features of the higher plan are not available. Lite has no managed login, no passkeys, no e-mail MFA and no access token customization; only Plus has threat protection.',
      fix: poolUpdate(newPool, atLeastPlan(before)),
      docs: guide('cognito-sign-in-feature-plans'),
    };
  },
});
