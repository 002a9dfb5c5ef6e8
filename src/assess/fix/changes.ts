import { currentFlows, DEFAULT_FLOWS, hasOldFlowNames } from '../flows.js';
import type { AppClient } from '../snapshot.js';

// Changes as jq assignments. Each says what is to be different and nothing about the rest, so that any two can be made one
// after the other, in either order and more than once.

const json = JSON.stringify;

/** Adds to a list what it lacks by then. */
export const added = (path: string, values: readonly string[]): string =>
  `${path} += (${json(values)} - (${path} // []))`;

/** Adds to a list that may be absent, and then stands for `otherwise`. */
export const addedOr = (path: string, values: readonly string[], otherwise: readonly string[]): string =>
  `${path} = ((${path} // []) | if length == 0 then ${json(otherwise)} else . end | . + (${json(values)} - .))`;

/** Takes out of a list. An empty list would count as none, and so allow everything: `otherwise` stands in. */
export const removed = (path: string, values: readonly string[], otherwise: readonly string[]): string =>
  `${path} = ((${path} // []) - ${json(values)} | if length == 0 then ${json(otherwise)} else . end)`;

/** Sets what is not set by then. */
export const setUnlessSet = (path: string, value: unknown): string => `${path} //= ${json(value)}`;

/** A larger plan, and never a smaller one. */
export const atLeastPlan = (plan: 'LITE' | 'ESSENTIALS' | 'PLUS'): string => {
  if (plan === 'PLUS') return '.UserPoolTier = "PLUS"';
  return `.UserPoolTier |= if . == "PLUS" then . else "${plan}" end`;
};

/** Allows further flows. Cognito takes no old name beside a new one, and no refresh flow beside refresh token rotation. */
export function flowsAdded(client: AppClient, flows: readonly string[]): string {
  const allowed = flows.filter((flow) => !(client.refreshTokenRotation && flow === 'ALLOW_REFRESH_TOKEN_AUTH'));
  const path = '.ExplicitAuthFlows';
  if (hasOldFlowNames(client)) {
    const all = [...new Set([...currentFlows(client), ...allowed])];
    return `${path} = ((${path} // []) | map(select(startswith("ALLOW_"))) | . + (${json(all)} - .))`;
  }
  // Without a list the client has the default flows, and with a list no longer.
  const defaults = DEFAULT_FLOWS.filter((flow) => client.authFlows.includes(flow));
  return defaults.length === client.authFlows.length && defaults.length === DEFAULT_FLOWS.length
    ? addedOr(path, allowed, currentFlows(client))
    : added(path, allowed);
}
