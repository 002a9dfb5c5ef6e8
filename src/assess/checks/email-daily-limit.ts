import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';
import { poolUpdate } from '../fix/updates.js';
import { counted } from '../words.js';

/** What Cognito sends in a day for a pool without a sender of its own. */
const EMAILS_PER_DAY = 50;

export const emailDailyLimit = checkPair({
  id: 'email-daily-limit',
  needs: { legacy: ['users'], new: ['settings'] },
  find: (legacy, newPool) => {
    if (newPool.settings.emailSending !== 'COGNITO_DEFAULT' || legacy.users.native <= EMAILS_PER_DAY) return undefined;
    return {
      severity: 'warning',
      title: `The new pool sends ${EMAILS_PER_DAY} e-mails a day at most`,
      seen: `It uses Cognito's own sender, for ${counted(legacy.users.native, 'user')} with a password.`,
      why: 'Password resets after an import, verification codes and e-mail MFA stop for the day at that limit (LimitExceededException).',
      fix: poolUpdate(
        newPool,
        '.EmailConfiguration = {"EmailSendingAccount": "DEVELOPER", "SourceArn": "ARN_OF_THE_SES_IDENTITY"}',
      ),
      docs: guide('user-pool-email'),
    };
  },
});
