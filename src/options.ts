import { ConfigurationError } from './errors.js';
import { isThenable } from './thenable.js';

/**
 * The user name and password of an address, also of one that lacks a slash: errors end up in logs. No lookbehind: Safari has it since
 * 16.4 only.
 */
const CREDENTIALS = /(:\/\/|^[a-z][a-z\d+.-]*:\/?(?!\/))[^/\s]*(?=@)/gi;

/** Objects of JavaScript that show nothing of what they hold as properties. */
const OPAQUE: ReadonlySet<string> = new Set([
  'Date',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'RegExp',
  'Error',
  'Headers',
  'URLSearchParams',
]);

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** A value as an error message shows it: the value itself where it is short and plain, otherwise its type. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number')
    return `${value}`;
  if (typeof value === 'string') {
    const text = value.replace(CREDENTIALS, '$1…');
    return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (isThenable(value)) return 'a promise';
  if (OPAQUE.has(tagOf(value))) return `a ${tagOf(value)}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Throws the error for a wrong option: which option, what was expected, what was given, and what to do about it. */
export function refuse(option: string, expected: string, given: unknown, advice?: string): never {
  const mistake = `expected ${expected}, got ${shown(given)}`;
  throw new ConfigurationError(option, advice === undefined ? mistake : `${mistake}. ${advice}`);
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

/** How many characters must be inserted, removed or replaced to turn one word into the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = row[column - 1]! + (one[line - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}

/** How much of a name may be misspelt: `poolId` is close to `userPoolId`. */
const MISSPELT_SHARE = 0.4;

/** The known name that a misspelt one was probably meant to be, in any case; `undefined` if none is close. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const closest = known
    .map((one) => ({ one, apart: distance(name.toLowerCase(), one.toLowerCase()) }))
    .reduce((best, next) => (next.apart < best.apart ? next : best), { one: '', apart: Number.POSITIVE_INFINITY });
  return closest.apart <= closest.one.length * MISSPELT_SHARE ? closest.one : undefined;
}

/** What is wrong with an option that does not exist: the one that was probably meant, and all there are. */
export function unknownOption(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const start = meant === undefined ? 'unknown option; known' : `unknown option, did you mean ${meant}? Known`;
  return `${start} are ${known.join(', ')}`;
}

/**
 * Checks that `value` is an object without keys other than `known`, which finds misspelt options. `''` stands for the
 * options as a whole.
 */
export function checkKeys(option: string, value: unknown, known: readonly string[]): Record<string, unknown> {
  const name = option === '' ? 'options' : option;
  if (!isPlainObject(value)) refuse(name, 'an object', value);
  // They would pass for options of which every one is left out: a Date as `legacyTokens` for a legacy pool that is open for ever.
  if (isThenable(value) || OPAQUE.has(tagOf(value))) refuse(name, 'a plain object', value);
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new ConfigurationError(option === '' ? key : `${option}.${key}`, unknownOption(key, known));
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
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  return refuse(option, expected, value, "Pass for example new Date('2026-06-30T00:00:00Z').");
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
