import { checkPair } from '../check.js';
import { guide } from '../docs.js';
import { poolUpdate } from '../fix.js';

export const smsNotConfigured = checkPair({
  id: 'sms-not-configured',
  needs: { legacy: ['settings', 'users'], new: ['settings'] },
  find: (legacy, newPool) => {
    if (!legacy.settings.smsConfigured || newPool.settings.smsConfigured || legacy.users.phoneVerified === 0) {
      return undefined;
    }
    return {
      severity: 'warning',
      title: 'The new pool cannot send SMS',
      seen: `The legacy pool can. Users there with a verified phone number: ${legacy.users.phoneVerified}.`,
      why: 'Codes for sign-in, password reset and verification by phone are not sent.',
      fix: `${poolUpdate(newPool, '.SmsConfiguration = {"SnsCallerArn": "ARN_OF_THE_ROLE", "ExternalId": "EXTERNAL_ID", "SnsRegion": "REGION"}')}\n# A new account or Region starts in the SNS sandbox: ask for production access first.`,
      docs: guide('cognito-user-pool-sms-settings'),
    };
  },
});
