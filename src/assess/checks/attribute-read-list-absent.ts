import { counted, listed } from '../../words.js';
import { checkPool } from '../define-check.js';
import { clientLabel, isMachineClient } from '../facts/app-clients.js';
import { defaultReadList, hasList, listNote } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { addedOr } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

export const attributeReadListAbsent = checkPool({
  id: 'attribute-read-list-absent',
  side: 'new',
  needs: ['settings', 'clients'],
  find: (pool, { options: { attribute, tokenUse } }) => {
    if (tokenUse === 'access') return undefined;
    const unlisted = pool.clients.filter((client) => !isMachineClient(client) && !hasList(client.readAttributes));
    if (unlisted.length === 0) return undefined;
    return {
      severity: 'warning',
      title: `It is not certain that every app client can read ${attribute}`,
      seen: `No read list is set for ${counted(unlisted.length, 'app client')}: ${listed(unlisted.map(clientLabel))}.`,
      why: "AWS's documentation contradicts itself on whether a client without a read list can read custom attributes. If it cannot, its ID tokens carry no legacy id.",
      fix: `${clientUpdates(
        pool,
        unlisted.map((client) => ({
          client,
          change: addedOr('.ReadAttributes', [attribute], defaultReadList(pool.settings)),
        })),
      )}${listNote(pool.settings, attribute)}`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
