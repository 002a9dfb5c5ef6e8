import { describe, expect, it } from 'vitest';
import { checkReadRps, checkRps, checkWriteRps, isQuota, isRate } from '../../../src/migrate/calls/quotas.js';

describe('rates', () => {
  it('have defaults below what Cognito allows', () => {
    expect([checkReadRps(undefined), checkWriteRps({})]).toEqual([15, { rps: 10, most: 25 }]);
  });

  it.each([0, 1001, Number.NaN])('are no %d calls per second', (rps) => {
    expect(() => checkReadRps(rps)).toThrow(expect.objectContaining({ option: 'readRps' }));
    expect(() => checkRps(rps)).toThrow(expect.objectContaining({ option: 'rps' }));
  });
});

describe('a value that was stored', () => {
  it.each([0.1, 1, 1000])('of %d is a rate', (value) => expect(isRate(value)).toBe(true));
  it.each([0.09, 1000.1, Number.NaN, Number.POSITIVE_INFINITY, '10', [10], null, true])('of %j is no rate', (value) =>
    expect(isRate(value)).toBe(false),
  );
  it.each([1, 25, 100_000])('of %d is a quota', (value) => expect(isQuota(value)).toBe(true));
  it.each([0.9, 100_001, Number.NaN, Number.POSITIVE_INFINITY, '25', [25], null, true])('of %j is no quota', (value) =>
    expect(isQuota(value)).toBe(false),
  );
});

describe('the rate of writes', () => {
  it.each([
    [{ rps: 25 }, { rps: 25, most: 25 }],
    [
      { rps: 80, quota: 80 },
      { rps: 80, most: 80 },
    ],
    [{ quota: 200 }, { rps: 10, most: 200 }],
  ])('of %j is %j', (options, expected) => expect(checkWriteRps(options)).toEqual(expected));

  it.each([
    [{ rps: 26 }, 'set --quota to what AWS granted this account'],
    [{ rps: 81, quota: 80 }, 'this is the limit set with --quota'],
  ])('of %j is refused, and why', (options, why) => {
    const refused = { option: 'rps', message: expect.stringContaining(why) };
    expect(() => checkWriteRps(options)).toThrow(expect.objectContaining(refused));
  });
});
