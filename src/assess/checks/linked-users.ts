import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

export const linkedUsers = checkPool({
  id: 'linked-users',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    if (users.linked === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Users with several ways in',
      seen: `Linked to an identity provider besides their password, or to several providers: ${counted(users.linked, 'user')}.`,
      why: 'Links do not move. At the first sign-in through the other way such a user becomes a second, new user of the new pool, without a legacy id.',
      fix: 'Link them again in the new pool before their first federated sign-in (admin-link-provider-for-user, from the identities attribute), or in a pre sign-up trigger for PreSignUp_ExternalProvider.',
      docs: guide('cognito-user-pools-identity-federation-consolidate-users'),
    };
  },
});
