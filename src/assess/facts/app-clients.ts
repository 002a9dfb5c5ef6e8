import type { AppClient } from '../snapshot/pool-snapshot.js';

/** App clients of the two pools that belong to one application: clients with the same name, which must be unique in both. */
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

/** The flows of an app client for which none are set. */
export const DEFAULT_FLOWS: readonly string[] = [
  'ALLOW_REFRESH_TOKEN_AUTH',
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_CUSTOM_AUTH',
];

/** Old names of flows, and their new names. A client has old names or new names, never both. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  ADMIN_NO_SRP_AUTH: 'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  USER_PASSWORD_AUTH: 'ALLOW_USER_PASSWORD_AUTH',
  CUSTOM_AUTH_FLOW_ONLY: 'ALLOW_CUSTOM_AUTH',
};

export const hasOldFlowNames = ({ authFlows }: Pick<AppClient, 'authFlows'>): boolean =>
  authFlows.some((flow) => Object.hasOwn(SUCCESSORS, flow));

/**
 * The flows of a client under their new names. Old names add to the default flows, except CUSTOM_AUTH_FLOW_ONLY. A client that
 * rotates refresh tokens uses GetTokensFromRefreshToken and cannot have the refresh flow.
 */
export function currentFlows(client: Pick<AppClient, 'authFlows' | 'refreshTokenRotation'>): string[] {
  const { authFlows, refreshTokenRotation } = client;
  const implied = authFlows.includes('CUSTOM_AUTH_FLOW_ONLY') ? ['ALLOW_REFRESH_TOKEN_AUTH'] : DEFAULT_FLOWS;
  const flows = new Set([
    ...authFlows.map((flow) => SUCCESSORS[flow] ?? flow),
    ...(hasOldFlowNames(client) ? implied : []),
  ]);
  if (refreshTokenRotation) flows.delete('ALLOW_REFRESH_TOKEN_AUTH');
  return [...flows];
}

/** Whether only machines get tokens from it. */
export const isMachineClient = ({ oauthFlows }: AppClient): boolean =>
  oauthFlows.length > 0 && oauthFlows.every((flow) => flow === 'client_credentials');

/** Whether it uses the sign-in pages, which need a domain. */
const usesHostedPages = ({ oauthFlows }: AppClient): boolean =>
  oauthFlows.includes('code') || oauthFlows.includes('implicit');

/** Whether Cognito receives the user's password, which the user migration trigger needs. With SRP it does not. */
export const sendsPassword = (client: AppClient): boolean =>
  usesHostedPages(client) ||
  currentFlows(client).some((flow) => ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH'].includes(flow));

/** The name of the app client that is proposed for the migration trigger alone, in the legacy pool. */
export const MIGRATION_CLIENT_NAME = 'user-migration';

/** Whether it only allows admin calls: the client of a server or of the migration trigger. */
export const isAdminOnly = (client: AppClient): boolean =>
  client.oauthFlows.length === 0 &&
  currentFlows(client).every((flow) => ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'].includes(flow));

/** Name and id of a client, for people. */
export const clientLabel = ({ name, id }: AppClient): string => `${name} (${id})`;
