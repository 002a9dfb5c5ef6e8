import { counted } from '../../words.js';
import { checkPool } from '../define-check.js';
import { guide } from '../finding.js';

export const linkedUsers = checkPool({
  id: 'linked-users',
  side: 'legacy',
  needs: ['users'],
  find: ({ users }) => {
    if (users.linked === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Some users have more than one way to sign in',
      seen: `${counted(users.linked, 'user')} with a password and a linked identity provider, or with several linked providers.`,
      why: 'Links do not move. When such a user first signs in the other way, Cognito creates a second user in the new pool, without a legacy id.',
      fix: 'Link them again in the new pool before their first federated sign-in (admin-link-provider-for-user, with the values of the identities attribute), or in a pre sign-up trigger for PreSignUp_ExternalProvider.',
      docs: guide('cognito-user-pools-identity-federation-consolidate-users'),
    };
  },
});
