import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

export const duplicateEmails = checkPool({
  id: 'duplicate-emails',
  needs: ['users'],
  find: ({ users }, { side }) => {
    const { values, users: holders } = users.duplicateEmails;
    if (values === 0) return undefined;
    return {
      severity: 'warning',
      title: `Several users of the ${side} pool share an e-mail address`,
      seen: `${counted(values, 'address', 'addresses')} with ${counted(holders, 'user')}.`,
      why: 'By e-mail nobody can tell which of them is meant: plan reports them as ambiguous or duplicate and writes nothing. A pool that signs in with e-mail can hold only one of them.',
      fix: 'Most are one person with a password and a provider: link them (admin-link-provider-for-user) or delete the unused account before the move. For the rest a file of pairs: cognito-cutover plan --mapping FILE.',
      docs: guide('cognito-user-pools-identity-federation-consolidate-users'),
    };
  },
});
