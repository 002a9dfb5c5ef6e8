import { isDeepStrictEqual } from 'node:util';

/** Both made the same thing different. */
export class Conflict extends Error {}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const keyOf = (item: unknown): string =>
  isObject(item)
    ? `${item['id'] ?? item['name'] ?? item['identifier'] ?? item['region'] ?? item['days'] ?? item['category'] ?? item['userPoolId']}`
    : JSON.stringify(item);

/** `base` with what is different in `a` and in `b`. */
export function merged<T>(base: T, a: T, b: T): T;
export function merged(base: unknown, a: unknown, b: unknown): unknown {
  if (isDeepStrictEqual(a, base) || isDeepStrictEqual(a, b)) return b;
  if (isDeepStrictEqual(b, base)) return a;
  if (isObject(a) && isObject(b)) {
    const before = isObject(base) ? base : {};
    return withAbsent(new Set([...Object.keys(a), ...Object.keys(b)]), before, a, b);
  }
  if (Array.isArray(a) && Array.isArray(b) && Array.isArray(base)) {
    const byKey = (list: readonly unknown[]) => {
      const entries = list.map((item) => [keyOf(item), item] as const);
      if (new Set(entries.map(([key]) => key)).size < entries.length) throw new Conflict();
      return Object.fromEntries(entries);
    };
    const [before, one, other] = [byKey(base), byKey(a), byKey(b)];
    return Object.values(withAbsent(new Set([...Object.keys(one), ...Object.keys(other)]), before, one, other));
  }
  throw new Conflict();
}

function withAbsent(
  keys: ReadonlySet<string>,
  base: Readonly<Record<string, unknown>>,
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries = [...keys].flatMap((key): [string, unknown][] => {
    const [before, one, other] = [base, a, b].map((from) => (Object.hasOwn(from, key) ? from[key] : undefined));
    const value = merged(before, one, other);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}
