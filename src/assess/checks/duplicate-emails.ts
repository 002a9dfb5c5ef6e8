import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

export const duplicateEmails = checkPool({
  id: 'duplicate-emails',
  needs: ['users'],
  find: ({ users }, { side }) => {
    const { values, users: holders } = users.duplicateEmails;
    if (values === 0) return undefined;
    return {
      severity: 'warning',
      title: `Several users of the ${side} pool share an e-mail address`,
      seen: `${counted(holders, 'user')} share ${counted(values, 'address', 'addresses')}.`,
      why: 'A shared address does not identify a user: plan reports these users as ambiguous or duplicate and writes nothing for them. A pool that signs users in with their e-mail address can hold only one of them.',
      fix: 'Most of them are one person with a password and an identity provider: link the accounts (admin-link-provider-for-user) or delete the unused one before the move. For the others, list the pairs of users in a file: cognito-cutover plan --mapping FILE.',
      docs: guide('cognito-user-pools-identity-federation-consolidate-users'),
    };
  },
});
