import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../../src/clock.js';
import type { DrainClientRecord } from '../../../../src/operate/drain/drain-types.js';
import { sumUp } from '../../../../src/operate/drain/report/drain-sums.js';
import { sketchOf } from '../count/sketches.js';
import { LEGACY_POOL, NEW_POOL, recordOf } from '../support.js';

const NOON = Date.UTC(2026, 0, 15, 12);
const hoursWith = (hour: number, tokens: number) => Array.from({ length: 24 }, (_, at) => (at === hour ? tokens : 0));
const client = (more: Partial<DrainClientRecord>): DrainClientRecord => ({
  clientId: 'web',
  tokens: 0,
  users: '',
  hours: [],
  lastToken: 0,
  latestExpiry: 0,
  ...more,
});

describe('sumUp', () => {
  it('adds up tokens, and unites users, over instances, runs and days', () => {
    const records = [
      recordOf({
        tokens: 30,
        users: `${sketchOf(0, 20)}`,
        hours: [{ hour: 9, tokens: 30, users: `${sketchOf(0, 20)}` }],
      }),
      recordOf({
        run: 'r2',
        tokens: 20,
        users: `${sketchOf(10, 25)}`,
        hours: [{ hour: 9, tokens: 20, users: `${sketchOf(10, 25)}` }],
      }),
      recordOf({
        instance: 'api-2',
        day: '2026-01-14',
        tokens: 5,
        users: `${sketchOf(24, 27)}`,
        hours: [{ hour: 23, tokens: 5, users: `${sketchOf(24, 27)}` }],
      }),
      recordOf({ userPoolId: NEW_POOL, pool: 'new', tokens: 7, users: `${sketchOf(0, 3)}` }),
    ];
    const { pools } = sumUp(records, NOON);
    expect(pools).toEqual({
      [LEGACY_POOL]: {
        pool: 'legacy',
        tokens: 55,
        users: 27,
        lastToken: null,
        latestExpiry: null,
        hours: [
          { hour: '2026-01-14T23:00:00.000Z', tokens: 5, users: 3 },
          { hour: '2026-01-15T09:00:00.000Z', tokens: 50, users: 25 },
        ],
        days: [
          { day: '2026-01-14', tokens: 5, users: 3 },
          { day: '2026-01-15', tokens: 50, users: 25 },
        ],
        recent: {
          hour: { tokens: 0, users: 0 },
          day: { tokens: 55, users: 27 },
          week: { tokens: 55, users: 27 },
        },
      },
      [NEW_POOL]: expect.objectContaining({ pool: 'new', tokens: 7, users: 3, hours: [] }),
    });
  });

  it('unites the users of the last hour, 24 hours and seven days', () => {
    const at = (day: string, hour: number, from: number) => {
      const users = `${sketchOf(from, from + 10)}`;
      return recordOf({ day, tokens: 20, users, hours: [{ hour, tokens: 20, users }] });
    };
    const records = [
      at('2026-01-15', 11, 0),
      at('2026-01-14', 12, 5),
      at('2026-01-14', 11, 100),
      at('2026-01-09', 1, 200),
      at('2026-01-08', 23, 300),
    ];
    const HALF_PAST = NOON + HOUR_MS / 2;
    expect(sumUp(records, HALF_PAST).pools[LEGACY_POOL]?.recent).toEqual({
      // Any part of an hour counts.
      hour: { tokens: 20, users: 10 },
      day: { tokens: 40, users: 15 },
      week: { tokens: 80, users: 35 },
    });
  });

  it('tells each client of each pool, the busiest first, with its last token and latest expiry', () => {
    const records = [
      recordOf({
        clients: [
          client({
            tokens: 3,
            users: `${sketchOf(0, 2)}`,
            hours: hoursWith(9, 3),
            lastToken: NOON,
            latestExpiry: NOON + 5,
          }),
          client({ clientId: 'app', tokens: 50, hours: hoursWith(9, 50), lastToken: 1, latestExpiry: 2 }),
        ],
      }),
      recordOf({
        instance: 'api-2',
        clients: [
          client({
            tokens: 4,
            users: `${sketchOf(1, 3)}`,
            hours: hoursWith(9, 4),
            lastToken: NOON - 1,
            latestExpiry: NOON + 9,
          }),
        ],
      }),
      recordOf({
        userPoolId: NEW_POOL,
        pool: 'new',
        clients: [client({ tokens: 6, hours: hoursWith(1, 6), lastToken: NOON })],
      }),
    ];
    const { clients, pools } = sumUp(records, NOON);
    expect(clients.map(({ userPoolId, clientId, tokens }) => [userPoolId, clientId, tokens])).toEqual([
      [LEGACY_POOL, 'app', 50],
      [LEGACY_POOL, 'web', 7],
      [NEW_POOL, 'web', 6],
    ]);
    expect(clients[1]).toEqual({
      userPoolId: LEGACY_POOL,
      pool: 'legacy',
      clientId: 'web',
      tokens: 7,
      users: 3,
      lastToken: new Date(NOON).toISOString(),
      latestExpiry: new Date(NOON + 9).toISOString(),
      hours: [{ hour: '2026-01-15T09:00:00.000Z', tokens: 7 }],
    });
    expect(pools[LEGACY_POOL]?.latestExpiry).toBe(new Date(NOON + 9).toISOString());
  });

  it('takes a pool for the legacy one if anybody does', () => {
    const records = [recordOf({ pool: 'new' }), recordOf({ instance: 'api-2' })];
    expect(sumUp(records, NOON).pools[LEGACY_POOL]?.pool).toBe('legacy');
  });

  it('tells hours of the last eight days: stores keep the users of earlier ones by day', () => {
    const record = recordOf({ tokens: 1, hours: [{ hour: 12, tokens: 1, users: '' }] });
    expect(sumUp([record], NOON + 8 * DAY_MS).pools[LEGACY_POOL]?.hours).toHaveLength(1);
    expect(sumUp([record], NOON + 9 * DAY_MS).pools[LEGACY_POOL]).toMatchObject({ hours: [], days: [{ tokens: 1 }] });
  });

  it('never tells more users than tokens, as estimates would', () => {
    const users = `${sketchOf(0, 5_000)}`;
    expect(sumUp([recordOf({ tokens: 4_000, users })], NOON).pools[LEGACY_POOL]?.users).toBe(4_000);
  });
});
