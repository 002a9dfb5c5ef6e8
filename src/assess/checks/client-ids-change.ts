import { checkPair } from '../define-check.js';
import { pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { counted } from '../words.js';

export const clientIdsChange = checkPair({
  id: 'client-ids-change',
  needs: { legacy: ['clients'], new: ['clients'] },
  find: (legacy, newPool) => {
    const { pairs } = pairClients(legacy.clients, newPool.clients);
    if (pairs.length === 0) return undefined;
    const aliases = Object.fromEntries(pairs.map(({ legacy: before, new: after }) => [after.id, before.id]));
    return {
      severity: 'info',
      title: 'Every app client has another id in the new pool',
      seen: `${counted(pairs.length, 'application')} recognised by the name of the app client.`,
      why: 'Applications have to be told the new id and secret. APIs that look at the client (rate limits, machine clients as owners of data) see a stranger.',
      fix: `The verifier reports the old id where newPool.clientAliases says so:\nclientAliases: ${JSON.stringify(aliases, undefined, 2)}`,
      docs: guide('user-pool-settings-client-apps'),
    };
  },
});
