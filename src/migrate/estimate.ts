import { checkNumber } from '../options.js';
import { countPending } from './attributes/pending.js';
import { checkRps, GROUP_RPS } from './calls/quotas.js';
import { countPendingGroups } from './groups/pending.js';
import type { Estimate, EstimateOptions } from './results.js';
import { requirePlan } from './state/finished-plan.js';
import type { State } from './state/state.js';

/** Dollars per monthly active user on the Essentials plan, https://aws.amazon.com/cognito/pricing/. */
const DEFAULT_MAU_PRICE = 0.015;

/** @throws {@link ConfigurationError} */
export function checkEstimate({ rps, mauPrice }: EstimateOptions): { readonly pace: number; readonly price: number } {
  const range = { min: 0, max: Number.POSITIVE_INFINITY, fallback: DEFAULT_MAU_PRICE };
  return { pace: checkRps(rps), price: checkNumber('mauPrice', mauPrice, range) };
}

/**
 * Time and price of this many writes. `users` is how many users they change, which makes these users monthly active (reading does not).
 * `groups` is how many of them create or delete groups, which is slower and changes no user.
 */
export function estimate(
  writes: number,
  options: EstimateOptions,
  { users = writes, groups = 0 }: { readonly users?: number; readonly groups?: number } = {},
): Estimate {
  const { pace, price } = checkEstimate(options);
  return {
    writes,
    estimatedSeconds: Math.ceil((writes - groups) / pace + groups / Math.min(pace, GROUP_RPS)),
    estimatedMau: users,
    estimatedMauUsd: Math.round(users * price * 100) / 100,
  };
}

/**
 * What an apply with these options would write, and cost.
 * @throws {@link MigrationError} `ERR_STATE_NOT_READY`
 */
export function estimateApply(
  state: State,
  options: EstimateOptions & { readonly maxWrites?: number; readonly overwrite?: boolean } = {},
  isLimited = false,
): Estimate {
  requirePlan(state);
  const { overwrite = false } = options;
  const attributes = countPending(state, { overwrite, isLimited }, ['begun', 'failed']);
  const pending = countPendingGroups(state, ['begun', 'failed'], isLimited);
  const all = attributes + pending.groups + pending.members;
  const writes = Math.min(all, options.maxWrites ?? all);
  const groups = Math.min(pending.groups, writes);
  return estimate(writes, options, { groups, users: Math.min(attributes + pending.users, writes - groups) });
}

interface ToUndo {
  /** Users whose attribute was written. */
  readonly attributes: number;
  readonly members: number;
  readonly groups: number;
  /** Users who got memberships and nothing else. */
  readonly users: number;
}

/** What a rollback of these writes would write, and cost. */
export function estimateRollback(
  { attributes, members, groups, users }: ToUndo,
  options: EstimateOptions & { readonly maxWrites: number },
): Estimate {
  const writes = Math.min(attributes + members + groups, options.maxWrites);
  // Groups come last.
  const deleted = Math.max(0, writes - attributes - members);
  return estimate(writes, options, { groups: deleted, users: Math.min(attributes + users, writes) });
}
