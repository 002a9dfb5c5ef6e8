import { expect, it } from 'vitest';
import { counted, listed, percent } from '../../src/assess/words.js';

it('counts in words', () => {
  expect([0, 1, 1200].map((amount) => counted(amount, 'user'))).toEqual(['0 users', '1 user', '1,200 users']);
  expect(counted(2, 'address', 'addresses')).toBe('2 addresses');
});

it.each([
  [0, 0, '0 %'],
  [0, 10, '0 %'],
  [1, 1000, 'under 1 %'],
  [999, 1000, 'over 99 %'],
  [1000, 1000, '100 %'],
  [1, 3, '33 %'],
])('%i of %i is %s', (part, whole, expected) => {
  expect(percent(part, whole)).toBe(expected);
});

it('lists a dozen names and says how many more there are', () => {
  const names = Array.from({ length: 14 }, (_, at) => `n${at}`);
  expect(listed(names.slice(0, 2))).toBe('n0, n1');
  expect(listed(names)).toMatch(/n11 and 2 more$/);
});
