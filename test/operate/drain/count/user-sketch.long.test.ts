import { expect, it } from 'vitest';
import { sketchOf } from './sketches.js';

const SEEDS = 40;

// The standard error of 2^14 registers is 0.81 %: one estimate in seventy is off by more than 2 %.
it.each([1_001, 3_000, 10_000, 30_000, 100_000, 1_000_000])(
  'is without bias at %d users, and seldom off by a fiftieth',
  (users) => {
    const seeds = users === 1_000_000 ? SEEDS / 2 : SEEDS;
    const errors = Array.from({ length: seeds }, (_, seed) => sketchOf(0, users, `${seed}-`).count / users - 1);
    const mean = errors.reduce((sum, error) => sum + error, 0) / seeds;
    const square = errors.reduce((sum, error) => sum + error ** 2, 0) / seeds;
    expect(Math.abs(mean)).toBeLessThan(0.006);
    expect(Math.sqrt(square)).toBeLessThan(0.0115);
    expect(errors.filter((error) => Math.abs(error) > 0.02).length).toBeLessThanOrEqual(3);
  },
);
