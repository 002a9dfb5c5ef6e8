import { ConfigurationError } from './errors.js';

/** A value as an error message shows it: the value itself where it is short and plain, otherwise its type. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number')
    return `${value}`;
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws the error for a wrong option: which option, what was expected, what was given. */
export function refuse(option: string, expected: string, given: unknown): never {
  throw new ConfigurationError(option, `expected ${expected}, got ${shown(given)}`);
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a JSON text says; `undefined` where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Checks that `value` is an object without keys other than `known`, which finds misspelt options. `''` stands for the
 * options as a whole.
 */
export function checkKeys(option: string, value: unknown, known: readonly string[]): Record<string, unknown> {
  if (!isPlainObject(value)) refuse(option === '' ? 'options' : option, 'an object', value);
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new ConfigurationError(
        option === '' ? key : `${option}.${key}`,
        `unknown option; known are ${known.join(', ')}`,
      );
    }
  }
  return value;
}

export function checkString(option: string, value: unknown, expected = 'a non-empty string'): string {
  return typeof value === 'string' && value !== '' ? value : refuse(option, expected, value);
}

export function checkNumber(
  option: string,
  value: unknown,
  { min, max, integer = false, fallback }: { min: number; max: number; integer?: boolean; fallback: number },
): number {
  if (value === undefined) return fallback;
  const fits = typeof value === 'number' && value >= min && value <= max && (!integer || Number.isInteger(value));
  const range = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
  return fits ? value : refuse(option, `${integer ? 'a whole number' : 'a number'} ${range}`, value);
}

export function checkBoolean(option: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  return typeof value === 'boolean' ? value : refuse(option, 'true or false', value);
}

export function checkDate(option: string, value: unknown, expected = 'a valid Date'): Date {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : refuse(option, expected, value);
}

export function checkOneOf<const T extends string>(
  option: string,
  value: unknown,
  allowed: readonly T[],
  fallback?: T,
): T {
  if (value === undefined && fallback !== undefined) return fallback;
  if (allowed.includes(value as T)) return value as T;
  return refuse(option, allowed.map((one) => `'${one}'`).join(' or '), value);
}

export function checkFunction<T extends (...args: never[]) => unknown>(
  option: string,
  value: T | undefined,
): T | undefined {
  if (value !== undefined && typeof value !== 'function') refuse(option, 'a function', value);
  return value;
}
