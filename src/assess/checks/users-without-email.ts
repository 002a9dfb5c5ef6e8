import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted, percent } from '../words.js';

export const usersWithoutEmail = checkPool({
  id: 'users-without-email',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    if (users.withoutEmail === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Users without an e-mail address',
      seen: `${counted(users.withoutEmail, 'user')} of ${counted(users.total, 'user')} (${percent(users.withoutEmail, users.total)}).`,
      why: 'They can be recognised in the new pool by provider identity, username or phone only, and cannot be imported where the new pool signs in with e-mail.',
      fix: 'cognito-cutover plan --match mapping,identity,username,email,phone; for the rest a file of pairs: --mapping FILE (new_username,legacy_sub).',
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
