import { checkNumber } from '../options.js';
import { checkRps, GROUP_RPS } from './calls/quotas.js';
import type { Estimate, EstimateOptions } from './results.js';

/** Dollars per monthly active user on the Essentials plan, https://aws.amazon.com/cognito/pricing/. */
const DEFAULT_MAU_PRICE = 0.015;

/**
 * Time and price of so many writes: to how many users, and how many of them create groups, which is slower and concerns no
 * user. Changing a user makes them monthly active, reading does not.
 */
export function estimate(
  writes: number,
  { rps, mauPrice }: EstimateOptions,
  { users = writes, groups = 0 }: { readonly users?: number; readonly groups?: number } = {},
): Estimate {
  const pace = checkRps(rps);
  const price = checkNumber('mauPrice', mauPrice, {
    min: 0,
    max: Number.POSITIVE_INFINITY,
    fallback: DEFAULT_MAU_PRICE,
  });
  return {
    writes,
    estimatedSeconds: Math.ceil((writes - groups) / pace + groups / Math.min(pace, GROUP_RPS)),
    estimatedMau: users,
    estimatedMauUsd: Math.round(users * price * 100) / 100,
  };
}
