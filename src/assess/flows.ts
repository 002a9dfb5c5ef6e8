import type { AppClient } from './snapshot/pool-snapshot.js';

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
