import { checkPool } from '../check.js';
import {
  clientLabel,
  defaultWriteList,
  hasList,
  leastWriteList,
  listNote,
  mappedAttributes,
  mayWrite,
} from '../clients.js';
import { guide } from '../docs.js';
import { removed } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';
import { counted, listed } from '../words.js';

export const attributeWritable = checkPool({
  id: 'attribute-writable',
  side: 'new',
  needs: ['settings', 'clients'],
  uses: ['providers'],
  find: (pool, { options: { attribute } }) => {
    const writers = pool.clients.filter((client) => mayWrite(client, attribute));
    if (writers.length === 0) return undefined;
    const unlisted = writers.filter((client) => !hasList(client.writeAttributes));
    const listOf = (client: (typeof writers)[number]) =>
      hasList(client.writeAttributes)
        ? leastWriteList(pool.settings)
        : [
            ...new Set([
              ...defaultWriteList(pool.settings),
              ...mappedAttributes(client, pool.providers ?? [], attribute),
            ]),
          ].filter((name) => name !== attribute);
    return {
      severity: 'blocker',
      title: `Users can write ${attribute} themselves`,
      seen: `Written by ${counted(writers.length, 'app client')}: ${listed(
        writers.map(
          (client) => `${clientLabel(client)}${hasList(client.writeAttributes) ? '' : ', which has no write list'}`,
        ),
      )}.`,
      why: `Whoever can write ${attribute} becomes any legacy user they like, by SignUp or by UpdateUserAttributes with their own access token. One such client in the pool is enough. A client without a list counts as allowed to write everything.`,
      fix: `${clientUpdates(
        pool,
        writers.map((client) => ({ client, change: removed('.WriteAttributes', [attribute], listOf(client)) })),
      )}${unlisted.length === 0 ? '' : listNote(pool.settings, attribute)}${
        unlisted.length > 0 && pool.providers === undefined
          ? "\n# Add what the mappings of identity providers fill, too: they could not be read, and a client that may not write it fails these providers' sign-ins."
          : ''
      }`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
