import { ConfigurationError } from '../../errors.js';
import { checkNumber } from '../../options.js';

/**
 * What Cognito allows an account in a Region, in calls per second, and how much of it a run uses by default.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html
 */

/** User updates, including those of the account's own users. AWS raises this quota only on request. */
export const USER_UPDATE_QUOTA = 25;

/** ListUsers and ListUsersInGroup together: half of the 30 that Cognito allows an account. */
export const DEFAULT_READ_RPS = 15;

/** Writes: less than half of the 25 that Cognito allows an account, so that its own users keep the rest. */
export const DEFAULT_RPS = 10;

/** ListGroups, CreateGroup and DeleteGroup are limited to 5 per second and pool. */
export const GROUP_RPS = 4;

/** DescribeUserPool, DescribeUserPoolClient, DescribeIdentityProvider, GetCSVHeader and their like: 5 per second and pool. */
export const SETTINGS_RPS = 4;

/**
 * AdminListUserSessions. AWS does not say to which quota it belongs: this is less than half of the smallest that it can be, the 50 of
 * reading what belongs to a user.
 */
export const DEFAULT_SESSIONS_RPS = 20;

/** Calls about import jobs are limited to 5 per second, operation and pool. A job takes minutes, so few calls are enough. */
export const IMPORT_JOB_RPS = 2;

/** @throws {@link ConfigurationError} */
export function checkReadRps(readRps: number | undefined): number {
  return checkNumber('readRps', readRps, { min: 0.1, max: 1000, fallback: DEFAULT_READ_RPS });
}

const RATES = { min: 0.1, max: 1000 };

/** @throws {@link ConfigurationError} */
export function checkRps(rps: number | undefined): number {
  return checkNumber('rps', rps, { ...RATES, fallback: DEFAULT_RPS });
}

/** Whether {@link checkRps} accepts the value. */
export const isRate = (value: unknown): boolean =>
  typeof value === 'number' && value >= RATES.min && value <= RATES.max;

const QUOTAS = { min: 1, max: 100_000 };

/** Whether the value can be the quota of an account. */
export const isQuota = (value: unknown): boolean =>
  typeof value === 'number' && value >= QUOTAS.min && value <= QUOTAS.max;

/**
 * How many writes a run may send per second, and the maximum that can be set while it runs.
 * @throws {@link ConfigurationError} for more than the account's quota: such calls would fail, and make the calls of its users fail
 */
export function checkWriteRps({
  rps,
  quota,
}: {
  readonly rps?: number | undefined;
  readonly quota?: number | undefined;
}): {
  readonly rps: number;
  readonly most: number;
} {
  const most = checkNumber('quota', quota, { ...QUOTAS, fallback: USER_UPDATE_QUOTA });
  const checked = checkRps(rps);
  if (checked <= most) return { rps: checked, most };
  const fix =
    quota === undefined ? 'set --quota to what AWS granted this account' : 'this is the limit set with --quota';
  throw new ConfigurationError(
    'rps',
    `${checked} is more than the ${most} writes a second that Cognito allows: ${fix}`,
  );
}
