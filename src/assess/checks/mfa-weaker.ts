import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { kindsOn } from '../fix/mfa.js';
import { mfaUpdate } from '../fix/updates.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

const ORDER = ['OFF', 'OPTIONAL', 'ON'];

export const mfaWeaker = checkPair({
  id: 'mfa-weaker',
  needs: { legacy: ['settings', 'mfa'], new: ['settings'] },
  uses: { legacy: ['users'] },
  find: (legacy, newPool) => {
    const before = legacy.settings.mfa;
    const after = newPool.settings.mfa;
    if (!mayHaveNativeUsers(legacy.users)) return undefined;
    if (ORDER.indexOf(after) >= ORDER.indexOf(before)) return undefined;
    return {
      severity: before === 'ON' ? 'blocker' : 'warning',
      title:
        before === 'ON'
          ? 'The legacy pool requires MFA, and the new pool does not'
          : 'The legacy pool offers MFA, and the new pool does not',
      seen: `MFA is ${before} in the legacy pool and ${after} in the new one.`,
      why: 'Accounts that need a second factor today are protected by the password alone after the move. A stolen password is then enough to sign in.',
      fix: mfaUpdate(
        newPool,
        [
          ...kindsOn(legacy.mfa, newPool.settings.smsSender ?? legacy.settings.smsSender),
          `.MfaConfiguration = "${before}"`,
        ].join(' | '),
      ),
      docs: guide('user-pool-settings-mfa'),
    };
  },
});
