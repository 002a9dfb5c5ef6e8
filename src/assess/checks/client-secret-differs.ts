import { checkPair } from '../define-check.js';
import { clientLabel, pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { listed } from '../words.js';

export const clientSecretDiffers = checkPair({
  id: 'client-secret-differs',
  needs: { legacy: ['clients'], new: ['clients'] },
  find: (legacy, newPool) => {
    const { pairs } = pairClients(legacy.clients, newPool.clients);
    const differing = pairs.filter(({ legacy: before, new: after }) => before.hasSecret !== after.hasSecret);
    if (differing.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients with a secret in one pool only',
      seen: `${listed(differing.map(({ new: after }) => `${clientLabel(after)} ${after.hasSecret ? 'has a secret now' : 'has none any more'}`))}.`,
      why: 'An application in a browser or on a phone cannot keep a secret; one that sends a secret to a client without one is refused, and the other way round. A client gets its kind when it is created.',
      fix: 'Create the client again with or without --generate-secret, as the application needs it, and delete this one.',
      docs: guide('user-pool-settings-client-apps'),
    };
  },
});
