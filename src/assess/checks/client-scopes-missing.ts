import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { added } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

export const clientScopesMissing = checkPair({
  id: 'client-scopes-missing',
  needs: { legacy: ['clients'], new: ['clients'] },
  uses: { legacy: ['resourceServers'] },
  find: (legacy, newPool) => {
    const managed = (legacy.resourceServers ?? []).filter(({ managedByCognito }) => managedByCognito);
    const ofCognito = (scope: string) => managed.some(({ identifier }) => scope.startsWith(`${identifier}/`));
    const changes = pairClients(legacy.clients, newPool.clients).pairs.flatMap(({ legacy: before, new: client }) => {
      const lost = before.oauthScopes.filter((scope) => !client.oauthScopes.includes(scope) && !ofCognito(scope));
      return lost.length === 0 ? [] : [{ client, lost, flows: before.oauthFlows }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients can request fewer scopes',
      seen: `${listed(changes.map(({ client, lost }) => `${clientLabel(client)} lacks ${lost.join(', ')}`))}.`,
      why: 'A request for a scope that is not allowed for the client fails (invalid_scope). APIs refuse tokens without the scopes that they require.',
      fix: clientUpdates(
        newPool,
        changes.map(({ client, lost, flows }) => ({
          client,
          change: [
            added('.AllowedOAuthScopes', lost),
            // Without OAuth a client has no scopes.
            ...(client.oauthFlows.length === 0
              ? [added('.AllowedOAuthFlows', flows), '.AllowedOAuthFlowsUserPoolClient = true']
              : []),
          ].join(' | '),
        })),
      ),
      docs: guide('cognito-user-pools-define-resource-servers'),
    };
  },
});
