import { checkNumber } from '../../options.js';

/**
 * What Cognito allows an account in a Region, in calls per second, and how much of it a run takes unless told otherwise.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */

/** ListUsers and ListUsersInGroup together: half of the 30 that Cognito allows an account. */
export const DEFAULT_READ_RPS = 15;

/** Writes: less than half of the 25 that Cognito allows an account, so that its own users keep the rest. */
const DEFAULT_RPS = 10;

/** ListGroups, CreateGroup and DeleteGroup are limited to 5 per second and pool. */
export const GROUP_RPS = 4;

/** DescribeUserPool, DescribeUserPoolClient, DescribeIdentityProvider and their like are limited to 5 per second and pool. */
export const SETTINGS_RPS = 4;

/** @throws {@link ConfigurationError} */
export function checkReadRps(readRps: number | undefined): number {
  return checkNumber('readRps', readRps, { min: 0.1, max: 1000, fallback: DEFAULT_READ_RPS });
}

/** @throws {@link ConfigurationError} */
export function checkRps(rps: number | undefined): number {
  return checkNumber('rps', rps, { min: 0.1, max: 1000, fallback: DEFAULT_RPS });
}
