import { checkPair } from '../define-check.js';
import { pairProviders } from '../facts/providers.js';
import { guide } from '../finding.js';

export const providerDetailsDiffer = checkPair({
  id: 'provider-details-differ',
  needs: { legacy: ['providers'], new: ['providers'] },
  find: (legacy, newPool, { options: { providerMap } }) => {
    const differing = pairProviders(legacy.providers, newPool.providers, providerMap).flatMap(
      ({ legacy: before, new: after }) => {
        const keys = Object.keys({ ...before.details, ...after.details }).filter(
          (key) => before.details[key] !== after.details[key],
        );
        if (before.type !== after.type) keys.unshift('type');
        return keys.length === 0 ? [] : [`${after.name} (${keys.join(', ')})`];
      },
    );
    if (differing.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Identity providers are configured differently',
      seen: `Settings that differ: ${differing.join('; ')}.`,
      why: 'Some providers (Facebook, Apple, many OIDC and SAML providers) give a user a different id for each client or team. plan cannot match such a user by provider identity.',
      fix: "Use the same client id, team or entity id at the provider, and add the new pool's callback URL there. Or test with one user whether the id in the identities attribute is the same in both pools.",
      docs: guide('cognito-user-pools-identity-provider'),
    };
  },
});
