import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { mayHaveNativeUsers } from '../forecast/movers.js';

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
          ? 'The users could not be listed, so it is not known how many could use it.'
          : `${counted(users.phoneVerified, 'user')} with a verified phone number, which SMS needs. Only AdminGetUser shows how many of them use it, and it makes them monthly active.`
      }`,
      why: 'The phone number moves, but the preference to use it as a second factor does not. Unless the new pool requires MFA, the password alone is enough for accounts that need a code today.',
      fix: `# Migration trigger: createUserMigrationTrigger with challenges: 'reset-and-enrol' returns enableSMSMFA if the phone number is verified.
# After an import, for each user whose UserMFASettingList in the legacy pool (cognito-idp:AdminGetUser) contains SMS_MFA:
aws cognito-idp admin-set-user-mfa-preference --user-pool-id ID_OF_THE_NEW_POOL --username USERNAME --sms-mfa-settings Enabled=true,PreferredMfa=true
# Or require MFA in the new pool: users with a verified phone number are then asked for a code.`,
      docs: guide('user-pool-settings-mfa-sms-email-message'),
    };
  },
});
