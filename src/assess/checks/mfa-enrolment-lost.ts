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
      why: 'Cognito does not export TOTP secrets: a user who has a password in the new pool must register the app again. Until then, anyone who knows the password can sign in.',
      fix: 'Make the legacy pool an identity provider of the new one: it asks for the app for as long as it exists. Or move users with a password reset (createUserMigrationTrigger with challenges: "reset-and-enrol", or an import) and require MFA in the new pool, so that they register an app at their first sign-in. A trigger must never treat the challenge as a successful sign-in.',
      docs: guide('user-pool-settings-mfa-totp'),
    };
  },
});
