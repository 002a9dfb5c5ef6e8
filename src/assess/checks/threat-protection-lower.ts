import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { atLeastPlan } from '../fix/changes.js';
import { poolUpdate } from '../fix/updates.js';

const ORDER = ['OFF', 'AUDIT', 'ENFORCED'];

export const threatProtectionLower = checkPair({
  id: 'threat-protection-lower',
  needs: { legacy: ['settings'], new: ['settings'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.threatProtection;
    const after = newPool.settings.threatProtection;
    if (ORDER.indexOf(after) >= ORDER.indexOf(before)) return undefined;
    return {
      severity: 'warning',
      title: 'Threat protection is weaker in the new pool',
      seen: `The legacy pool has ${before}, the new pool ${after}.`,
      why: 'A migration is when credential stuffing goes unnoticed best: unusual sign-ins are expected. The learnt history of users does not move either way.',
      fix: `${poolUpdate(newPool, `${atLeastPlan('PLUS')} | .UserPoolAddOns.AdvancedSecurityMode = "${before}"`)}\n# Needs the Plus plan. Rules per app client: set-risk-configuration.`,
      docs: guide('cognito-user-pool-settings-advanced-security'),
    };
  },
});
