import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { added } from '../fix/changes.js';
import { clientUpdates } from '../fix/updates.js';

export const clientUrlsMissing = checkPair({
  id: 'client-urls-missing',
  needs: { legacy: ['clients'], new: ['clients'] },
  find: (legacy, newPool) => {
    const changes = pairClients(legacy.clients, newPool.clients).pairs.flatMap(({ legacy: before, new: client }) => {
      const callback = before.callbackUrls.filter((url) => !client.callbackUrls.includes(url));
      const logout = before.logoutUrls.filter((url) => !client.logoutUrls.includes(url));
      return callback.length + logout.length === 0 ? [] : [{ client, callback, logout }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'Callback or sign-out URLs are missing',
      seen: `${listed(changes.map(({ client, callback, logout }) => `${clientLabel(client)} lacks ${listed([...callback, ...logout])}`))}.`,
      why: 'Cognito does not redirect users to a URL that is not on the list (redirect_mismatch).',
      fix: clientUpdates(
        newPool,
        changes.map(({ client, callback, logout }) => ({
          client,
          change: [
            ...(callback.length > 0 ? [added('.CallbackURLs', callback)] : []),
            ...(logout.length > 0 ? [added('.LogoutURLs', logout)] : []),
          ].join(' | '),
        })),
      ),
      docs: guide('user-pool-settings-client-apps'),
    };
  },
});
