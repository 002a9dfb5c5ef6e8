import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';

export const clientSecretDiffers = checkPair({
  id: 'client-secret-differs',
  needs: { legacy: ['clients'], new: ['clients'] },
  find: (legacy, newPool) => {
    const { pairs } = pairClients(legacy.clients, newPool.clients);
    const differing = pairs.filter(({ legacy: before, new: after }) => before.hasSecret !== after.hasSecret);
    if (differing.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients have a secret in one pool only',
      seen: `${listed(differing.map(({ new: after }) => `${clientLabel(after)} ${after.hasSecret ? 'has a secret in the new pool only' : 'has a secret in the legacy pool only'}`))}.`,
      why: 'A browser or mobile application cannot keep a secret. Cognito refuses an application that sends a secret to a client without one, or no secret to a client with one. Whether a client has a secret is fixed when it is created.',
      fix: 'Create the client again, with --generate-secret only if the application needs it, and delete this one.',
      docs: guide('user-pool-settings-client-apps'),
    };
  },
});
