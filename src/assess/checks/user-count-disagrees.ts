import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

/** The estimate lags behind; smaller differences mean nothing. */
const TOLERATED_SHARE = 0.05;
const TOLERATED_USERS = 100;

export const userCountDisagrees = checkPool({
  id: 'user-count-disagrees',
  needs: ['settings', 'users'],
  find: ({ settings, users }) => {
    const difference = Math.abs(settings.estimatedUsers - users.total);
    if (difference <= Math.max(TOLERATED_USERS, TOLERATED_SHARE * users.total)) return undefined;
    return {
      severity: 'info',
      title: 'The list of users and the estimate of the pool disagree',
      seen: `${counted(users.total, 'user')} listed, the pool estimates ${counted(settings.estimatedUsers, 'user')}.`,
      why: 'The estimate is updated late; after a large import or deletion it may be a day behind. A difference that stays means that the listing is not complete.',
      fix: 'Run assess again tomorrow and compare.',
      docs: guide('quotas'),
    };
  },
});
