import { refuse } from '../../options.js';
import { type Check, type CliOptions, valueOption } from './option.js';

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 };

/** `90`, `90s`, `10m`, `1h`; in the config file also a number of seconds. */
const duration: Check<number> = (name, value) => {
  const [, amount, unit = ''] = /^(\d{1,7})([smh]?)$/.exec(String(value)) ?? [];
  const known = typeof value === 'string' || typeof value === 'number';
  if (!known || amount === undefined) return refuse(name, 'a time like 90s, 10m or 1h', value);
  return Number(amount) * (UNITS[unit] ?? 1) * 1000;
};

/** For every command that calls Cognito. */
export const ENDURING_OPTIONS = {
  patience: valueOption(
    '<time>',
    'how long to keep trying when Cognito fails or credentials expire, after its first answer: 90s, 10m, 1h (default: 1h)',
    duration,
  ),
} satisfies CliOptions;
