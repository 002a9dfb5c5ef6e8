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
      title: 'Every user must set up a second factor at the first sign-in',
      seen: `MFA is ${legacy.settings.mfa} in the legacy pool and required in the new one.`,
      why: 'After an import or a migration, a user without a second factor must set one up. The application must support this (MFA_SETUP challenge, or managed login).',
      fix: 'Start with OPTIONAL (set-user-pool-mfa-config) and require MFA when the migration is over. Or make sure that every application handles MFA_SETUP.',
      docs: guide('user-pool-settings-mfa'),
    };
  },
});
