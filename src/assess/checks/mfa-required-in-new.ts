import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

export const mfaRequiredInNew = checkPair({
  id: 'mfa-required-in-new',
  needs: { legacy: ['settings'], new: ['settings'] },
  uses: { legacy: ['users'] },
  find: (legacy, newPool) => {
    if (!mayHaveNativeUsers(legacy.users)) return undefined;
    if (newPool.settings.mfa !== 'ON' || legacy.settings.mfa === 'ON') return undefined;
    return {
      severity: 'warning',
      title: 'Everybody has to set up a second factor at the first sign-in',
      seen: `MFA is ${legacy.settings.mfa} in the legacy pool and required in the new one.`,
      why: 'After import or migration a user without a factor is led through MFA setup, which the application must be able to do (MFA_SETUP challenge, or managed login).',
      fix: 'Start with OPTIONAL (set-user-pool-mfa-config), require MFA when the migration is over; or make sure that every application handles MFA_SETUP.',
      docs: guide('user-pool-settings-mfa'),
    };
  },
});
