import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { setUnlessSet } from '../fix/changes.js';
import { smsConfiguration } from '../fix/mfa.js';
import { poolUpdate } from '../fix/updates.js';

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
      seen: `The legacy pool sends SMS through ${sender === 'SNS' ? 'Amazon SNS' : 'AWS End User Messaging'} and has ${counted(legacy.users.phoneVerified, 'user')} with a verified phone number.`,
      why: 'Codes for sign-in, password reset and verification by phone are not sent.',
      fix: `${poolUpdate(newPool, setUnlessSet('.SmsConfiguration', smsConfiguration(sender)))}\n# A new account or Region starts in the SMS sandbox: request production access first. Phone numbers and sender ids belong to an account and Region too.`,
      docs: guide('cognito-user-pool-sms-settings'),
    };
  },
});
