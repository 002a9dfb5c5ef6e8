import { counted, listed } from '../../words.js';
import { checkPool } from '../define-check.js';
import { clientLabel, isMachineClient } from '../facts/app-clients.js';
import { hasList } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { added } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

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
      seen: `The read list of ${counted(blind.length, 'app client')} lacks it: ${listed(blind.map(clientLabel))}.`,
      why: 'An ID token carries only the attributes that its app client can read. The ID tokens of these clients carry no legacy id, and APIs refuse them. Skip clients whose ID tokens are never sent to an API.',
      fix: clientUpdates(
        pool,
        blind.map((client) => ({ client, change: added('.ReadAttributes', [attribute]) })),
      ),
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
