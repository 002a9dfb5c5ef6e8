import { describe, expect, it } from 'vitest';
import { checkEstimate, estimate, estimateApply, estimateRollback } from '../../src/migrate/estimate.js';
import { pools } from './support/pools-to-plan.js';
import { state } from './support/workspace.js';

describe('an estimate', () => {
  it('uses ten writes a second and the price of the Essentials plan', () => {
    expect(estimate(101, {})).toEqual({ writes: 101, estimatedSeconds: 11, estimatedMau: 101, estimatedMauUsd: 1.52 });
  });

  it('takes groups at their own, slower pace, and for nobody', () => {
    const made = estimate(28, { rps: 10, mauPrice: 1 }, { groups: 8, users: 15 });
    expect(made).toMatchObject({ writes: 28, estimatedSeconds: 4, estimatedMau: 15, estimatedMauUsd: 15 });
    // Below that pace, groups go as fast as everything else.
    expect(estimate(8, { rps: 2 }, { groups: 8 }).estimatedSeconds).toBe(4);
  });

  it.each([
    [{ featurePlan: 'LITE' }, { estimatedMauUsd: 0.55, mauPrice: 0.0055, priceSource: 'list price' }],
    [{ featurePlan: 'PLUS' }, { estimatedMauUsd: 2, mauPrice: 0.02, priceSource: 'list price' }],
    [
      { featurePlan: 'PLUS', mauPrice: 0.01 },
      { estimatedMauUsd: 1, mauPrice: 0.01, priceSource: 'given' },
    ],
  ] as const)('uses the price of the pool, unless one is given: %j', (options, price) => {
    expect(estimate(100, options)).toMatchObject(price);
  });

  it.each([
    [{ rps: 0 }, 'rps'],
    [{ mauPrice: -1 }, 'mauPrice'],
  ])('refuses %j', (options, option) => {
    expect(() => checkEstimate(options)).toThrow(option);
  });
});

it('of an apply counts what is left to write, up to its limit', async () => {
  const { plan } = pools(10, 10);
  const opened = state();
  expect(() => estimateApply(opened)).toThrow(expect.objectContaining({ code: 'ERR_STATE_NOT_READY' }));
  await plan(opened);
  expect(estimateApply(opened)).toMatchObject({ writes: 10, estimatedMau: 10 });
  expect(estimateApply(opened, { maxWrites: 4 })).toMatchObject({ writes: 4, estimatedMau: 4 });
});

describe('of a rollback', () => {
  const written = { attributes: 10, members: 20, groups: 4, users: 5 };

  it('counts users once, however many memberships they have', () => {
    const made = estimateRollback(written, { rps: 10, maxWrites: 1000 });
    expect(made).toMatchObject({ writes: 34, estimatedSeconds: 4, estimatedMau: 15 });
  });

  it('leaves out groups first, which come last', () => {
    expect(estimateRollback(written, { rps: 10, maxWrites: 30 })).toMatchObject({ writes: 30, estimatedSeconds: 3 });
    expect(estimateRollback(written, { rps: 10, maxWrites: 7 })).toMatchObject({ writes: 7, estimatedMau: 7 });
  });
});
