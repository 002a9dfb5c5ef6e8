import { checkPair } from '../check.js';
import {
  clientLabel,
  defaultReadList,
  defaultWriteList,
  hasList,
  isMachineClient,
  listNote,
  pairClients,
} from '../clients.js';
import { guide } from '../docs.js';
import { awsCall } from '../fix.js';
import type { AppClient, PoolSettings } from '../snapshot.js';
import { counted, listed } from '../words.js';

export const clientsMissing = checkPair({
  id: 'clients-missing',
  needs: { legacy: ['clients'], new: ['settings', 'clients'] },
  find: (legacy, newPool, { options: { attribute, providerMap } }) => {
    const { unpaired } = pairClients(legacy.clients, newPool.clients);
    if (unpaired.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients have no counterpart in the new pool',
      seen: `${counted(unpaired.length, 'legacy app client')} without one of the same name: ${listed(unpaired.map(clientLabel))}.`,
      why: 'An application needs an app client in each pool it signs in to; machine clients need a new id and secret as well.',
      fix: `${unpaired
        .map((client) => {
          const identityProviders = client.identityProviders.map((name) => providerMap[name] ?? name);
          const creation = creationOf({ ...client, identityProviders }, newPool.settings, attribute);
          return awsCall(newPool, 'create-user-pool-client', creation);
        })
        .join('\n')}${unpaired.every(hasBothLists) ? '' : listNote(newPool.settings, attribute)}`,
      docs: guide('user-pool-settings-client-apps'),
    };
  },
});

const hasBothLists = (client: AppClient): boolean => hasList(client.readAttributes) && hasList(client.writeAttributes);

/** The legacy client as the new pool may have it: able to read the attribute, and never to write it. */
function creationOf(client: AppClient, { schema }: PoolSettings, attribute: string) {
  const known = new Set(schema.map(({ name }) => name)).add(attribute);
  const settings = { schema };
  const read = hasList(client.readAttributes) ? client.readAttributes : defaultReadList(settings);
  const write = hasList(client.writeAttributes) ? client.writeAttributes : defaultWriteList(settings);
  const attributes = isMachineClient(client)
    ? {}
    : { 'read-attributes': [...new Set([...read.filter((name) => known.has(name)), attribute])] };
  return {
    'client-name': client.name,
    ...(client.hasSecret ? { 'generate-secret': true as const } : {}),
    'explicit-auth-flows': client.authFlows,
    ...(client.oauthFlows.length > 0 ? { 'allowed-o-auth-flows-user-pool-client': true as const } : {}),
    'allowed-o-auth-flows': client.oauthFlows,
    'allowed-o-auth-scopes': client.oauthScopes,
    'callback-urls': client.callbackUrls,
    'logout-urls': client.logoutUrls,
    'supported-identity-providers': client.identityProviders,
    ...attributes,
    'write-attributes': write.filter((name) => known.has(name) && name !== attribute),
    'access-token-validity': client.accessTokenSeconds,
    'id-token-validity': client.idTokenSeconds,
    'refresh-token-validity': client.refreshTokenSeconds,
    'token-validity-units': 'AccessToken=seconds,IdToken=seconds,RefreshToken=seconds',
  };
}
