import { describe, expect, it } from 'vitest';
import { planDate, resolvedDate } from '../../../../src/cli/commands/phase/plan-date.js';

const DAY = Date.UTC(2026, 11, 1);

describe('a date on the command line', () => {
  it.each<[string, unknown]>([
    ['2026-12-01', DAY],
    ['2026-12-01T00:00:00Z', DAY],
    ['2026-12-01T00:00Z', DAY],
    ['2026-12-01T01:00:00+01:00', DAY],
    ['never', 'never'],
    ['now', 'now'],
  ])('may be %s', (text, expected) => {
    expect(planDate('--accept-until', text)).toBe(expected);
  });

  it.each([
    '2026-12-01T09:00:00',
    '2026-12-01 09:00Z',
    '2026-02-30',
    '2026-13-01',
    '01.12.2026',
    '12/01/2026',
    'tomorrow',
    '1796083200',
    1_796_083_200,
    '1969-12-31',
    '',
    null,
  ])('may not be %j', (given) => {
    expect(() => planDate('--accept-until', given)).toThrow('--accept-until: expected a date like 2026-12-01');
  });
});

it.each([
  [undefined, 5],
  ['now', 9],
  ['never', Number.POSITIVE_INFINITY],
  [7, 7],
] as const)('%s stands for %d', (setting, expected) => {
  expect(resolvedDate(setting, 5, 9)).toBe(expected);
});
