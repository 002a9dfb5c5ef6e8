import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { poolUpdate } from '../fix/updates.js';

/** How many e-mails a day Cognito sends for a pool that does not send through Amazon SES. */
const EMAILS_PER_DAY = 50;

export const emailDailyLimit = checkPair({
  id: 'email-daily-limit',
  needs: { legacy: ['users'], new: ['settings'] },
  find: (legacy, newPool) => {
    if (newPool.settings.emailSending !== 'COGNITO_DEFAULT' || legacy.users.native <= EMAILS_PER_DAY) return undefined;
    return {
      severity: 'warning',
      title: `The new pool sends at most ${EMAILS_PER_DAY} e-mails a day`,
      seen: `It uses Cognito's default e-mail sender. The legacy pool has ${counted(legacy.users.native, 'user')} with a password.`,
      why: 'Password resets after an import, verification codes and e-mail MFA stop for the day at that limit (LimitExceededException).',
      fix: poolUpdate(
        newPool,
        '.EmailConfiguration = {"EmailSendingAccount": "DEVELOPER", "SourceArn": "ARN_OF_THE_SES_IDENTITY"}',
      ),
      docs: guide('user-pool-email'),
    };
  },
});
