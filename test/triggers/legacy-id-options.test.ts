import { describe, expect, it } from 'vitest';
import { checkFormat } from '../../src/triggers/legacy-id-options.js';

describe('checkFormat', () => {
  it.each([
    [undefined, '11111111-1111-4111-8111-111111111111', true],
    [undefined, '4711', false],
    [/\d+/, '4711', true],
    [/\d+/, '4711x', false],
    [null, 'anything', true],
    [null, '', false],
  ])('%s: %j %s', (format, value, expected) => {
    expect(checkFormat(format)(value)).toBe(expected);
  });
});
