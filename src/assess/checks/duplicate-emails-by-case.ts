import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

export const duplicateEmailsByCase = checkPool({
  id: 'duplicate-emails-by-case',
  needs: ['users'],
  find: ({ users }, { side }) => {
    const further = users.duplicateEmailsIgnoringCase.users - users.duplicateEmails.users;
    if (further === 0) return undefined;
    return {
      severity: 'warning',
      title: `Users of the ${side} pool have e-mail addresses that differ only by case`,
      seen: `If case is ignored, ${counted(further, 'more user')} ${further === 1 ? 'shares' : 'share'} an address with another user.`,
      why: 'plan ignores case when it compares e-mail addresses, and so do pools that are not case sensitive. These accounts can then not be told apart by their address.',
      fix: 'Before the move, decide which account is in use and delete or rename the other one. Or list the pairs of users in a file: cognito-cutover plan --mapping FILE.',
      docs: guide('user-pool-case-sensitivity'),
    };
  },
});
