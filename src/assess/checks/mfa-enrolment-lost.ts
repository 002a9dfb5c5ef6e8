import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

export const mfaEnrolmentLost = checkPool({
  id: 'mfa-enrolment-lost',
  side: 'legacy',
  needs: ['settings', 'mfa'],
  uses: ['users'],
  find: ({ settings, mfa, users }) => {
    if (!mayHaveNativeUsers(users)) return undefined;
    if (settings.mfa === 'OFF' || !mfa.softwareToken) return undefined;
    return {
      severity: 'warning',
      title: 'Authenticator apps do not move',
      seen: `MFA is ${settings.mfa}, and users may have registered an authenticator app.`,
      why: 'Cognito gives out no TOTP secrets: whoever gets a password in the new pool has to register the app again. Until they do, their account is open to whoever knows the password.',
      fix: 'Make the legacy pool an identity provider of the new one: it goes on asking for the app as long as it exists. Or move users with a password to be reset (createUserMigrationTrigger with challenges: "reset-and-enrol", or an import), and require MFA in the new pool, so that they register an app at the first sign-in. A trigger must never take the challenge for a sign-in.',
      docs: guide('user-pool-settings-mfa-totp'),
    };
  },
});
