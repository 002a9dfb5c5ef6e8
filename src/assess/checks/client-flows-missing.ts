import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, currentFlows, pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { added, flowsAdded } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';
import type { AppClient } from '../snapshot/pool-snapshot.js';

export const clientFlowsMissing = checkPair({
  id: 'client-flows-missing',
  needs: { legacy: ['clients'], new: ['clients'] },
  uses: { legacy: ['settings'] },
  find: (legacy, newPool) => {
    const triggers = legacy.settings?.triggers.map(({ name }) => name);
    // Custom sign-in is on by default, but does nothing without its trigger.
    const unused = triggers?.includes('DefineAuthChallenge') === false ? ['ALLOW_CUSTOM_AUTH'] : [];
    const changes = pairClients(legacy.clients, newPool.clients).pairs.flatMap(({ legacy: before, new: client }) => {
      const present = currentFlows(client);
      const flows = currentFlows(before).filter(
        (flow) => !present.includes(flow) && !unused.includes(flow) && !rotated(client, flow),
      );
      const oauth = before.oauthFlows.filter((flow) => !client.oauthFlows.includes(flow));
      return flows.length + oauth.length === 0 ? [] : [{ client, flows, oauth }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients allow fewer authentication flows',
      seen: `${listed(changes.map(({ client, flows, oauth }) => `${clientLabel(client)} lacks ${[...flows, ...oauth].join(', ')}`))}.`,
      why: 'An application that uses one of these flows gets an error from the new pool.',
      fix: clientUpdates(
        newPool,
        changes.map(({ client, flows, oauth }) => ({
          client,
          change: [
            ...(flows.length > 0 ? [flowsAdded(client, flows)] : []),
            ...(oauth.length > 0
              ? [added('.AllowedOAuthFlows', oauth), '.AllowedOAuthFlowsUserPoolClient = true']
              : []),
          ].join(' | '),
        })),
      ),
      docs: guide('amazon-cognito-user-pools-authentication-flow-methods'),
    };
  },
});

/** Refresh token rotation replaces the refresh flow. */
const rotated = ({ refreshTokenRotation }: AppClient, flow: string): boolean =>
  refreshTokenRotation && flow === 'ALLOW_REFRESH_TOKEN_AUTH';
