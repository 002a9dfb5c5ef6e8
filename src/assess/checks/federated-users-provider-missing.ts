import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { guide } from '../finding.js';

export const federatedUsersProviderMissing = checkPair({
  id: 'federated-users-provider-missing',
  needs: { legacy: ['users'], new: ['providers'] },
  find: (legacy, newPool, { options: { providerMap } }) => {
    const present = newPool.providers.map(({ name }) => name);
    const missing = Object.entries(legacy.users.byProvider).filter(
      ([name, amount]) => amount > 0 && !present.includes(providerMap[name] ?? name),
    );
    if (missing.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: 'The new pool lacks identity providers that users sign in with',
      seen: `${missing.map(([name, amount]) => `${name}: ${counted(amount, 'user')}`).join(', ')}. The new pool has: ${present.join(', ') || 'none'}.`,
      why: 'These users have no password in Cognito. Without their provider they cannot sign in to the new pool.',
      fix: 'Create the identity provider in the new pool (create-identity-provider, with the details that describe-identity-provider shows in the legacy pool). If it only has a different name: --provider-map Old=New.',
      docs: guide('cognito-user-pools-identity-provider'),
    };
  },
});
