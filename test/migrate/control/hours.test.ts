import { describe, expect, it } from 'vitest';
import { outside } from '../../../src/migrate/control/hours.js';

const at = (iso: string) => new Date(iso).getTime();

describe('the hours of the day in which to write', () => {
  it.each([
    ['22:00-06:00', 'Europe/Berlin', '2026-01-15T20:59:59Z', true],
    ['22:00-06:00', 'Europe/Berlin', '2026-01-15T21:00:00Z', false],
    ['22:00-06:00', 'Europe/Berlin', '2026-01-16T04:59:59Z', false],
    ['22:00-06:00', 'Europe/Berlin', '2026-01-16T05:00:00Z', true],
    ['01:00-05:30', 'UTC', '2026-01-16T05:29:00Z', false],
    ['01:00-05:30', 'UTC', '2026-01-16T05:30:00Z', true],
    ['01:00-05:30', 'UTC', '2026-01-16T00:59:00Z', true],
    ['09:00-17:00', 'America/New_York', '2026-07-01T13:00:00Z', false],
    // In summer the clocks of Berlin are an hour further.
    ['22:00-06:00', 'Europe/Berlin', '2026-07-15T20:00:00Z', false],
    ['22:00-06:00', 'Europe/Berlin', '2026-07-16T04:00:00Z', true],
    // The night in which they are set: 02:00 does not exist on 29 March, and comes twice on 25 October.
    ['22:00-03:00', 'Europe/Berlin', '2026-03-29T00:59:00Z', false],
    ['22:00-03:00', 'Europe/Berlin', '2026-03-29T01:00:00Z', true],
    ['22:00-02:30', 'Europe/Berlin', '2026-10-25T00:29:00Z', false],
    ['22:00-02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z', true],
    ['22:00-02:30', 'Europe/Berlin', '2026-10-25T01:29:00Z', false],
    ['22:00-02:30', 'Europe/Berlin', '2026-10-25T01:30:00Z', true],
    ['22:00-06:00', 'UTC', '2026-01-16T00:00:00Z', false],
  ])('%s in %s: %s is outside: %s', (between, timeZone, time, isOutside) => {
    const reason = outside({ between, timeZone }, () => at(time))();
    expect(reason).toBe(isOutside ? `outside ${between} ${timeZone}` : undefined);
  });

  it('are those of the machine where no zone is given', () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const hold = outside({ between: '10:00-10:01' }, () => at('2026-01-01T23:30:00Z'));
    expect(hold()).toBe(`outside 10:00-10:01 ${timeZone}`);
  });

  it('follow a clock that is set back', () => {
    let now = at('2026-01-15T06:30:00Z');
    const hold = outside({ between: '22:00-06:00', timeZone: 'UTC' }, () => now);
    expect(hold()).toBeDefined();
    now = at('2026-01-15T05:30:00Z');
    expect(hold()).toBeUndefined();
  });

  it.each([
    [{ between: '22-6' }, 'between: expected hours like 22:00-06:00, got "22-6"'],
    [{ between: '24:00-06:00' }, 'between: expected hours'],
    [{ between: '22:00-22:00' }, 'between: expected two different times'],
    [{ between: '22:00-06:00', timeZone: 'Berlin' }, 'timeZone: expected a time zone like Europe/Berlin, got "Berlin"'],
  ])('are refused as %j', (options, message) => {
    expect(() => outside(options, Date.now)).toThrow(message);
  });
});
