import { describe, expect, it } from 'vitest';
import {
  formatColumns,
  formatDollars,
  formatRate,
  formatShare,
  formatTable,
  formatTime,
  formatUsers,
  visible,
  visibleLines,
} from '../../../src/cli/terminal/format.js';
import { formatCount } from '../../../src/words.js';

describe('formatShare', () => {
  it.each([
    [0, '0.0%'],
    [0.000_001, '<0.1%'],
    [0.5, '50.0%'],
    [0.999_999, '>99.9%'],
    [1, '100.0%'],
  ])('writes %d as %s', (share, text) => expect(formatShare(share)).toBe(text));
});

it('shows what a reader could not see', () => {
  expect(visible('a\u001b[2Jb\u202ec é\n')).toBe('a\\u001b[2Jb\\u202ec é\\u000a');
  expect(visibleLines('a\u001b[2Jb\r\nc\u001b[31m')).toBe('a\\u001b[2Jb\\u000d\nc\\u001b[31m');
});

it('writes numbers the same on every machine', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect(formatDollars(15_000)).toBe('$15,000.00');
  expect(formatRate(9.87)).toBe('9.9/s');
  expect(formatUsers(1)).toBe('1 user');
  expect(formatUsers(2_000)).toBe('2,000 users');
  expect(formatTime(new Date('2026-03-01T08:15:59Z'))).toBe('2026-03-01 08:15 UTC');
});

it('lines up two columns', () => {
  expect(
    formatTable([
      ['a', 'one'],
      ['long', ''],
    ]),
  ).toEqual(['  a     one', '  long']);
  expect(
    formatTable(
      [
        ['1', 'one'],
        ['100', 'more'],
      ],
      'right',
    ),
  ).toEqual(['    1  one', '  100  more']);
});

it('lines up numbers under their headings', () => {
  expect(
    formatColumns([
      ['', 'users'],
      ['Backfill', '1,000'],
      ['Import', '5'],
    ]),
  ).toEqual(['            users', '  Backfill  1,000', '  Import        5']);
  expect(formatColumns([])).toEqual([]);
});
