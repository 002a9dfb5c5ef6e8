import { ConfigurationError } from '../../errors.js';
import { isPlainObject, refuse } from '../../options.js';

/** The expected form of JSON from outside. The TypeScript type is derived from the shape, so the two cannot differ. */
export interface Shape<T> {
  /** Returns the checked value. Throws a `ConfigurationError` that names `path` if it does not match. */
  check(path: string, value: unknown): T;
}

export type Infer<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;

const shape = <T>(expected: string, fits: (value: unknown) => value is T): Shape<T> => ({
  check: (path, value) => (fits(value) ? value : refuse(path, expected, value)),
});

export const text = shape('a string', (value) => typeof value === 'string');
export const flag = shape('true or false', (value) => typeof value === 'boolean');

/** A count: a whole number from 0 on. */
export const count = shape<number>(
  'a whole number of at least 0',
  (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0,
);

export const number = shape<number>(
  'a number',
  (value): value is number => typeof value === 'number' && Number.isFinite(value),
);

/** The last moment that a Date can hold, in milliseconds since the epoch. */
const LAST_MOMENT = 8.64e15;

/** A moment, in milliseconds since the epoch. */
export const moment = shape<number>(
  'milliseconds since the epoch',
  (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= LAST_MOMENT,
);

export const oneOf = <const T extends string>(...allowed: readonly T[]): Shape<T> =>
  shape(allowed.map((one) => `'${one}'`).join(' or '), (value): value is T => allowed.some((one) => one === value));

export const nullable = <T>(inner: Shape<T>): Shape<T | null> => ({
  check: (path, value) => (value === null ? null : inner.check(path, value)),
});

export const listOf = <T>(item: Shape<T>): Shape<readonly T[]> => ({
  check: (path, value) =>
    Array.isArray(value) ? value.map((one, at) => item.check(`${path}[${at}]`, one)) : refuse(path, 'an array', value),
});

export const recordOf = <T>(item: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  check: (path, value) => {
    if (!isPlainObject(value)) return refuse(path, 'an object', value);
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, item.check(`${path}.${key}`, one)]));
  },
});

/** Every field must be present, and no other: otherwise a misspelled field would be read as not set. */
export const object = <F extends Fields>(fields: F): Shape<{ readonly [K in keyof F]: Infer<F[K]> }> => ({
  check: (path, value) => {
    if (!isPlainObject(value)) return refuse(path, 'an object', value);
    const unknown = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
    if (unknown !== undefined) throw new ConfigurationError(`${path}.${unknown}`, 'is not part of this format');
    const checked = Object.entries(fields).map(([key, field]) => [key, field.check(`${path}.${key}`, value[key])]);
    return Object.fromEntries(checked);
  },
});
