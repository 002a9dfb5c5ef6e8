import { describe, expect, it } from 'vitest';
import { TokenCache, type VerifiedToken } from '../../src/verify/token-cache.js';

const entry = (token: string, identity = {}) => ({ token, identity, mappedUntil: 0 }) as VerifiedToken;
const tokenOf = (index: number, front = 'head') => `${front}.body.${String(index).padStart(43, '0')}`;

describe('TokenCache', () => {
  it('finds the very token, in a text of its own', () => {
    const cache = new TokenCache(10);
    cache.set(entry(tokenOf(1)), cache.epoch);
    expect(cache.get(Buffer.from(tokenOf(1)).toString())?.token).toBe(tokenOf(1));
    expect(cache.get(tokenOf(2))).toBeUndefined();
  });

  it('does not take another token for it that ends in the same signature', () => {
    const cache = new TokenCache(10);
    cache.set(entry(tokenOf(1)), cache.epoch);
    expect(cache.get(tokenOf(1, 'forged'))).toBeUndefined();
    expect(cache.get(tokenOf(1))).toBeDefined();
  });

  it.each([1, 2, 3, 10, 101])('never holds more than %i tokens, and the latest of them', (maxTokens) => {
    for (let inserted = 1; inserted <= maxTokens * 3; inserted++) {
      const cache = new TokenCache(maxTokens);
      for (let index = 1; index <= inserted; index++) cache.set(entry(tokenOf(index)), cache.epoch);
      const latestFirst = Array.from({ length: inserted }, (_, past) => tokenOf(inserted - past));
      const held = latestFirst.map((token) => cache.get(token) !== undefined);
      expect(held[0]).toBe(true);
      expect(held.filter(Boolean).length).toBeLessThanOrEqual(maxTokens);
    }
  });

  it('keeps the tokens in use through any number of others', () => {
    const cache = new TokenCache(10);
    cache.set(entry(tokenOf(0)), cache.epoch);
    for (let index = 1; index < 1_000; index++) {
      cache.set(entry(tokenOf(index)), cache.epoch);
      expect(cache.get(tokenOf(0))).toBeDefined();
    }
  });

  it.each([
    ['sub', { sub: 'wanted', userId: 'other' }],
    ['legacy id', { sub: 'other', userId: 'wanted' }],
  ])('forgets one user by their %s, young and old, and nobody else', (_, identity) => {
    const cache = new TokenCache(4);
    for (let index = 0; index < 4; index++) cache.set(entry(tokenOf(index), identity), cache.epoch);
    cache.set(entry(tokenOf(3), { sub: 'else', userId: 'else' }), cache.epoch);
    cache.forget('wanted');
    expect([0, 1, 2, 3].map((index) => cache.get(tokenOf(index)) !== undefined)).toEqual([false, false, false, true]);
    cache.forget(undefined);
    expect(cache.get(tokenOf(3))).toBeUndefined();
  });

  it('does not keep what was on its way when something was forgotten', () => {
    const cache = new TokenCache(4);
    const { epoch } = cache;
    cache.forget('anybody');
    cache.set(entry(tokenOf(1)), epoch);
    expect(cache.get(tokenOf(1))).toBeUndefined();
    cache.set(entry(tokenOf(1)), cache.epoch);
    expect(cache.get(tokenOf(1))).toBeDefined();
  });

  it.each([undefined, null, 5, {}, ''])('has nothing for %s', (token) => {
    expect(new TokenCache(10).get(token as string)).toBeUndefined();
  });
});
