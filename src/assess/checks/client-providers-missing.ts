import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, pairClients } from '../facts/app-clients.js';
import { mappedAttributes } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { added, writableToo } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

export const clientProvidersMissing = checkPair({
  id: 'client-providers-missing',
  needs: { legacy: ['clients'], new: ['clients', 'providers'] },
  find: (legacy, newPool, { options: { attribute, providerMap } }) => {
    const existing = ['COGNITO', ...newPool.providers.map(({ name }) => name)];
    const changes = pairClients(legacy.clients, newPool.clients).pairs.flatMap(({ legacy: before, new: client }) => {
      // A provider that the pool does not have at all is a finding of its own.
      const lost = before.identityProviders
        .map((name) => providerMap[name] ?? name)
        .filter((name) => existing.includes(name) && !client.identityProviders.includes(name));
      return lost.length === 0 ? [] : [{ client, lost }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients offer fewer identity providers',
      seen: `${listed(changes.map(({ client, lost }) => `${clientLabel(client)} lacks ${lost.join(', ')}`))}.`,
      why: 'The sign-in page of the application does not offer them, so users of these providers cannot sign in.',
      fix: clientUpdates(
        newPool,
        changes.map(({ client, lost }) => ({
          client,
          change: [
            added('.SupportedIdentityProviders', lost),
            // Cognito writes mapped attributes with the permissions of the client.
            writableToo(mappedAttributes({ identityProviders: lost }, newPool.providers, attribute)),
          ].join(' | '),
        })),
      ),
      docs: guide('cognito-user-pools-identity-provider'),
    };
  },
});
