import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { percent } from '../percent.js';

export const usersWithoutEmail = checkPool({
  id: 'users-without-email',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    if (users.withoutEmail === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Some users have no e-mail address',
      seen: `${counted(users.withoutEmail, 'user')} of ${counted(users.total, 'user')} (${percent(users.withoutEmail, users.total)}).`,
      why: 'plan can match these users only by provider identity, username or phone number. They cannot be imported into a pool that signs users in with their e-mail address.',
      fix: 'Run cognito-cutover plan --match mapping,identity,username,email,phone. For the others, list the pairs of users in a file: --mapping FILE (new_username,legacy_sub).',
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
