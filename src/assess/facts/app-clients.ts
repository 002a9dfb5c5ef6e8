import type { AppClient } from '../snapshot/pool-snapshot.js';

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

/** What Cognito means by an app client without flows. */
export const DEFAULT_FLOWS: readonly string[] = [
  'ALLOW_REFRESH_TOKEN_AUTH',
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_CUSTOM_AUTH',
];

/** Old names of flows, and what replaces them. A client has old names or new ones, never both. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  ADMIN_NO_SRP_AUTH: 'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  USER_PASSWORD_AUTH: 'ALLOW_USER_PASSWORD_AUTH',
  CUSTOM_AUTH_FLOW_ONLY: 'ALLOW_CUSTOM_AUTH',
};

export const hasOldFlowNames = ({ authFlows }: Pick<AppClient, 'authFlows'>): boolean =>
  authFlows.some((flow) => Object.hasOwn(SUCCESSORS, flow));

/**
 * The flows of a client under their new names. Old names come on top of the default flows, but for CUSTOM_AUTH_FLOW_ONLY. A
 * client that rotates refresh tokens refreshes with GetTokensFromRefreshToken and may not have the refresh flow.
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

/** The app client of the legacy pool that is proposed for the migration trigger, and belongs to nothing else. */
export const MIGRATION_CLIENT_NAME = 'user-migration';

/** Signs in by admin calls alone: a server's client, or the migration trigger's own. */
export const isAdminOnly = (client: AppClient): boolean =>
  client.oauthFlows.length === 0 &&
  currentFlows(client).every((flow) => ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'].includes(flow));

/** A client as people know it. */
export const clientLabel = ({ name, id }: AppClient): string => `${name} (${id})`;
