import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';
import { counted } from '../words.js';

export const smsMfaLost = checkPool({
  id: 'sms-mfa-lost',
  side: 'legacy',
  needs: ['settings', 'mfa'],
  uses: ['users'],
  find: ({ settings, mfa, users }) => {
    if (settings.mfa === 'OFF' || !mfa.sms || !mayHaveNativeUsers(users) || users?.phoneVerified === 0)
      return undefined;
    return {
      severity: 'warning',
      title: 'SMS as a second factor is off for users who move',
      seen: `MFA is ${settings.mfa} with SMS. ${
        users === undefined
          ? 'How many users could use it is not known: they could not be listed.'
          : `A verified phone number, which it needs: ${counted(users.phoneVerified, 'user')}. Only AdminGetUser tells how many of them use it, and it makes them monthly active.`
      }`,
      why: 'The phone number moves, and the choice to use it as a second factor does not: accounts that need a code today open to the password alone, unless MFA is required in the new pool.',
      fix: `# Migration trigger: createUserMigrationTrigger with challenges: 'reset-and-enrol' answers enableSMSMFA where the phone number is verified.
# Import: afterwards, for each user whose UserMFASettingList in the legacy pool (cognito-idp:AdminGetUser) holds SMS_MFA:
aws cognito-idp admin-set-user-mfa-preference --user-pool-id ID_OF_THE_NEW_POOL --username USERNAME --sms-mfa-settings Enabled=true,PreferredMfa=true
# Or require MFA in the new pool: users with a verified phone number are then asked for a code.`,
      docs: guide('user-pool-settings-mfa-sms-email-message'),
    };
  },
});
