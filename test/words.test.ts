import { expect, it } from 'vitest';
import { counted, formatCount, listed } from '../src/words.js';

it('counts in words', () => {
  expect([0, 1, 1200].map((amount) => counted(amount, 'user'))).toEqual(['0 users', '1 user', '1,200 users']);
  expect(counted(2, 'address', 'addresses')).toBe('2 addresses');
  expect(formatCount(1_234_567.4)).toBe('1,234,567');
});

it('lists ten names and says how many more there are', () => {
  const names = Array.from({ length: 12 }, (_, at) => `n${at}`);
  expect(listed(names.slice(0, 2))).toBe('n0, n1');
  expect(listed(names.slice(0, 10))).toMatch(/, n9$/);
  expect(listed(names)).toMatch(/, n9 and 2 more$/);
  expect(listed(names.slice(0, 2), '; ')).toBe('n0; n1');
});
