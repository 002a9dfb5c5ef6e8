import { describe, expect, it } from 'vitest';
import { ENDURING_OPTIONS } from '../../../src/cli/options/enduring.js';

const { check } = ENDURING_OPTIONS.patience;

describe('--patience', () => {
  it.each([
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h', 3_600_000],
    ['0', 0],
    ['45', 45_000],
    [45, 45_000],
    [undefined, undefined],
  ])('%j is %j ms', (value, expected) => {
    expect(check('--patience', value)).toBe(expected);
  });

  it.each(['1d', '-1', '1.5h', 'h', '', true, 1.5, {}])('%j is refused', (value) => {
    expect(() => check('--patience', value)).toThrow('--patience: expected a time like 90s, 10m or 1h');
  });
});
