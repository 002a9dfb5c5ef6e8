import { checkPool } from '../check.js';
import { clientLabel, defaultWriteList, hasList, listNote, mayWrite } from '../clients.js';
import { guide } from '../docs.js';
import { clientUpdates } from '../fix.js';
import { counted, listed } from '../words.js';

export const attributeWritable = checkPool({
  id: 'attribute-writable',
  side: 'new',
  needs: ['settings', 'clients'],
  find: (pool, { options: { attribute } }) => {
    const writers = pool.clients.filter((client) => mayWrite(client, attribute));
    if (writers.length === 0) return undefined;
    const allowed = defaultWriteList(pool.settings).filter((name) => name !== attribute);
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
        writers.map((client) => ({
          client,
          change: hasList(client.writeAttributes)
            ? `.WriteAttributes -= [${JSON.stringify(attribute)}]`
            : `.WriteAttributes = ${JSON.stringify(allowed)}`,
        })),
      )}${writers.every((client) => hasList(client.writeAttributes)) ? '' : listNote(pool.settings, attribute)}`,
      docs: guide('user-pool-settings-attributes'),
    };
  },
});
