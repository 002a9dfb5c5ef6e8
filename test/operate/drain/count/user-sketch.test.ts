import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_EXACT, UserSketch } from '../../../../src/operate/drain/count/user-sketch.js';
import { amount } from '../../../support/amount.js';
import { sketchOf } from './sketches.js';

const merged = (...sketches: readonly UserSketch[]): UserSketch => {
  const union = new UserSketch();
  for (const sketch of sketches) union.merge(sketch);
  return union;
};

/** Ranges of users that overlap, some below the limit of exact counting and some above it. */
const sketches = fc
  .tuple(fc.nat(1_500), fc.oneof(fc.nat(20), fc.nat(2_500)))
  .map(([from, length]) => sketchOf(from, from + length));
const runs = { numRuns: amount(30, 500) };

describe('UserSketch', () => {
  it('counts exactly up to 1 000, however often each user comes', () => {
    const sketch = new UserSketch();
    for (let users = 50; users <= MOST_EXACT; users += 50) {
      sketch.merge(sketchOf(0, users));
      expect(sketch.count).toBe(users);
    }
    expect(sketch.hashes).toHaveLength(MOST_EXACT);
    sketch.merge(sketchOf(0, MOST_EXACT + 1));
    expect(sketch.hashes).toBeUndefined();
    expect(Math.abs(sketch.count / (MOST_EXACT + 1) - 1)).toBeLessThan(0.02);
  });

  it.each([1_001, 5_000, 20_000, 60_000, 300_000])('of %d users is off by less than a fiftieth', (users) => {
    expect(Math.abs(sketchOf(0, users).count / users - 1)).toBeLessThan(0.02);
  });

  it('merges to the same in any order and grouping, and again without a change', () => {
    fc.assert(
      fc.property(sketches, sketches, sketches, (a, b, c) => {
        const all = `${merged(a, b, c)}`;
        expect(`${merged(c, a, b)}`).toBe(all);
        expect(`${merged(a, merged(b, c))}`).toBe(all);
        expect(`${merged(merged(a, b, c), b, a)}`).toBe(all);
      }),
      runs,
    );
  });

  it('merges to what one process would have counted', () => {
    fc.assert(
      fc.property(fc.nat(2_000), fc.nat(2_000), (a, b) => {
        const both = merged(sketchOf(0, a), sketchOf(a - Math.min(a, 100), a + b));
        expect(`${both}`).toBe(`${sketchOf(0, a + b)}`);
      }),
      runs,
    );
  });

  it('is parsed to the same sketch', () => {
    fc.assert(
      fc.property(sketches, (sketch) => {
        const again = UserSketch.parse(`${sketch}`);
        expect(`${again}`).toBe(`${sketch}`);
        expect(again?.count).toBe(sketch.count);
      }),
      runs,
    );
  });

  it('takes 12 KiB, of which a text has 16', () => {
    expect(sketchOf(0, 5_000).registers).toHaveLength(12_288);
    expect(`${sketchOf(0, 5_000)}`).toHaveLength(16_385);
    expect(`${new UserSketch()}`).toBe('');
  });

  it('refuses any other text', () => {
    const doubles = (...values: number[]) => `x${Buffer.from(new Float64Array(values).buffer).toString('base64')}`;
    const registers = (byte: number, length = 12_288) => `h${Buffer.alloc(length, byte).toString('base64')}`;
    for (const text of [
      'x',
      'h',
      'z',
      '?',
      'xAAAA',
      'x=AAA',
      ` ${sketchOf(0, 2)}`,
      `${sketchOf(0, 2)} `,
      doubles(2, 1),
      doubles(1, 1),
      doubles(-1),
      doubles(0.5),
      doubles(Number.NaN),
      doubles(Number.POSITIVE_INFINITY),
      doubles(2 ** 53),
      doubles(...Array.from({ length: MOST_EXACT + 1 }, (_, value) => value)),
      registers(0, 12_287),
      registers(0, 12_289),
      registers(0xff),
    ]) {
      expect(UserSketch.parse(text), text.slice(0, 40)).toBeUndefined();
    }
    expect(UserSketch.parse(registers(0))?.count).toBe(0);
  });

  it('never throws, whatever it parses', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.base64String().map((text) => `x${text}`),
        ),
        (text) => {
          const count = UserSketch.parse(text)?.count ?? 0;
          expect(count).toBeGreaterThanOrEqual(0);
        },
      ),
    );
  });
});
