import { checkPool } from '../define-check.js';
import { clientLabel, isMachineClient } from '../facts/app-clients.js';
import { hasList } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { added } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';
import { counted, listed } from '../words.js';

export const attributeNotReadable = checkPool({
  id: 'attribute-not-readable',
  side: 'new',
  needs: ['clients'],
  find: (pool, { options: { attribute, tokenUse } }) => {
    if (tokenUse === 'access') return undefined;
    const blind = pool.clients.filter(
      (client) =>
        !isMachineClient(client) && hasList(client.readAttributes) && !client.readAttributes.includes(attribute),
    );
    if (blind.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: `App clients cannot read ${attribute}`,
      seen: `Signing people in with a read list without it: ${counted(blind.length, 'app client')}: ${listed(blind.map(clientLabel))}.`,
      why: 'An ID token carries only what its client may read: these tokens have no legacy id, and the API refuses them. Leave out clients whose ID tokens no API sees.',
      fix: clientUpdates(
        pool,
        blind.map((client) => ({ client, change: added('.ReadAttributes', [attribute]) })),
      ),
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
