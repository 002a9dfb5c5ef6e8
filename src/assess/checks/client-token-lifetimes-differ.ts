import { listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import { clientLabel, pairClients } from '../facts/app-clients.js';
import { guide } from '../finding.js';
import { clientUpdates } from '../fix/updates.js';

const LIFETIMES = [
  ['access', 'accessTokenSeconds', 'AccessToken'],
  ['ID', 'idTokenSeconds', 'IdToken'],
  ['refresh', 'refreshTokenSeconds', 'RefreshToken'],
] as const;

export const clientTokenLifetimesDiffer = checkPair({
  id: 'client-token-lifetimes-differ',
  needs: { legacy: ['clients'], new: ['clients'] },
  find: (legacy, newPool) => {
    const changes = pairClients(legacy.clients, newPool.clients).pairs.flatMap(({ legacy: before, new: client }) => {
      const differing = LIFETIMES.filter(([, key]) => before[key] !== client[key]);
      return differing.length === 0 ? [] : [{ before, client, differing }];
    });
    if (changes.length === 0) return undefined;
    return {
      severity: 'info',
      title: 'Token lifetimes differ between the pools',
      seen: `${listed(
        changes.map(
          ({ before, client, differing }) =>
            `${clientLabel(client)}: ${differing.map(([name, key]) => `${name} ${client[key]} s instead of ${before[key]} s`).join(', ')}`,
        ),
      )}.`,
      why: 'Users are signed out sooner than before, or stay signed in for longer.',
      fix: clientUpdates(
        newPool,
        changes.map(({ before, client, differing }) => ({
          client,
          change: differing
            .map(([, key, field]) => `.${field}Validity = ${before[key]} | .TokenValidityUnits.${field} = "seconds"`)
            .join(' | '),
        })),
      ),
      docs: guide('amazon-cognito-user-pools-using-tokens-with-identity-providers'),
    };
  },
});
