import { counted, listed } from '../../words.js';
import { checkPair } from '../define-check.js';
import {
  clientLabel,
  currentFlows,
  isAdminOnly,
  isMachineClient,
  MIGRATION_CLIENT_NAME,
  pairClients,
} from '../facts/app-clients.js';
import {
  defaultReadList,
  defaultWriteList,
  hasList,
  leastWriteList,
  listNote,
  mappedAttributes,
} from '../facts/attributes.js';
import { guide } from '../finding.js';
import { awsCall } from '../fix/calls.js';
import type { AppClient, IdentityProvider, PoolSettings } from '../snapshot/pool-snapshot.js';

export const clientsMissing = checkPair({
  id: 'clients-missing',
  needs: { legacy: ['clients'], new: ['settings', 'clients'] },
  uses: { new: ['providers'] },
  find: (legacy, newPool, { options: { attribute, providerMap } }) => {
    const unpaired = pairClients(legacy.clients, newPool.clients).unpaired.filter(
      (client) => !(client.name === MIGRATION_CLIENT_NAME && isAdminOnly(client)) && !servesAnotherPool(client),
    );
    const adminOnly = unpaired.filter(isAdminOnly);
    if (unpaired.length === 0) return undefined;
    return {
      severity: 'warning',
      title: 'App clients have no counterpart in the new pool',
      seen: `The new pool has no app client of the same name for ${counted(unpaired.length, 'legacy app client')}: ${listed(unpaired.map(clientLabel))}.`,
      why: 'An application needs an app client in each pool that it signs users in to. Machine clients need a new id and secret too.',
      fix: `${unpaired
        .map((client) => {
          const identityProviders = client.identityProviders.map((name) => providerMap[name] ?? name);
          const creation = creationOf({ ...client, identityProviders }, newPool, attribute);
          return awsCall(newPool, 'create-user-pool-client', creation);
        })
        .join('\n')}${unpaired.every(hasBothLists) ? '' : listNote(newPool.settings, attribute)}${
        adminOnly.length === 0
          ? ''
          : `\n# ${listed(adminOnly.map(clientLabel))}: the new pool does not need a client that only the migration trigger uses.`
      }`,
      docs: guide('user-pool-settings-client-apps'),
    };
  },
});

/** The client of another user pool that uses the legacy pool as its identity provider. */
const servesAnotherPool = ({ callbackUrls }: AppClient): boolean =>
  callbackUrls.length > 0 && callbackUrls.every((url) => url.endsWith('/oauth2/idpresponse'));

const hasBothLists = (client: AppClient): boolean => hasList(client.readAttributes) && hasList(client.writeAttributes);

/** The legacy client as the new pool should have it: it can read the attribute and never write it. */
function creationOf(
  client: AppClient,
  {
    settings: { schema },
    providers = [],
  }: { readonly settings: PoolSettings; readonly providers: readonly IdentityProvider[] | undefined },
  attribute: string,
) {
  const known = new Set(schema.map(({ name }) => name)).add(attribute);
  const settings = { schema };
  const read = hasList(client.readAttributes) ? client.readAttributes : defaultReadList(settings);
  const write = hasList(client.writeAttributes)
    ? client.writeAttributes
    : [...new Set([...defaultWriteList(settings), ...mappedAttributes(client, providers, attribute)])];
  const allowed = write.filter((name) => known.has(name) && name !== attribute);
  const attributes = isMachineClient(client)
    ? {}
    : { 'read-attributes': [...new Set([...read.filter((name) => known.has(name)), attribute])] };
  return {
    'client-name': client.name,
    ...(client.hasSecret ? { 'generate-secret': true as const } : {}),
    'explicit-auth-flows': currentFlows(client),
    ...(client.refreshTokenRotation ? { 'refresh-token-rotation': 'Feature=ENABLED' } : {}),
    ...(client.oauthFlows.length > 0 ? { 'allowed-o-auth-flows-user-pool-client': true as const } : {}),
    'allowed-o-auth-flows': client.oauthFlows,
    'allowed-o-auth-scopes': client.oauthScopes,
    'callback-urls': client.callbackUrls,
    'logout-urls': client.logoutUrls,
    'supported-identity-providers': client.identityProviders,
    ...attributes,
    'write-attributes': allowed.length > 0 ? allowed : leastWriteList(settings),
    'access-token-validity': client.accessTokenSeconds,
    'id-token-validity': client.idTokenSeconds,
    'refresh-token-validity': client.refreshTokenSeconds,
    'token-validity-units': 'AccessToken=seconds,IdToken=seconds,RefreshToken=seconds',
  };
}
