import { currentFlows, DEFAULT_FLOWS, hasOldFlowNames } from '../facts/app-clients.js';
import type { AppClient } from '../snapshot/pool-snapshot.js';

// Changes as jq assignments. Each states only what it changes, so that any two can be made one after the other, in either
// order and more than once.

const json = JSON.stringify;

/** Adds the values that the list lacks at that time. */
export const added = (path: string, values: readonly string[]): string =>
  `${path} += (${json(values)} - (${path} // []))`;

/** Adds to a list that may be absent, in which case it means `otherwise`. */
export const addedOr = (path: string, values: readonly string[], otherwise: readonly string[]): string =>
  `${path} = ((${path} // []) | if length == 0 then ${json(otherwise)} else . end | . + (${json(values)} - .))`;

/**
 * The write list of an app client without `attribute`. Cognito treats an empty list as no list, which allows everything. The
 * list then becomes `otherwise` and the attributes that the client's identity providers fill.
 */
export function notWritable(
  attribute: string,
  otherwise: readonly string[],
  byProvider: Readonly<Record<string, readonly string[]>>,
): string {
  const filled = Object.values(byProvider).some((names) => names.length > 0);
  const list = filled
    ? `(${json(otherwise)} | . + ([$client.SupportedIdentityProviders[]? as $name | ${json(byProvider)}[$name] // [] | .[]] | unique - ${json(otherwise)}))`
    : json(otherwise);
  const change = `.WriteAttributes = ((.WriteAttributes // []) - ${json([attribute])} | if length == 0 then ${list} else . end)`;
  return filled ? `. as $client | ${change}` : change;
}

/** Adds to the write list of an app client, if it has one at that time: without one it can write everything. */
export const writableToo = (names: readonly string[]): string =>
  `if (.WriteAttributes // [] | length) > 0 then ${added('.WriteAttributes', names)} else . end`;

/** Sets a value if it is not set at that time. */
export const setUnlessSet = (path: string, value: unknown): string => `${path} //= ${json(value)}`;

/** Raises the plan, and never lowers it. */
export const atLeastPlan = (plan: 'LITE' | 'ESSENTIALS' | 'PLUS'): string => {
  if (plan === 'PLUS') return '.UserPoolTier = "PLUS"';
  return `.UserPoolTier |= if . == "PLUS" then . else "${plan}" end`;
};

/** Allows more flows. Cognito accepts no old name with a new one, and no refresh flow with refresh token rotation. */
export function flowsAdded(client: AppClient, flows: readonly string[]): string {
  const allowed = flows.filter((flow) => !(client.refreshTokenRotation && flow === 'ALLOW_REFRESH_TOKEN_AUTH'));
  const path = '.ExplicitAuthFlows';
  if (hasOldFlowNames(client)) {
    const all = [...new Set([...currentFlows(client), ...allowed])];
    return `${path} = ((${path} // []) | map(select(startswith("ALLOW_"))) | . + (${json(all)} - .))`;
  }
  // Without a list the client has the default flows; a list replaces them.
  const defaults = DEFAULT_FLOWS.filter((flow) => client.authFlows.includes(flow));
  return defaults.length === client.authFlows.length && defaults.length === DEFAULT_FLOWS.length
    ? addedOr(path, allowed, currentFlows(client))
    : added(path, allowed);
}
