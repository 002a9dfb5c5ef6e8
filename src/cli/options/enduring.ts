import { refuse } from '../../options.js';
import type { Check, CliOption, CliOptions } from './option.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** `90`, `90s`, `10m`, `1h`; in the config file also a number of seconds. */
const duration: Check<number> = (name, value) => {
  const [, amount, unit = ''] = /^(\d{1,7})([smh]?)$/.exec(String(value)) ?? [];
  const known = typeof value === 'string' || typeof value === 'number';
  if (!known || amount === undefined) return refuse(name, 'a time like 90s, 10m or 1h', value);
  return Number(amount) * (UNITS[unit] ?? 1) * 1000;
};

/** Of every command that talks to Cognito. */
export const ENDURING_OPTIONS = {
  patience: {
    argument: '<time>',
    help: 'how long to wait for Cognito, or for renewed credentials, once it has answered: 90s, 10m, 1h (default: 1h)',
    check: (name, value) => (value === undefined ? undefined : duration(name, value)),
  } satisfies CliOption<number | undefined>,
} satisfies CliOptions;
