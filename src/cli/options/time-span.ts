import { refuse } from '../../options.js';
import type { Check } from './option.js';

/** Seconds by unit; `''` is a number without one. */
const UNITS = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 } as const;

type Unit = keyof typeof UNITS;

/** A check for a time in one of `units`, in milliseconds. 0 needs no unit. */
export const timeSpan = (expected: string, units: readonly Unit[]): Check<number> => {
  return (name, value) => {
    const isKnown = typeof value === 'string' || typeof value === 'number';
    const [, amount = '', given = ''] = (isKnown && /^(\d{1,7})([a-z]?)$/.exec(String(value))) || [];
    const unit = units.find((one) => one === given) ?? (given === '' && Number(amount) === 0 ? '' : undefined);
    if (amount === '' || unit === undefined) return refuse(name, expected, value);
    return Number(amount) * UNITS[unit] * 1000;
  };
};
