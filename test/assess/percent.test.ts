import { expect, it } from 'vitest';
import { percent } from '../../src/assess/percent.js';

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
