import { describe, expect, it } from 'vitest';
import {
  activityBlockers,
  activityWindowMs,
  type PoolActivity,
  toClientActivity,
  unknownActivity,
} from '../../../../src/operate/drain/report/aws-activity.js';

const HOUR = 3_600_000;
const DAY_SECONDS = 86_400;
const NOON = Date.UTC(2026, 0, 15, 12);

describe('the window', () => {
  it.each([
    ['as long as refresh tokens live', 30 * DAY_SECONDS, 30],
    ['a day at least, as an access token may live', 0, 1],
    ['no longer than CloudWatch keeps sums', 3650 * DAY_SECONDS, 455],
  ])('is %s', (_, seconds, days) => {
    expect(activityWindowMs(seconds)).toBe(days * 24 * HOUR);
  });
});

describe('the clients', () => {
  it('have their sums, and the last hour with a success, the latest first', () => {
    expect(
      toClientActivity([
        { clientId: 'app', signIns: [{ at: NOON - 5 * HOUR, sum: 2 }], tokenRefreshes: [] },
        {
          clientId: 'web',
          signIns: [{ at: NOON - 9 * HOUR, sum: 1 }],
          tokenRefreshes: [
            { at: NOON - 3 * HOUR, sum: 4 },
            // Only failures: Cognito publishes a 0 for each.
            { at: NOON, sum: 0 },
          ],
        },
      ]),
    ).toEqual([
      { clientId: 'web', signIns: 1, tokenRefreshes: 4, lastHour: '2026-01-15T09:00:00.000Z' },
      { clientId: 'app', signIns: 2, tokenRefreshes: 0, lastHour: '2026-01-15T07:00:00.000Z' },
    ]);
  });

  it('are left out where only attempts failed, or nothing was recorded', () => {
    expect(
      toClientActivity([
        { clientId: 'web', signIns: [{ at: NOON, sum: 0 }], tokenRefreshes: [] },
        { clientId: 'app', signIns: [], tokenRefreshes: [] },
      ]),
    ).toEqual([]);
  });
});

describe('the reasons', () => {
  const activity: PoolActivity = {
    ...{ userPoolId: 'eu-west-1_Old', since: '2025-12-16T12:00:00.000Z', known: true },
    clients: [
      { clientId: 'web', signIns: 1, tokenRefreshes: 1_200, lastHour: '2026-01-15T09:00:00.000Z' },
      { clientId: 'Admin', signIns: 2, tokenRefreshes: 0, lastHour: '2026-01-14T09:00:00.000Z' },
    ],
  };

  it('name each client, what it got and when, and hold from the end of the last hour', () => {
    expect(activityBlockers(activity)).toEqual([
      {
        at: Date.UTC(2026, 0, 15, 10),
        reason:
          'AWS counted 1 sign-in and 1,200 token refreshes of app client web at eu-west-1_Old since 2025-12-16 12:00 UTC, the last in the hour from 2026-01-15 09:00 UTC. Move these users, or wait.',
      },
      {
        at: Date.UTC(2026, 0, 14, 10),
        reason:
          'AWS counted 2 sign-ins by administrators at eu-west-1_Old since 2025-12-16 12:00 UTC, the last in the hour from 2026-01-14 09:00 UTC. Move these users, or wait.',
      },
    ]);
  });

  it('are none where data is there and nothing was counted', () => {
    expect(activityBlockers({ ...activity, clients: [] })).toEqual([]);
    expect(unknownActivity(activity)).toEqual([]);
  });

  it('take missing data for ignorance', () => {
    const [reason, ...more] = unknownActivity({ ...activity, known: false, clients: [] });
    expect(reason).toMatch(/^CloudWatch has no data of eu-west-1_Old in 455 days, so it cannot tell/);
    expect(more).toEqual([]);
  });
});
