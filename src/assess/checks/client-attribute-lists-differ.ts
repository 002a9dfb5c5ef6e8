import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, pairClients } from '../facts/app-clients.js';
import { hasList } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { added } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

export const clientAttributeListsDiffer = checkPair({
  id: 'client-attribute-lists-differ',
  needs: { legacy: ['clients'], new: ['settings', 'clients'] },
  find: (legacy, newPool, { options: { attribute } }) => {
    const exists = (name: string) => name !== attribute && newPool.settings.schema.some((one) => one.name === name);
    const lost = (before: readonly string[] | null, after: readonly string[] | null) =>
      hasList(before) && hasList(after) ? before.filter((name) => exists(name) && !after.includes(name)) : [];
    const changes = pairClients(legacy.clients, newPool.clients).pairs.flatMap(({ legacy: before, new: client }) => {
      const read = lost(before.readAttributes, client.readAttributes);
      const write = lost(before.writeAttributes, client.writeAttributes);
      return read.length + write.length === 0 ? [] : [{ client, read, write }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'App clients can read or write fewer attributes in the new pool',
      seen: `${listed(
        changes.map(({ client, read, write }) => {
          const parts = [
            ...(read.length > 0 ? [`cannot read ${read.join(', ')}`] : []),
            ...(write.length > 0 ? [`cannot write ${write.join(', ')}`] : []),
          ];
          return `${clientLabel(client)} ${parts.join(' and ')}`;
        }),
      )}.`,
      why: 'Claims are missing from ID tokens, and profile changes are refused.',
      fix: clientUpdates(
        newPool,
        changes.map(({ client, read, write }) => ({
          client,
          change: [
            ...(read.length > 0 ? [added('.ReadAttributes', read)] : []),
            ...(write.length > 0 ? [added('.WriteAttributes', write)] : []),
          ].join(' | '),
        })),
      ),
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
