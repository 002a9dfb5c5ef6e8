import { checkPair } from '../define-check.js';
import { MFA_KINDS } from '../facts/sign-in.js';
import { guide } from '../finding.js';
import { kindsOn } from '../fix/mfa.js';
import { mfaUpdate } from '../fix/updates.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

export const mfaKindMissing = checkPair({
  id: 'mfa-kind-missing',
  needs: { legacy: ['settings', 'mfa'], new: ['settings', 'mfa'] },
  uses: { legacy: ['users'] },
  find: (legacy, newPool) => {
    if (!mayHaveNativeUsers(legacy.users) || legacy.settings.mfa === 'OFF' || newPool.settings.mfa === 'OFF')
      return undefined;
    const missing = MFA_KINDS.filter(([kind]) => legacy.mfa[kind] && !newPool.mfa[kind]);
    if (missing.length === 0) return undefined;
    const lost = {
      sms: legacy.mfa.sms && !newPool.mfa.sms,
      softwareToken: legacy.mfa.softwareToken && !newPool.mfa.softwareToken,
      email: legacy.mfa.email && !newPool.mfa.email,
    };
    return {
      severity: 'warning',
      title: `Second factors are missing: ${missing.map(([, name]) => name).join(', ')}`,
      seen: `The legacy pool offers ${missing.map(([, name]) => name).join(' and ')}, the new pool does not.`,
      why: 'Users who have only that factor must set up another one. If the new pool requires MFA, they cannot do that at their first sign-in.',
      fix: mfaUpdate(newPool, kindsOn(lost, newPool.settings.smsSender ?? legacy.settings.smsSender).join(' | ')),
      docs: guide('user-pool-settings-mfa'),
    };
  },
});
