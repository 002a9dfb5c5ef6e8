import { checkNumber } from '../options.js';
import { type FeaturePlan, listPriceOf } from '../users/mau-prices.js';
import { countPending } from './attributes/pending.js';
import { checkRps, GROUP_RPS } from './calls/quotas.js';
import { countPendingGroups } from './groups/pending.js';
import type { Estimate, EstimateOptions } from './results.js';
import { requirePlan } from './state/finished-plan.js';
import type { State } from './state/state.js';

/** The prices of an estimate, and the feature plan of the new pool, where it is known. */
type PricedOptions = EstimateOptions & { readonly featurePlan?: FeaturePlan | undefined };

/** @throws {@link ConfigurationError} */
export function checkEstimate({ rps, mauPrice, featurePlan }: PricedOptions): {
  readonly pace: number;
  readonly price: number;
} {
  const range = { min: 0, max: Number.POSITIVE_INFINITY, fallback: listPriceOf(featurePlan) };
  return { pace: checkRps(rps), price: checkNumber('mauPrice', mauPrice, range) };
}

/** The options, with the plan on which the new pool was when the last plan read its settings. */
export function priced<T extends EstimateOptions>({ meta, pools }: State, options: T): T & PricedOptions {
  return { ...options, featurePlan: meta.get('poolSettings')?.[pools?.new ?? '']?.featurePlan };
}

/**
 * Time and price of this many writes. `users` is how many users they change, which makes these users monthly active (reading does not).
 * `groups` is how many of them create or delete groups, which is slower and changes no user.
 */
export function estimate(
  writes: number,
  options: PricedOptions,
  { users = writes, groups = 0 }: { readonly users?: number; readonly groups?: number } = {},
): Estimate {
  const { pace, price } = checkEstimate(options);
  const { mauPrice, featurePlan } = options;
  const isKnown = mauPrice !== undefined || featurePlan !== undefined;
  return {
    writes,
    estimatedSeconds: Math.ceil((writes - groups) / pace + groups / Math.min(pace, GROUP_RPS)),
    estimatedMau: users,
    estimatedMauUsd: Math.round(users * price * 100) / 100,
    ...(isKnown ? { mauPrice: price, priceSource: mauPrice === undefined ? 'list price' : 'given' } : {}),
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
  const users = Math.min(attributes + pending.users, writes - groups);
  return estimate(writes, priced(state, options), { groups, users });
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
  options: PricedOptions & { readonly maxWrites: number },
): Estimate {
  const writes = Math.min(attributes + members + groups, options.maxWrites);
  // Groups come last.
  const deleted = Math.max(0, writes - attributes - members);
  return estimate(writes, options, { groups: deleted, users: Math.min(attributes + users, writes) });
}
