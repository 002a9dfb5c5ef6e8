import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../../src/clock.js';
import {
  DrainCounter,
  dayName,
  LAST_MOMENT,
  LONGEST_NAME,
  MOST_CLIENTS,
  OTHER_CLIENTS,
} from '../../../../src/operate/drain/count/drain-counter.js';
import { UserSketch } from '../../../../src/operate/drain/count/user-sketch.js';
import type { DrainRecord } from '../../../../src/operate/drain/drain-types.js';
import { isDrainRecord } from '../../../../src/operate/drain/report/stored-values.js';
import { accepted, LEGACY_POOL, NEW_POOL } from '../support.js';

const NOON = Date.UTC(2026, 0, 15, 12);
const users = (text: string | undefined) => UserSketch.parse(text ?? '?')?.count;
const newCounter = () => new DrainCounter('api-1', 'r1');
const only = (records: readonly DrainRecord[]): DrainRecord => {
  expect(records).toHaveLength(1);
  return records[0]!;
};

describe('DrainCounter', () => {
  it('counts tokens and distinct users by pool, hour and client', () => {
    const counter = newCounter();
    counter.count(accepted(NOON, { sub: 'a' }), NOON);
    counter.count(accepted(NOON, { sub: 'a' }), NOON + 1_000);
    counter.count(accepted(NOON, { sub: 'b', clientId: 'app' }), NOON + HOUR_MS);
    counter.count(accepted(NOON, { pool: 'new', sub: 'c' }), NOON);
    const [legacy, other] = counter.records();
    expect(legacy).toMatchObject({
      instance: 'api-1',
      run: 'r1',
      userPoolId: LEGACY_POOL,
      pool: 'legacy',
      day: '2026-01-15',
      tokens: 3,
      hours: [
        { hour: 12, tokens: 2 },
        { hour: 13, tokens: 1 },
      ],
      clients: [
        { clientId: 'web', tokens: 2, lastToken: NOON + 1_000, latestExpiry: NOON + HOUR_MS },
        { clientId: 'app', tokens: 1, lastToken: NOON + HOUR_MS },
      ],
    });
    expect(users(legacy?.users)).toBe(2);
    expect(legacy?.hours.map((hour) => users(hour.users))).toEqual([1, 1]);
    expect(legacy?.clients.map((client) => users(client.users))).toEqual([1, 1]);
    expect(legacy?.clients[0]?.hours).toHaveLength(24);
    expect(legacy?.clients[0]?.hours[12]).toBe(2);
    expect(other).toMatchObject({ userPoolId: NEW_POOL, pool: 'new', tokens: 1 });
  });

  it('counts tokens of machines, which are no users', () => {
    const counter = newCounter();
    counter.count(accepted(NOON, { kind: 'machine', sub: 'client' }), NOON);
    expect(only(counter.records())).toMatchObject({ tokens: 1, users: '' });
  });

  it('does not count what names no pool', () => {
    const counter = newCounter();
    const { userPoolId, ...rest } = accepted(NOON);
    counter.count(rest, NOON);
    expect(counter.records()).toEqual([]);
  });

  it('counts a bounded number of clients by name, and the others as one', () => {
    const counter = newCounter();
    for (let n = 0; n < MOST_CLIENTS + 50; n += 1) counter.count(accepted(NOON, { clientId: `c${n}` }), NOON);
    counter.count(accepted(NOON, { clientId: 'c0' }), NOON);
    const { clients, tokens } = only(counter.records());
    expect(clients).toHaveLength(MOST_CLIENTS + 1);
    expect(clients.find(({ clientId }) => clientId === OTHER_CLIENTS)?.tokens).toBe(50);
    expect(clients.reduce((sum, client) => sum + client.tokens, 0)).toBe(tokens);
  });

  it('counts a client among the others whose name is too long to be read again', () => {
    const counter = newCounter();
    for (const length of [LONGEST_NAME, LONGEST_NAME + 1]) {
      counter.count(accepted(NOON, { clientId: 'c'.repeat(length) }), NOON);
    }
    const record = only(counter.records());
    expect(record.clients.map(({ clientId, tokens }) => [clientId.length, tokens])).toEqual([
      [LONGEST_NAME, 1],
      [OTHER_CLIENTS.length, 1],
    ]);
    expect(isDrainRecord(record)).toBe(true);
  });

  it('counts a token that ends after the last moment that a Date can hold', () => {
    const counter = newCounter();
    counter.count(accepted(NOON, { expiresAt: 1e300, issuedAt: -1e300 }), NOON);
    expect(isDrainRecord(only(counter.records()))).toBe(true);
    expect(counter.traces()).toMatchObject([{ latestExpiry: LAST_MOMENT, longestLifetime: LAST_MOMENT }]);
  });

  it('remembers the last token, the latest expiry and the longest lifetime of legacy pools for as long as it runs', () => {
    const counter = newCounter();
    counter.count(accepted(NOON, { expiresAt: (NOON + 5 * HOUR_MS) / 1000 }), NOON);
    counter.count(accepted(NOON, { pool: 'new' }), NOON);
    for (let day = 1; day < 200; day += 1) counter.count(accepted(NOON, { pool: 'new' }), NOON + day * DAY_MS);
    counter.unwritten().written(NOON + 200 * DAY_MS);
    expect(counter.traces()).toEqual([
      { userPoolId: LEGACY_POOL, lastToken: NOON, latestExpiry: NOON + 5 * HOUR_MS, longestLifetime: 5 * HOUR_MS },
    ]);
  });

  it('takes the whole lifetime of a token, however late it is used', () => {
    const counter = newCounter();
    const seconds = NOON / 1000;
    counter.count(accepted(NOON, { issuedAt: seconds - 86_000, expiresAt: seconds + 400 }), NOON);
    expect(counter.traces()).toMatchObject([{ longestLifetime: DAY_MS }]);
  });

  it('gives the days that changed since they were written, each as a whole', () => {
    const counter = newCounter();
    counter.count(accepted(NOON), NOON);
    const first = counter.unwritten();
    counter.count(accepted(NOON), NOON);
    first.written(NOON);
    expect(only(counter.unwritten().records).tokens).toBe(2);
    counter.unwritten().written(NOON);
    expect(counter.unwritten().records).toEqual([]);
    counter.count(accepted(NOON), NOON);
    expect(only(counter.unwritten().records).tokens).toBe(3);
  });

  it('gives the same again if it was not written', () => {
    const counter = newCounter();
    counter.count(accepted(NOON), NOON);
    expect(counter.unwritten().records).toEqual(counter.unwritten().records);
  });

  it('gives up days that are written, but not yesterday, and not what was not written', () => {
    const counter = newCounter();
    for (let day = 0; day < 4; day += 1) counter.count(accepted(NOON), NOON + day * DAY_MS);
    expect(counter.records()).toHaveLength(4);
    counter.unwritten().written(NOON + 3 * DAY_MS);
    expect(counter.records().map(({ day }) => day)).toEqual(['2026-01-17', '2026-01-18']);
  });

  it('goes on with yesterday if the clock is set back over midnight', () => {
    const counter = newCounter();
    const midnight = Date.UTC(2026, 0, 16);
    counter.count(accepted(midnight), midnight - 60_000);
    counter.count(accepted(midnight), midnight + 60_000);
    counter.unwritten().written(midnight + 60_000);
    counter.count(accepted(midnight), midnight - 30 * 60_000);
    expect(counter.unwritten().records).toMatchObject([{ day: '2026-01-15', tokens: 2 }]);
    expect(counter.records().map(({ tokens }) => tokens)).toEqual([2, 1]);
  });

  it('loses no token if the clock is set back to a day that was given up: its record would replace the written one', () => {
    const counter = newCounter();
    for (let day = 0; day < 4; day += 1) counter.count(accepted(NOON), NOON + day * DAY_MS);
    counter.unwritten().written(NOON + 3 * DAY_MS);
    counter.count(accepted(NOON), NOON);
    expect(counter.unwritten().records).toMatchObject([{ day: '2026-01-17', tokens: 2 }]);
  });

  it('counts for today again when a clock that was a year ahead is set right', () => {
    const counter = newCounter();
    counter.count(accepted(NOON), NOON + 365 * DAY_MS);
    counter.unwritten().written(NOON + 365 * DAY_MS);
    counter.count(accepted(NOON), NOON);
    expect(counter.unwritten().records).toMatchObject([{ day: '2026-01-15', tokens: 1 }]);
  });

  it('counts for tomorrow at most when a clock that was days ahead for long is set right', () => {
    const counter = newCounter();
    const days = (records: readonly DrainRecord[]) => records.map(({ day, tokens }) => `${day} ${tokens}`);
    counter.count(accepted(NOON), NOON);
    counter.unwritten().written(NOON);
    for (let day = 10; day < 14; day += 1) {
      counter.count(accepted(NOON), NOON + day * DAY_MS);
      counter.unwritten().written(NOON + day * DAY_MS);
    }
    // The record of today is written and given up, those of the next nine days are not.
    counter.count(accepted(NOON), NOON + HOUR_MS);
    counter.count(accepted(NOON), NOON + 2 * HOUR_MS);
    expect(days(counter.unwritten().records)).toEqual(['2026-01-16 2']);
    counter.unwritten().written(NOON + 2 * HOUR_MS);
    counter.count(accepted(NOON), NOON + DAY_MS);
    expect(days(counter.unwritten().records)).toEqual(['2026-01-16 3']);
    counter.count(accepted(NOON), NOON + 2 * DAY_MS);
    expect(days(counter.unwritten().records)).toEqual(['2026-01-16 3', '2026-01-17 1']);
  });

  it('keeps the details of yesterday until they are written, beside a day of a clock that was ahead', () => {
    const counter = newCounter();
    counter.count(accepted(NOON), NOON + 5 * DAY_MS);
    counter.count(accepted(NOON), NOON);
    counter.count(accepted(NOON), NOON + DAY_MS);
    const yesterday = counter.unwritten().records.find(({ day }) => day === '2026-01-15');
    expect(yesterday?.hours.map((hour) => users(hour.users))).toEqual([1]);
    expect(yesterday?.clients.map((client) => users(client.users))).toEqual([1]);
  });

  it('is bounded where nothing is ever written: old days lose their details first', () => {
    const counter = newCounter();
    for (let day = 0; day < 300; day += 1) counter.count(accepted(NOON), NOON + day * DAY_MS);
    const records = counter.records();
    expect(records).toHaveLength(100);
    expect(records.at(-1)?.day).toBe(dayName(NOON + 299 * DAY_MS));
    const detailed = records.filter(({ clients, hours }) => clients[0]?.users !== '' && hours[0]?.users !== '');
    expect(detailed.map(({ day }) => day)).toEqual([dayName(NOON + 298 * DAY_MS), dayName(NOON + 299 * DAY_MS)]);
    expect(records.every(({ users: all, tokens }) => users(all) === 1 && tokens === 1)).toBe(true);
  });
});
