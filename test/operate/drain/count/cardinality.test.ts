import { describe, expect, it } from 'vitest';
import { cardinality } from '../../../../src/operate/drain/count/cardinality.js';

const RANKS = 41;
const REGISTERS = 16_384;

/** The registers that `amount` elements leave on average. */
function expectedHistogram(amount: number): number[] {
  const atMost = (rank: number) => (rank === RANKS - 1 ? 1 : Math.exp((-amount / REGISTERS) * 2 ** -rank));
  return Array.from({ length: RANKS }, (_, rank) => REGISTERS * (atMost(rank) - (rank === 0 ? 0 : atMost(rank - 1))));
}

describe('cardinality', () => {
  it('is 0 for empty registers, and without bound for full ones', () => {
    expect(cardinality([REGISTERS, ...Array.from({ length: RANKS - 1 }, () => 0)])).toBe(0);
    expect(cardinality([...Array.from({ length: RANKS - 1 }, () => 0), REGISTERS])).toBeGreaterThan(1e15);
  });

  it.each([1, 3])('is nearly exact where %d registers of many are set', (count) => {
    const histogram = [REGISTERS - count, count, ...Array.from({ length: RANKS - 2 }, () => 0)];
    expect(cardinality(histogram)).toBeCloseTo(count, 1);
  });

  it.each([100, 1_000, 10_000, 100_000, 1_000_000, 100_000_000])('has no bias at %d', (amount) => {
    expect(Math.abs(cardinality(expectedHistogram(amount)) / amount - 1)).toBeLessThan(0.005);
  });
});
