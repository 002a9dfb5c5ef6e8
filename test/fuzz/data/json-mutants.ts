import fc from 'fast-check';

/** One change of a JSON value: where, chosen among all places that it has, and what becomes of that place. */
export interface JsonChange {
  readonly at: number;
  readonly how: (typeof CHANGES)[number];
  readonly value: unknown;
}

const CHANGES = ['delete', 'replace', 'duplicate', 'rename', 'swap', 'empty'] as const;

/** Values that are rarely expected. */
export const ODD_VALUES = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  '\0',
  'null',
  '__proto__',
  'constructor',
  '=1+1',
  '💥\ud800',
  'x'.repeat(5000),
  '2026-01-01T00:00:00Z',
  [],
  {},
  [null],
  [[]],
  { length: 3 },
  { toString: 1, valueOf: null },
  [{ Name: 1, Value: {} }],
] as const;

export const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...ODD_VALUES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);

export const jsonChange: fc.Arbitrary<JsonChange> = fc.record({
  at: fc.nat(10_000),
  how: fc.constantFrom(...CHANGES),
  value: oddValue,
});

interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

function placesOf(value: unknown, places: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return places;
  const parent = value as Record<string, unknown>;
  for (const key of Object.keys(parent)) {
    places.push({ parent, key: Array.isArray(value) ? Number(key) : key });
    placesOf(parent[key], places);
  }
  return places;
}

/** A copy with one change. What is not an object or an array is replaced. */
export function changed(original: unknown, change: JsonChange): unknown {
  const copy: unknown = structuredClone(original);
  const places = placesOf(copy);
  const place = places[change.at % Math.max(1, places.length)];
  if (place === undefined) return change.value;
  const { parent, key } = place;
  const other = places[(change.at * 7 + 3) % places.length] ?? place;
  const held = Reflect.get(parent, key) as unknown;
  switch (change.how) {
    case 'delete':
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
      break;
    case 'replace':
      set(parent, key, change.value);
      break;
    case 'duplicate':
      if (Array.isArray(parent)) parent.splice(Number(key), 0, structuredClone(held));
      else set(parent, `${key}2`, structuredClone(held));
      break;
    case 'rename':
      if (Array.isArray(parent)) parent.reverse();
      else {
        delete parent[key];
        set(parent, `${key}`.toUpperCase(), held);
      }
      break;
    case 'swap': {
      const there = structuredClone(Reflect.get(other.parent, other.key) as unknown);
      set(parent, key, there);
      break;
    }
    case 'empty':
      set(parent, key, Array.isArray(held) ? [] : typeof held === 'string' ? '' : {});
      break;
  }
  return copy;
}

/** As JSON.parse would: also a key `__proto__` becomes an own one. */
function set(parent: object, key: string | number, value: unknown): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}
