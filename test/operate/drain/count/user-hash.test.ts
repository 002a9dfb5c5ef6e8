import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { userHash } from '../../../../src/operate/drain/count/user-hash.js';

describe('userHash', () => {
  // Instances of different versions merge what they counted: a hash that changes counts everybody twice.
  it.each([
    ['', 332_769_623_293_174],
    ['a', 3226_822_080_094_206],
    ['ab', 2398_001_597_926_865],
    ['b2e6a0f4-7c1d-4d8e-9a3b-5f60718293a4', 3583_896_558_195_719],
    ['Zoë 😀', 1688_913_508_581_870],
  ])('of %j is %d, for ever', (text, hash) => {
    expect(userHash(text)).toBe(hash);
  });

  it('is a whole number below 2^53', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const hash = userHash(text);
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
      }),
    );
  });

  it('differs for 10 000 ids that differ in little, and sets every bit half of the time', () => {
    const hashes = new Set<number>();
    const set = Array.from({ length: 53 }, () => 0);
    const amount = 10_000;
    for (let n = 0; n < amount; n += 1) {
      const hash = userHash(`a0000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`);
      hashes.add(hash);
      for (let bit = 0; bit < 53; bit += 1) set[bit]! += Math.floor(hash / 2 ** bit) % 2;
    }
    expect(hashes.size).toBe(amount);
    for (const count of set) expect(Math.abs(count / amount - 0.5)).toBeLessThan(0.025);
  });

  it('changes half of the bits with each character', () => {
    const id = createHash('sha256').update('somebody').digest('hex').slice(0, 36);
    for (let at = 0; at < id.length; at += 1) {
      const other = `${id.slice(0, at)}${id[at] === '0' ? '1' : '0'}${id.slice(at + 1)}`;
      const changed = BigInt(userHash(id)) ^ BigInt(userHash(other));
      const bits = changed.toString(2).replaceAll('0', '').length;
      expect(bits).toBeGreaterThan(10);
      expect(bits).toBeLessThan(43);
    }
  });
});
