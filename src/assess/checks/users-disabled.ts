import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

export const usersDisabled = checkPool({
  id: 'users-disabled',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    if (users.disabled === 0) return undefined;
    return {
      severity: 'info',
      title: 'The legacy pool has disabled users',
      seen: `${counted(users.disabled, 'user')} of the legacy pool ${users.disabled === 1 ? 'is' : 'are'} disabled.`,
      why: 'A migration that does not check this enables them again. Every CSV import does, and so does the forgot-password branch of many migration triggers.',
      fix: 'Leave them out of the import, and refuse them in both branches of the migration trigger. If they have to exist in the new pool, run admin-disable-user after the import.',
      docs: guide('how-to-manage-user-accounts'),
    };
  },
});
