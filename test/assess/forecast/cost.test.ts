import { describe, expect, it } from 'vitest';
import { backfillWrites, estimateCost, type Way } from '../../../src/assess/forecast/cost.js';
import type { PoolSettings, UserStatistics } from '../../../src/assess/snapshot/pool-snapshot.js';
import { context, LEGACY_ID, legacyParts, NEW_ID, newParts } from '../pools.js';

const legacy = legacyParts.users;
const newUsers = newParts.users;
const pools = (settings: Partial<PoolSettings> = {}, users: Partial<UserStatistics> = {}) => [
  {
    userPoolId: LEGACY_ID,
    region: 'eu-west-1',
    settings: { ...legacyParts.settings, ...settings },
    users: { ...legacy, ...users },
  },
];
/** Nobody with a password is in it yet. */
const fresh = (settings: Partial<PoolSettings> = {}, users: Partial<UserStatistics> = { total: 200, native: 0 }) => ({
  userPoolId: NEW_ID,
  region: 'eu-west-1',
  settings: { ...newParts.settings, ...settings },
  users: { ...newUsers, ...users },
});
const of = (way: Way, cost = estimateCost(pools(), fresh(), context.options)) =>
  cost.ways.find((one) => one.way === way);

describe('the writes of a backfill', () => {
  it.each([
    ['those without a value', 1000, 1000, 100, 900],
    ['no more than there are legacy users', 300, 1000, 100, 200],
    ['several legacy pools together', 300, 200, 0, 200],
    ['never less than none', 10, 1000, 500, 0],
  ])('are %s', (_what, legacyTotal, newTotal, done, expected) => {
    const mapped = { ...newUsers, total: newTotal, customAttributes: { 'custom:legacy_sub': done } };
    expect(backfillWrites([{ ...legacy, total: legacyTotal }], mapped, 'custom:legacy_sub')).toBe(expected);
  });
});

describe('the cost', () => {
  it('of a backfill is a monthly active user per write, and its time that of the rate', () => {
    const there = fresh({}, { total: 1000, native: 800 });
    const way = of('backfill', estimateCost(pools(), there, { ...context.options, rps: 25 }));
    expect(way).toMatchObject({ writes: 900, monthlyActiveUsers: 900, dollars: 900 * 0.015, hours: 900 / 25 / 3600 });
  });

  it('of the migration trigger is whom it makes active in the legacy pool in the first month', () => {
    expect(of('migration-trigger')).toMatchObject({ users: 800, writes: 0, monthlyActiveUsers: 400, dollars: 6 });
  });

  it.each([
    ['LITE', 'PLUS', 0.0055],
    ['PLUS', 'LITE', 0.02],
    ['ESSENTIALS', 'ESSENTIALS', 0.015],
  ] as const)(
    'in a legacy pool on %s is at its own price, whatever the new pool on %s costs',
    (plan, newPlan, price) => {
      const cost = estimateCost(pools({ plan }), fresh({ plan: newPlan }), context.options);
      expect(of('migration-trigger', cost)?.dollars).toBeCloseTo(400 * price);
      expect(cost.legacyPrices).toEqual([{ userPoolId: LEGACY_ID, mauPrice: price, priceSource: 'list price' }]);
    },
  );

  it('of the legacy pool can be given', () => {
    const cost = estimateCost(pools(), fresh(), { ...context.options, legacyMauPrice: 0.001 });
    expect(of('migration-trigger', cost)?.dollars).toBeCloseTo(0.4);
    expect(cost.legacyPrices).toMatchObject([{ mauPrice: 0.001, priceSource: 'given' }]);
  });

  it('is that of signing in through the legacy pool where MFA stops the trigger', () => {
    const cost = estimateCost(pools({ mfa: 'ON' }), fresh(), context.options);
    expect(cost.ways.map(({ way }) => way)).toEqual(['backfill', 'federation-with-legacy-pool', 'csv-import']);
    expect(of('federation-with-legacy-pool', cost)).toMatchObject({ users: 800, monthlyActiveUsers: 400, dollars: 6 });
  });

  it('counts nobody who is in the new pool already', () => {
    const half = estimateCost(pools(), fresh({}, { total: 600, native: 400 }), context.options);
    expect(of('migration-trigger', half)).toMatchObject({ users: 400, monthlyActiveUsers: 200 });
    expect(of('csv-import', half)).toMatchObject({ users: 400 });
    const all = estimateCost(pools(), fresh({}, { total: 1000, native: 800 }), context.options);
    expect(all.ways.map(({ way }) => way)).toEqual(['backfill']);
  });

  it('of an import is nothing', () => {
    expect(of('csv-import')).toMatchObject({ users: 800, writes: 0, monthlyActiveUsers: 0, dollars: 0 });
  });

  it('names no way for passwords where nobody has one', () => {
    const nobody = pools({}, { native: 0, ableToSignIn: 0, total: 200, lastModifiedNative: [] });
    expect(estimateCost(nobody, undefined, context.options).ways).toEqual([]);
  });

  it.each([
    ['LITE', undefined, 0.0055, 'list price'],
    ['ESSENTIALS', undefined, 0.015, 'list price'],
    ['PLUS', undefined, 0.02, 'list price'],
    [null, undefined, 0.015, 'list price'],
    ['ULTRA' as 'PLUS', undefined, 0.015, 'list price'],
    ['PLUS', 0.001, 0.001, 'given'],
    ['PLUS', 0, 0, 'given'],
  ] as const)('on plan %s with the price %s is at %d', (plan, mauPrice, expected, source) => {
    const cost = estimateCost(pools(), fresh({ plan }), { ...context.options, mauPrice });
    expect(cost).toMatchObject({ mauPrice: expected, priceSource: source });
  });

  it('leaves the backfill out before there is anybody to write to', () => {
    expect(of('backfill', estimateCost(pools(), undefined, context.options))).toBeUndefined();
  });
});
