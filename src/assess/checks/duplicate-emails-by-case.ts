import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

export const duplicateEmailsByCase = checkPool({
  id: 'duplicate-emails-by-case',
  needs: ['users'],
  find: ({ users }, { side }) => {
    const further = users.duplicateEmailsIgnoringCase.users - users.duplicateEmails.users;
    if (further === 0) return undefined;
    return {
      severity: 'warning',
      title: `Users of the ${side} pool have e-mail addresses that differ by case alone`,
      seen: `Sharing an address once upper and lower case are not told apart: ${counted(further, 'more user')}.`,
      why: 'E-mail addresses are compared without case, here and in pools that ignore it: these accounts become one name, and nobody can tell which is meant.',
      fix: 'Decide which account is the live one and delete or rename the other before the move, or name the pairs: cognito-cutover plan --mapping FILE.',
      docs: guide('user-pool-case-sensitivity'),
    };
  },
});
