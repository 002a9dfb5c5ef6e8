import { counted } from '../../words.js';
import { checkPair } from '../define-check.js';
import { pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';

export const clientIdsChange = checkPair({
  id: 'client-ids-change',
  needs: { legacy: ['clients'], new: ['clients'] },
  find: (legacy, newPool) => {
    const { pairs } = pairClients(legacy.clients, newPool.clients);
    if (pairs.length === 0) return undefined;
    const aliases = Object.fromEntries(pairs.map(({ legacy: before, new: after }) => [after.id, before.id]));
    return {
      severity: 'info',
      title: 'App clients have different ids in the new pool',
      seen: `${counted(pairs.length, 'app client')} with the same name in both pools.`,
      why: 'Applications need the new id and secret. APIs that use the client id (rate limits, data that belongs to machine clients) do not recognise the new one.',
      fix: `Set newPool.clientAliases, so that the verifier reports the legacy client ids:\nclientAliases: ${JSON.stringify(aliases, undefined, 2)}`,
      docs: guide('user-pool-settings-client-apps'),
    };
  },
});
