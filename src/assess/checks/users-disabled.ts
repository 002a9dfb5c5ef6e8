import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

export const usersDisabled = checkPool({
  id: 'users-disabled',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    if (users.disabled === 0) return undefined;
    return {
      severity: 'info',
      title: 'Disabled users',
      seen: `Disabled in the legacy pool: ${counted(users.disabled, 'user')}.`,
      why: 'A migration that does not look revives them: the forgot-password branch of many migration triggers does, and every CSV import.',
      fix: 'Leave them out of the import, and refuse them in both branches of the migration trigger. Where they have to exist: admin-disable-user after the import.',
      docs: guide('how-to-manage-user-accounts'),
    };
  },
});
