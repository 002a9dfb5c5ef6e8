import { describe, expect, it } from 'vitest';
import type { CliOptions, Settings } from '../../../src/cli/options/option.js';
import { readOptions } from '../../../src/cli/options/read-options.js';
import { CONTROL_OPTIONS, controlOf } from '../../../src/cli/run-control/control-options.js';

const settingsOf = <S extends CliOptions>(options: S, values: object): Settings<S> =>
  readOptions({}, { path: 'cutover.json', values: { ...values } })(options);
const control = (values: object) =>
  controlOf('apply', { ...settingsOf(CONTROL_OPTIONS, values), state: 'cutover.db' }, {});

describe('the options of a running command', () => {
  it('say nothing where nothing is given', () => expect(control({})).toEqual({}));

  it('become hours with their time zone', () => {
    expect(control({ between: '22:00-06:00', timeZone: 'Europe/Berlin', quota: 50 })).toEqual({
      quota: 50,
      between: { between: '22:00-06:00', timeZone: 'Europe/Berlin' },
    });
  });

  it('become functions that ask an address and run a command', () => {
    const { waitWhile, hook } = control({ waitWhile: 'http://localhost/', hook: 'true' });
    expect([typeof waitWhile, typeof hook]).toEqual(['function', 'function']);
  });

  it.each([
    [{ timeZone: 'Europe/Berlin' }, '--time-zone: needs --between'],
    [{ waitWhile: 'ftp://localhost' }, 'waitWhile: expected an http or https address, got "ftp://localhost"'],
    [{ between: '' }, 'between: expected hours like 22:00-06:00, got ""'],
    [{ hook: 5 }, 'hook: expected a command, got 5'],
    [{ quota: 0 }, 'quota: expected a number from 1 to 100000, got 0'],
  ])('refuse %j', (values, message) => expect(() => control(values)).toThrow(message));
});
