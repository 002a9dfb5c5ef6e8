import fc from 'fast-check';
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

  it.each([0, 5])('does not take another token for it that ends in the same signature, %i tokens later', (later) => {
    const cache = new TokenCache(10);
    cache.set(entry(tokenOf(1)), cache.epoch);
    for (let index = 2; index < 2 + later; index++) cache.set(entry(tokenOf(index)), cache.epoch);
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

describe('tokens that never come again', () => {
  const MAX = 4_000;

  /** A cache in front of a verifier: whether each token was found, and how often it had to be verified. */
  function behind(cache: TokenCache) {
    const use = (token: string, isCostly = false) => {
      const isFound = cache.get(token) !== undefined;
      if (!isFound) cache.set(entry(token), cache.epoch, isCostly);
      return isFound;
    };
    let scanned = 0;
    return { use, scan: (count: number) => Array.from({ length: count }, () => use(tokenOf(1e9 + scanned++))) };
  }

  it('are kept at first, as any token is', () => {
    const { use, scan } = behind(new TokenCache(MAX));
    scan(MAX / 2 - 1);
    use(tokenOf(1));
    expect(use(tokenOf(1))).toBe(true);
  });

  it('make new tokens wait for their second use, in small caches too', () => {
    for (const maxTokens of [1, 2, 3, 100, MAX]) {
      const { use, scan } = behind(new TokenCache(maxTokens));
      scan(MAX);
      expect([use(tokenOf(1)), use(tokenOf(1)), use(tokenOf(1))]).toEqual([false, false, true]);
    }
  });

  it('do not make those wait that a resolver was asked for', () => {
    const { use, scan } = behind(new TokenCache(MAX));
    scan(MAX);
    expect([use(tokenOf(1), true), use(tokenOf(1), true)]).toEqual([false, true]);
  });

  it('do not push out tokens in use', () => {
    const { use, scan } = behind(new TokenCache(MAX));
    const hot = Array.from({ length: 1_000 }, (_, index) => tokenOf(index));
    for (const token of hot) use(token);
    const found = Array.from({ length: 30 }, () => {
      scan(1_000);
      return hot.filter((token) => use(token)).length;
    });
    expect(Math.min(...found)).toBe(1_000);
    // While a token waits long between two uses, as a cache that keeps all could not hold it.
    scan(20 * MAX);
    expect(hot.filter((token) => use(token)).length).toBe(1_000);
  });

  it('let tokens in that begin to be used amid them', () => {
    const { use, scan } = behind(new TokenCache(MAX));
    scan(3 * MAX);
    const hot = Array.from({ length: 1_000 }, (_, index) => tokenOf(index));
    const rounds = Array.from({ length: 5 }, () => {
      scan(1_000);
      return hot.filter((token) => use(token)).length;
    });
    expect(rounds.slice(0, 2)).toEqual([0, 0]);
    // A few of those noticed were pushed out by others before they came again.
    expect(rounds[2]).toBeGreaterThan(600);
    expect(rounds[4]).toBeGreaterThan(900);
  });

  it('are forgotten once tokens come again: all are kept at once then', () => {
    const { use, scan } = behind(new TokenCache(MAX));
    scan(3 * MAX);
    for (let index = 0; index < MAX; index++) for (let times = 0; times < 4; times++) use(tokenOf(index));
    expect([use(tokenOf(MAX)), use(tokenOf(MAX))]).toEqual([false, true]);
  });

  it('replaces what is there, so that a token verified again is not verified at every use', () => {
    const cache = new TokenCache(MAX);
    const { use, scan } = behind(cache);
    use(tokenOf(1));
    scan(MAX / 2);
    cache.set({ ...entry(tokenOf(1)), generation: 2 }, cache.epoch);
    expect(cache.get(tokenOf(1))?.generation).toBe(2);
  });
});

it('answers as a cache that never makes room would, or not at all', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 20, arbitrary: fc.record({ use: fc.integer({ min: 0, max: 40 }), isCostly: fc.boolean() }) },
      { weight: 2, arbitrary: fc.record({ forget: fc.integer({ min: 0, max: 40 }) }) },
      { weight: 2, arbitrary: fc.record({ scan: fc.integer({ min: 1, max: 2_500 }) }) },
    ),
    { maxLength: 60 },
  );
  const property = fc.property(fc.integer({ min: 1, max: 60 }), steps, (maxTokens, all) => {
    const cache = new TokenCache(maxTokens);
    const model = new Map<string, VerifiedToken>();
    let scanned = 1e9;
    for (const step of all) {
      if ('use' in step) {
        const token = tokenOf(step.use);
        const found = cache.get(token);
        if (found !== undefined) expect(found.identity).toBe(model.get(token)?.identity);
        const made = entry(token, { sub: `user${step.use}`, userId: `user${step.use}` });
        if (found === undefined) {
          model.set(token, made);
          cache.set(made, cache.epoch, step.isCostly);
          if (step.isCostly) expect(cache.get(token)?.identity).toBe(made.identity);
        }
      } else if ('forget' in step) {
        model.delete(tokenOf(step.forget));
        cache.forget(`user${step.forget}`);
        expect(cache.get(tokenOf(step.forget))).toBeUndefined();
      } else {
        for (let count = 0; count < step.scan; count++) {
          cache.set(entry(tokenOf(scanned++), { sub: 's', userId: 's' }), cache.epoch);
        }
      }
    }
    const held = Array.from({ length: 41 }, (_, index) => cache.get(tokenOf(index))).filter((one) => one !== undefined);
    expect(held.length).toBeLessThanOrEqual(Math.max(1, maxTokens));
  });
  fc.assert(property, { numRuns: 150 });
});
