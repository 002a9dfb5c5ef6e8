import { checkPair } from '../check.js';
import { clientLabel, pairClients } from '../clients.js';
import { guide } from '../docs.js';
import { clientUpdates } from '../fix.js';
import { listed } from '../words.js';

export const clientFlowsMissing = checkPair({
  id: 'client-flows-missing',
  needs: { legacy: ['clients'], new: ['clients'] },
  find: (legacy, newPool) => {
    const changes = pairClients(legacy.clients, newPool.clients).pairs.flatMap(({ legacy: before, new: client }) => {
      const flows = before.authFlows.filter((flow) => !client.authFlows.includes(flow));
      const oauth = before.oauthFlows.filter((flow) => !client.oauthFlows.includes(flow));
      return flows.length + oauth.length === 0 ? [] : [{ client, flows, oauth }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients allow fewer ways of signing in',
      seen: `${listed(changes.map(({ client, flows, oauth }) => `${clientLabel(client)} lacks ${[...flows, ...oauth].join(', ')}`))}.`,
      why: 'An application that uses one of these flows gets an error from the new pool.',
      fix: clientUpdates(
        newPool,
        changes.map(({ client, flows, oauth }) => ({
          client,
          change: [
            ...(flows.length > 0 ? [`.ExplicitAuthFlows += ${JSON.stringify(flows)}`] : []),
            ...(oauth.length > 0
              ? [`.AllowedOAuthFlows += ${JSON.stringify(oauth)} | .AllowedOAuthFlowsUserPoolClient = true`]
              : []),
          ].join(' | '),
        })),
      ),
      docs: guide('amazon-cognito-user-pools-authentication-flow-methods'),
    };
  },
});
