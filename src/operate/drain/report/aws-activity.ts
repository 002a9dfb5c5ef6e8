import { DAY_MS, HOUR_MS } from '../../../clock.js';
import { counted } from '../../../words.js';
import type { Blocker } from './drain-report.js';

/** How long CloudWatch keeps sums per hour. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
export const KEPT_DAYS = 455;

/** As which client Cognito counts the calls of administrators. */
export const ADMIN_CLIENT = 'Admin';

/** What CloudWatch counted of an app client within the window. */
export interface ClientActivity {
  /** `Admin`: sign-ins and refreshes that administrators made. */
  readonly clientId: string;
  /** Through identity providers too. */
  readonly signIns: number;
  readonly tokenRefreshes: number;
  /** The beginning of the last hour with either, ISO 8601. */
  readonly lastHour: string;
}

/** What CloudWatch counted of a legacy pool. */
export interface PoolActivity {
  readonly userPoolId: string;
  /** The beginning of the window, ISO 8601. */
  readonly since: string;
  /** Whether it has any data of the pool. If not, it cannot tell whether nothing happened or nothing was recorded. */
  readonly known: boolean;
  /** The clients with activity, the latest first. */
  readonly clients: readonly ClientActivity[];
}

/**
 * How far back a sign-in or a refresh matters: somebody who did either since then may hold a refresh token that is still good, and come
 * back with it at any time.
 */
export function activityWindowMs(refreshLifetimeSeconds: number): number {
  // An access or ID token lives for a day at most.
  return Math.min(Math.max(refreshLifetimeSeconds * 1000, DAY_MS), KEPT_DAYS * DAY_MS);
}

/** The sums of a metric, by the hour in which they begin. */
interface HourlySum {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sum: number;
}

/** One client's sums. */
export interface ClientSums {
  readonly clientId: string;
  readonly signIns: readonly HourlySum[];
  readonly tokenRefreshes: readonly HourlySum[];
}

/** What the sums say of the clients. Failed attempts are counted too, with the value 0. */
export function toClientActivity(clients: readonly ClientSums[]): readonly ClientActivity[] {
  const sumOf = (hours: readonly HourlySum[]) => hours.reduce((total, { sum }) => total + sum, 0);
  return clients
    .flatMap(({ clientId, signIns, tokenRefreshes }) => {
      const successes = [...signIns, ...tokenRefreshes].filter(({ sum }) => sum > 0);
      if (successes.length === 0) return [];
      const lastHour = new Date(Math.max(...successes.map(({ at }) => at))).toISOString();
      return [{ clientId, signIns: sumOf(signIns), tokenRefreshes: sumOf(tokenRefreshes), lastHour }];
    })
    .toSorted((one, other) => other.lastHour.localeCompare(one.lastHour));
}

/** Why nothing follows from what CloudWatch counted. */
export function unknownActivity({ userPoolId, known }: PoolActivity): string[] {
  if (known) return [];
  return [
    `CloudWatch has no data of ${userPoolId} in ${KEPT_DAYS} days, so it cannot tell whether anybody signs in there. Check the Region and the account of the credentials (--legacy-region, --legacy-profile).`,
  ];
}

/** What CloudWatch counted that speaks against closing the pool. */
export function activityBlockers({ userPoolId, since, clients }: PoolActivity): Blocker[] {
  return clients.map(({ clientId, signIns, tokenRefreshes, lastHour }) => {
    const what = [
      ...(signIns > 0 ? [counted(signIns, 'sign-in')] : []),
      ...(tokenRefreshes > 0 ? [counted(tokenRefreshes, 'token refresh', 'token refreshes')] : []),
    ].join(' and ');
    const whose = clientId === ADMIN_CLIENT ? 'by administrators' : `of app client ${clientId}`;
    return {
      at: Date.parse(lastHour) + HOUR_MS,
      reason: `AWS counted ${what} ${whose} at ${userPoolId} since ${minute(since)}, the last in the hour from ${minute(lastHour)}. Move these users, or wait.`,
    };
  });
}

const minute = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;

/** The hour in which a moment lies, milliseconds since the epoch. */
export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;
