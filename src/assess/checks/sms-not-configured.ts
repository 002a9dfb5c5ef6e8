import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { setUnlessSet } from '../fix/changes.js';
import { smsConfiguration } from '../fix/mfa.js';
import { poolUpdate } from '../fix/updates.js';
import { counted } from '../words.js';

export const smsNotConfigured = checkPair({
  id: 'sms-not-configured',
  needs: { legacy: ['settings', 'users'], new: ['settings'] },
  find: (legacy, newPool) => {
    const sender = legacy.settings.smsSender;
    if (sender === null || newPool.settings.smsSender !== null || legacy.users.phoneVerified === 0) {
      return undefined;
    }
    return {
      severity: 'warning',
      title: 'The new pool cannot send SMS',
      seen: `The legacy pool can, through ${sender === 'SNS' ? 'Amazon SNS' : 'AWS End User Messaging'}. There, with a verified phone number: ${counted(legacy.users.phoneVerified, 'user')}.`,
      why: 'Codes for sign-in, password reset and verification by phone are not sent.',
      fix: `${poolUpdate(newPool, setUnlessSet('.SmsConfiguration', smsConfiguration(sender)))}\n# A new account or Region starts in the SMS sandbox: ask for production access first. Numbers and sender ids are the account's and the Region's too.`,
      docs: guide('cognito-user-pool-sms-settings'),
    };
  },
});
