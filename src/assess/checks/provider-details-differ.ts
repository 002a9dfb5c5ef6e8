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
      title: 'Identity providers are set up differently',
      seen: `Differing: ${differing.join('; ')}.`,
      why: 'Some providers give a user another id for another client or team (Facebook, Apple, many OIDC and SAML providers): the user cannot then be recognised by provider identity.',
      fix: "Use the same client id, team or entity at the provider, and add the new pool's callback address there; or test with one user that the id in the identities attribute is the same in both pools.",
      docs: guide('cognito-user-pools-identity-provider'),
    };
  },
});
