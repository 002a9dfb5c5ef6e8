import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

/** The estimate is updated with a delay; smaller differences mean nothing. */
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
      title: 'The number of listed users differs from the estimate of the pool',
      seen: `Listed: ${counted(users.total, 'user')}. Estimate of the pool: ${counted(settings.estimatedUsers, 'user')}.`,
      why: 'Cognito updates the estimate with a delay: after a large import or deletion it can be a day behind. A difference that remains means that the listing is incomplete.',
      fix: 'Run assess again tomorrow and compare.',
      docs: guide('quotas'),
    };
  },
});
