import { expect, it } from 'vitest';
import { timeSpan } from '../../../src/cli/options/time-span.js';

const check = timeSpan('a time like 30d or 12h', ['h', 'd']);

it.each([
  ['30d', 2_592_000_000],
  ['12h', 43_200_000],
  ['0', 0],
  [0, 0],
  ['0d', 0],
])('%j is %j ms', (value, expected) => {
  expect(check('--refresh-lifetime', value)).toBe(expected);
});

it.each(['30', 30, '30s', '10m', '1.5d', '-1d', 'd', '', '0x', true, null, {}])('%j is refused', (value) => {
  expect(() => check('--refresh-lifetime', value)).toThrow('--refresh-lifetime: expected a time like 30d or 12h');
});
