import { describe, expect, it } from 'vitest';
import { DuplicateCounter, FingerprintSet } from '../../../src/assess/reading/fingerprints.js';

const names = (amount: number) => Array.from({ length: amount }, (_, at) => `user${at}@example.com`);

describe('FingerprintSet', () => {
  it('takes each value once, however large it grows', () => {
    const set = new FingerprintSet();
    const all = names(20_000);
    expect(all.every((name) => set.add(name))).toBe(true);
    expect(all.some((name) => set.add(name))).toBe(false);
    expect(all.every((name) => set.has(name))).toBe(true);
    expect(set.has('nobody@example.com')).toBe(false);
  });
});

describe('DuplicateCounter', () => {
  it.each([
    [[], { values: 0, users: 0 }],
    [['a', 'b', 'c'], { values: 0, users: 0 }],
    [['a', 'b', 'a'], { values: 1, users: 2 }],
    [['a', 'a', 'b', 'a', 'b', 'c'], { values: 2, users: 5 }],
  ])('counts %j', (values, expected) => {
    const counter = new DuplicateCounter();
    for (const value of values) counter.add(value);
    expect(counter.count()).toEqual(expected);
  });

  it('counts past the room it starts with', () => {
    const counter = new DuplicateCounter();
    for (const name of names(20_000)) counter.add(name);
    for (const name of names(3)) counter.add(name);
    expect(counter.count()).toEqual({ values: 3, users: 6 });
  });
});
