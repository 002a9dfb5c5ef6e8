import { counted, listed } from '../../words.js';
import { type Check, checkPool } from '../define-check.js';
import { clientLabel } from '../facts/app-clients.js';
import {
  defaultWriteList,
  hasList,
  leastWriteList,
  listNote,
  mappedByProvider,
  mayWrite,
} from '../facts/attributes.js';
import { guide } from '../finding.js';
import { notWritable } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';
import type { IdentityProvider } from '../snapshot/pool-snapshot.js';

const ID = 'attribute-writable';

/** `legacyProviders`: the new pool's providers will fill the same attributes. */
const checkWith = (legacyProviders: readonly IdentityProvider[]): Check =>
  checkPool({
    id: ID,
    side: 'new',
    needs: ['settings', 'clients'],
    uses: ['providers'],
    find: (pool, { options: { attribute, providerMap } }) => {
      const writers = pool.clients.filter((client) => mayWrite(client, attribute));
      if (writers.length === 0) return undefined;
      const unlisted = writers.filter((client) => !hasList(client.writeAttributes));
      const named = legacyProviders.map((one) => ({ ...one, name: providerMap[one.name] ?? one.name }));
      const filled = mappedByProvider([...(pool.providers ?? []), ...named], pool.settings, attribute);
      const standard = defaultWriteList(pool.settings).filter((name) => name !== attribute);
      return {
        severity: 'blocker',
        title: `Users can write ${attribute} themselves`,
        seen: `${counted(writers.length, 'app client')} can write it: ${listed(
          writers.map(
            (client) => `${clientLabel(client)}${hasList(client.writeAttributes) ? '' : ', without a write list'}`,
          ),
        )}.`,
        why: `Anyone who can write ${attribute} can become any legacy user, with SignUp or with UpdateUserAttributes and their own access token. One such client in the pool is enough. A client without a write list is treated as allowed to write everything.`,
        fix: `${clientUpdates(
          pool,
          writers.map((client) => ({
            client,
            change: notWritable(
              attribute,
              hasList(client.writeAttributes) ? leastWriteList(pool.settings) : standard,
              filled,
            ),
          })),
        )}${unlisted.length === 0 ? '' : listNote(pool.settings, attribute)}${
          unlisted.length > 0 && pool.providers === undefined
            ? '\n# The identity providers could not be read. Also add the attributes that their mappings fill: if a client cannot write them, sign-ins through these providers fail.'
            : ''
        }`,
        docs: guide('user-pool-settings-attributes'),
      };
    },
  });

export const attributeWritable: Check = {
  id: ID,
  run: (snapshot, context) => {
    const legacy = snapshot.legacy.flatMap(({ providers }) => (providers.known === 'yes' ? providers.value : []));
    return checkWith(legacy).run(snapshot, context);
  },
};
