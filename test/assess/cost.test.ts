import { describe, expect, it } from 'vitest';
import { backfillWrites, estimateCost, type Way } from '../../src/assess/cost.js';
import { context, legacyParts, newParts } from './pools.js';

const legacy = legacyParts.users;
const newUsers = newParts.users;
const of = (way: Way, cost = estimateCost([legacy], newUsers, 'ESSENTIALS', context.options)) =>
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
    const way = of('backfill', estimateCost([legacy], newUsers, 'ESSENTIALS', { ...context.options, rps: 25 }));
    expect(way).toMatchObject({ writes: 900, monthlyActiveUsers: 900, dollars: 900 * 0.015, hours: 900 / 25 / 3600 });
  });

  it('of the migration trigger is whom it makes active in the legacy pool in the first month', () => {
    expect(of('migration-trigger')).toMatchObject({ users: 800, writes: 0, monthlyActiveUsers: 400, dollars: 6 });
  });

  it('of an import is nothing', () => {
    expect(of('csv-import')).toMatchObject({ users: 800, writes: 0, monthlyActiveUsers: 0, dollars: 0 });
  });

  it.each([
    ['LITE', undefined, 0.0055, 'list price'],
    ['ESSENTIALS', undefined, 0.015, 'list price'],
    ['PLUS', undefined, 0.02, 'list price'],
    [null, undefined, 0.015, 'list price'],
    ['PLUS', 0.001, 0.001, 'given'],
    ['PLUS', 0, 0, 'given'],
  ] as const)('on plan %s with the price %s is at %d', (plan, mauPrice, expected, source) => {
    const cost = estimateCost([legacy], newUsers, plan, { ...context.options, mauPrice });
    expect(cost).toMatchObject({ mauPrice: expected, priceSource: source });
  });

  it('leaves the backfill out before there is anybody to write to', () => {
    expect(of('backfill', estimateCost([legacy], undefined, null, context.options))).toBeUndefined();
  });
});
