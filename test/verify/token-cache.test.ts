import { describe, expect, it } from 'vitest';
import { TokenCache, type VerifiedToken } from '../../src/verify/token-cache.js';

const entry = (token: string) => ({ token, mappedUntil: 0 }) as VerifiedToken;
const tokenOf = (index: number, front = 'head') => `${front}.body.${String(index).padStart(43, '0')}`;

describe('TokenCache', () => {
  it('finds the very token, in a text of its own', () => {
    const cache = new TokenCache(10);
    cache.set(entry(tokenOf(1)));
    expect(cache.get(Buffer.from(tokenOf(1)).toString())?.token).toBe(tokenOf(1));
    expect(cache.get(tokenOf(2))).toBeUndefined();
  });

  it('does not take another token for it that ends in the same signature', () => {
    const cache = new TokenCache(10);
    cache.set(entry(tokenOf(1)));
    expect(cache.get(tokenOf(1, 'forged'))).toBeUndefined();
    expect(cache.get(tokenOf(1))).toBeDefined();
  });

  it.each([1, 2, 3, 10, 101])('never holds more than %i tokens, and the latest of them', (maxTokens) => {
    for (let inserted = 1; inserted <= maxTokens * 3; inserted++) {
      const cache = new TokenCache(maxTokens);
      for (let index = 1; index <= inserted; index++) cache.set(entry(tokenOf(index)));
      const latestFirst = Array.from({ length: inserted }, (_, past) => tokenOf(inserted - past));
      const held = latestFirst.map((token) => cache.get(token) !== undefined);
      expect(held[0]).toBe(true);
      expect(held.filter(Boolean).length).toBeLessThanOrEqual(maxTokens);
    }
  });

  it('keeps the tokens in use through any number of others', () => {
    const cache = new TokenCache(10);
    cache.set(entry(tokenOf(0)));
    for (let index = 1; index < 1_000; index++) {
      cache.set(entry(tokenOf(index)));
      expect(cache.get(tokenOf(0))).toBeDefined();
    }
  });

  it.each([undefined, null, 5, {}, ''])('has nothing for %s', (token) => {
    expect(new TokenCache(10).get(token as string)).toBeUndefined();
  });
});
