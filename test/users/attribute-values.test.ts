import { describe, expect, it } from 'vitest';
import type { PoolAttribute } from '../../src/directory/lambda/trigger-pools.js';
import { fits, misfitOf } from '../../src/users/attribute-values.js';

const cases = (attribute: Partial<PoolAttribute>, good: readonly string[], bad: readonly string[]) =>
  [...good.map((value) => [value, true] as const), ...bad.map((value) => [value, false] as const)].map(
    ([value, expected]) => [{ name: 'custom:x', ...attribute }, value, expected] as const,
  );

describe('fits', () => {
  it.each([
    ...cases({ minLength: 2, maxLength: 3 }, ['ab', 'abc', '😀a'], ['a', 'abcd', '😀', '😀😀']),
    ...cases({ type: 'String', maxLength: 3 }, ['', 'abc'], ['abcd']),
    ...cases(
      { type: 'Number' },
      ['0', '-7', '1.5', '007', '12345678901234567890'],
      ['', ' ', 'seven', '1e3', '0x10', '1,5', '+1', '.5', '1.', 'NaN', 'Infinity', ' 1', '9'.repeat(400)],
    ),
    ...cases({ type: 'Number', minValue: 1, maxValue: 10 }, ['1', '10', '1.5'], ['0', '11', '10.1', '-1', '0.9']),
    ...cases({ type: 'Number', minLength: 3, maxLength: 3 }, ['1', '12345'], []),
    ...cases({ type: 'Boolean' }, ['true', 'false'], ['', 'True', 'TRUE', '1', '0', 'yes', ' true']),
    ...cases(
      { type: 'DateTime' },
      ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.123+01:00', '2026-11-24T10:00Z'],
      ['', '2026-11-24', '24.11.2026', 'yesterday', '1764000000', '2026-13-24T10:00:00Z', '2026-11-24T10:00:00'],
    ),
    ...cases(
      { name: 'phone_number' },
      ['+4912345', '+15', '+123456789012345'],
      ['4912345', '+49 123', '089 123', '+', '+1', '+049123', '+1234567890123456'],
    ),
    ...cases({ name: 'email' }, ['a@example.com'], ['a', 'a@', '@example.com', 'a b@example.com']),
  ])('%j %j: %s', (attribute, value, expected) => {
    expect(fits(value, attribute)).toBe(expected);
  });
});

describe('misfitOf', () => {
  it.each([
    [{ type: 'String', maxLength: 3 }, 'abcd', 'length'],
    [{ name: 'email' }, 'ann', 'form'],
    [{ type: 'Number' }, 'seven', 'range'],
    [{ type: 'Boolean' }, 'yes', 'form'],
    [{ type: 'DateTime' }, 'yesterday', 'form'],
    [{ type: undefined, maxLength: undefined }, 'abcd', undefined],
  ] as const)('says what is wrong: %j %j', (attribute, value, expected) => {
    expect(misfitOf(value, { name: 'custom:x', ...attribute })).toBe(expected);
  });
});
