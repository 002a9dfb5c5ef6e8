import { counted, listed } from '../../words.js';
import { checkPool } from '../define-check.js';
import { clientLabel } from '../facts/app-clients.js';
import { hasList, mappedAttributes } from '../facts/attributes.js';
import { guide } from '../finding.js';
import { added } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

export const mappedAttributeNotWritable = checkPool({
  id: 'mapped-attribute-not-writable',
  side: 'new',
  needs: ['clients', 'providers'],
  find: (pool, { options: { attribute } }) => {
    const broken = pool.clients.flatMap((client) => {
      const { writeAttributes } = client;
      if (!hasList(writeAttributes)) return [];
      const absent = mappedAttributes(client, pool.providers, attribute).filter(
        (name) => !writeAttributes.includes(name),
      );
      return absent.length === 0 ? [] : [{ client, absent }];
    });
    if (broken.length === 0) return undefined;
    return {
      severity: 'blocker',
      title: 'Sign-in through an identity provider fails for some app clients',
      seen: `${counted(broken.length, 'app client')} cannot write attributes that the mappings of identity providers fill: ${listed(
        broken.map(({ client, absent }) => `${clientLabel(client)} lacks ${absent.join(', ')}`),
      )}.`,
      why: 'At every federated sign-in, Cognito writes the mapped attributes with the permissions of the app client. If the client cannot write one of them, the sign-in fails.',
      fix: clientUpdates(
        pool,
        broken.map(({ client, absent }) => ({ client, change: added('.WriteAttributes', absent) })),
      ),
      docs: guide('cognito-user-pools-specifying-attribute-mapping'),
    };
  },
});
