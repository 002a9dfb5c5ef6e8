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
      seen: `Threat protection is ${before} in the legacy pool and ${after} in the new one.`,
      why: 'Credential stuffing is easy to miss during a migration, when unusual sign-ins are expected. What Cognito has learned about users does not move in either case.',
      fix: `${poolUpdate(newPool, `${atLeastPlan('PLUS')} | .UserPoolAddOns.AdvancedSecurityMode = "${before}"`)}\n# This needs the Plus plan. To set rules per app client, use set-risk-configuration.`,
      docs: guide('cognito-user-pool-settings-advanced-security'),
    };
  },
});
