import { checkNumber } from '../options.js';
import type { Estimate, EstimateOptions } from './types.js';

/** Half of what Cognito allows an account, so that its own users keep the other half. */
const DEFAULT_RPS = 10;

/** Dollars per monthly active user on the Essentials plan, https://aws.amazon.com/cognito/pricing/. */
const DEFAULT_MAU_PRICE = 0.015;

/** @throws {@link ConfigurationError} */
export function checkRps(rps: number | undefined): number {
  return checkNumber('rps', rps, { min: 0.1, max: 1000, fallback: DEFAULT_RPS });
}

/** Time and price of so many writes, each to another user. Changing a user makes them monthly active, reading does not. */
export function estimate(writes: number, { rps, mauPrice }: EstimateOptions): Estimate {
  const price = checkNumber('mauPrice', mauPrice, {
    min: 0,
    max: Number.POSITIVE_INFINITY,
    fallback: DEFAULT_MAU_PRICE,
  });
  return {
    writes,
    estimatedSeconds: Math.ceil(writes / checkRps(rps)),
    estimatedMau: writes,
    estimatedMauUsd: Math.round(writes * price * 100) / 100,
  };
}
