import { mayHaveNativeUsers } from '../advice/movers.js';
import { checkPool } from '../check.js';
import { guide } from '../docs.js';

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
      why: 'Cognito gives out no TOTP secrets: whichever way users move, they have to register their app again. Until they do, their account is open to whoever knows the password.',
      fix: 'Migration trigger: let it answer for a user only after the legacy pool has checked the second factor too, or send such users through a page that does; never treat the challenge as a signed-in user. Then require MFA again in the new pool.',
      docs: guide('user-pool-settings-mfa-totp'),
    };
  },
});
