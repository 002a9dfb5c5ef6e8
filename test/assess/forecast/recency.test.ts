import { describe, expect, it } from 'vitest';
import { CURVE_DAYS, estimateRecency, movedAfter } from '../../../src/assess/forecast/recency.js';
import { legacyParts } from '../pools.js';

const { users } = legacyParts;

describe('who moves by themselves', () => {
  it('counts whole days: who was changed today moves on the first', () => {
    const ages = [
      { days: 0, users: 1 },
      { days: 1, users: 10 },
      { days: 7, users: 100 },
    ];
    expect([0, 1, 2, 7, 8].map((days) => movedAfter(ages, days))).toEqual([0, 1, 11, 11, 111]);
  });

  it('is a curve that never falls, for native and federated users, over all legacy pools', () => {
    const { curve, native, federated, method, flat } = estimateRecency([users, users]);
    expect({ native, federated }).toEqual({ native: 1600, federated: 400 });
    expect(curve.map(({ days }) => days)).toEqual([...CURVE_DAYS]);
    expect(curve.map((point) => point.native)).toEqual([200, 200, 200, 800, 800, 800, 800, 1400, 1400]);
    expect(curve.map((point) => point.nativeShare)).toEqual([0.125, 0.125, 0.125, 0.5, 0.5, 0.5, 0.5, 0.875, 0.875]);
    expect(curve.map((point) => point.federatedShare)).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(method).toContain('This is an estimate');
    expect(flat).toEqual([
      'Users with a password: the curve is flat from 1 to 14, from 30 to 180, and from 365 to 730 days, because none of them was last changed that long ago.',
      'Users of identity providers: all of them have moved after 7 days.',
    ]);
  });

  it('is no one in an empty pool', () => {
    const empty = {
      ...users,
      ableToSignIn: 0,
      ableToSignInFederated: 0,
      lastModifiedNative: [],
      lastModifiedFederated: [],
    };
    expect(estimateRecency([empty]).curve[0]).toMatchObject({ native: 0, nativeShare: 0, federatedShare: 0 });
  });
});
