import { currentFlows } from './flows.js';
import { customAttributes } from './schema.js';
import type { AppClient, IdentityProvider, PoolSettings, SchemaAttribute } from './snapshot.js';
import { listed } from './words.js';

/** App clients of the two pools that are one application, recognised by a name that is unique in both. */
export interface ClientPairs {
  readonly pairs: readonly { readonly legacy: AppClient; readonly new: AppClient }[];
  /** Legacy clients without a counterpart. */
  readonly unpaired: readonly AppClient[];
}

export function pairClients(legacy: readonly AppClient[], newClients: readonly AppClient[]): ClientPairs {
  const byName = uniqueByName(newClients);
  const unique = uniqueByName(legacy);
  const pairs: { legacy: AppClient; new: AppClient }[] = [];
  const unpaired: AppClient[] = [];
  for (const client of legacy) {
    if (client.dynamic) continue;
    const counterpart = unique.has(client.name) ? byName.get(client.name) : undefined;
    if (counterpart === undefined) unpaired.push(client);
    else pairs.push({ legacy: client, new: counterpart });
  }
  return { pairs, unpaired };
}

function uniqueByName(clients: readonly AppClient[]): Map<string, AppClient> {
  const byName = new Map<string, AppClient>();
  const twice = new Set<string>();
  for (const client of clients) {
    if (client.dynamic) continue;
    if (byName.has(client.name)) twice.add(client.name);
    byName.set(client.name, client);
  }
  for (const name of twice) byName.delete(name);
  return byName;
}

/** Only machines get tokens from it. */
export const isMachineClient = ({ oauthFlows }: AppClient): boolean =>
  oauthFlows.length > 0 && oauthFlows.every((flow) => flow === 'client_credentials');

/** Uses the hosted pages: needs a domain. */
const usesHostedPages = ({ oauthFlows }: AppClient): boolean =>
  oauthFlows.includes('code') || oauthFlows.includes('implicit');

/** The user's password certainly reaches Cognito, which the user migration trigger needs: SRP keeps it away. */
export const sendsPassword = (client: AppClient): boolean =>
  usesHostedPages(client) ||
  currentFlows(client).some((flow) => ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH'].includes(flow));

/** Absent or empty: no list was set, and every attribute counts as allowed. */
export const hasList = (list: readonly string[] | null): list is readonly string[] => list !== null && list.length > 0;

export const mayWrite = (client: AppClient, attribute: string): boolean =>
  !hasList(client.writeAttributes) || client.writeAttributes.includes(attribute);

/** Attributes that only Cognito writes; UpdateUserPoolClient refuses them in a write list. */
const NEVER_WRITABLE = new Set(['sub', 'email_verified', 'phone_number_verified', 'identities']);

/**
 * What a client without a write list may write by AWS's reference, as a list. Custom attributes are not in it: who gives
 * them away without being asked may give away a role or a tenant.
 */
export const defaultWriteList = ({ schema }: Pick<PoolSettings, 'schema'>): string[] =>
  standardAttributes(schema).filter((name) => !NEVER_WRITABLE.has(name));

/** One attribute that can do no harm. An empty list would count as none, and so allow everything. */
export const leastWriteList = (settings: Pick<PoolSettings, 'schema'>): string[] => {
  const writable = defaultWriteList(settings);
  return [['zoneinfo', 'locale', 'name'].find((name) => writable.includes(name)) ?? writable[0] ?? 'zoneinfo'];
};

/** Attributes that the client's identity providers fill, and that it has to be allowed to write for that. */
export const mappedAttributes = (
  client: AppClient,
  providers: readonly IdentityProvider[],
  attribute: string,
): string[] => {
  const mapped = providers
    .filter(({ name }) => client.identityProviders.includes(name))
    .flatMap(({ attributeMapping }) => Object.keys(attributeMapping));
  return [...new Set(mapped)].filter(
    (name) => name !== 'username' && name !== attribute && !name.endsWith('_verified'),
  );
};

/** The same for reading. */
export const defaultReadList = ({ schema }: Pick<PoolSettings, 'schema'>): string[] =>
  standardAttributes(schema).filter((name) => name !== 'identities');

const standardAttributes = (schema: readonly SchemaAttribute[]): string[] =>
  schema.map(({ name }) => name).filter((name) => !/^(custom|dev):/.test(name));

/** What to say beside such a list, in a pool with further custom attributes. */
export function listNote({ schema }: Pick<PoolSettings, 'schema'>, attribute: string): string {
  const others = customAttributes(schema)
    .map(({ name }) => name)
    .filter((name) => name !== attribute);
  if (others.length === 0) return '';
  return `\n# The new lists hold the standard attributes. Add those custom ones that the application needs: ${listed(others)}.`;
}

/** The app client of the legacy pool that is proposed for the migration trigger, and belongs to nothing else. */
export const MIGRATION_CLIENT_NAME = 'user-migration';

/** Signs in by admin calls alone: a server's client, or the migration trigger's own. */
export const isAdminOnly = (client: AppClient): boolean =>
  client.oauthFlows.length === 0 &&
  currentFlows(client).every((flow) => ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'].includes(flow));

/** A client as people know it. */
export const clientLabel = ({ name, id }: AppClient): string => `${name} (${id})`;
