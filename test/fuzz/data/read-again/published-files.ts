import fc from 'fast-check';

/** Who may be asked for, in this order: two with UUIDs, one with another id, and somebody whom only the later version has. */
export const SUBS = [
  'aaaaaaaa-0000-4000-8000-000000000001',
  'bbbbbbbb-0000-4000-8000-000000000002',
  'google_carol@example.org',
  'dddddddd-0000-4000-8000-000000000004',
] as const;

type Pairs = readonly (readonly [newSub: string, legacyId: string])[];

const id = (user: number, version: number) =>
  `${user}${version}`.repeat(4).concat(`-1111-4111-8111-`, `${user}${version}`.repeat(6));

/** What was published first, and what afterwards: one user was corrected, one left out, one added. */
export const VERSIONS: readonly [Pairs, Pairs] = [
  [
    [SUBS[0], id(1, 0)],
    [SUBS[1], id(2, 0)],
    [SUBS[2], 'carol'],
  ],
  [
    [SUBS[0], id(1, 5)],
    [SUBS[2], 'carol'],
    [SUBS[3], id(4, 5)],
  ],
];

const lineOf = ([newSub, legacyId]: readonly [string, string]): string => JSON.stringify({ newSub, legacyId });

/** A file as `publish` writes it. */
export const fileOf = (pairs: Pairs): string =>
  [...pairs.map(lineOf), JSON.stringify({ users: pairs.length })].map((line) => `${line}\n`).join('');

/** What happened to a file. */
export type FileChange =
  | { readonly how: 'none' }
  | { readonly how: 'cut' | 'flip' | 'remove' | 'insert'; readonly at: number; readonly text: string }
  | { readonly how: 'line twice' | 'line gone' | 'lines swapped'; readonly at: number }
  | { readonly how: 'line'; readonly at: number; readonly text: string }
  | { readonly how: 'mixed' | 'half a character'; readonly at: number }
  | { readonly how: 'whole'; readonly text: string };

const LINES = [
  '',
  '{}',
  '[]',
  'null',
  '7',
  '{"users":3}',
  '{"users":"3"}',
  '{"users":-1}',
  '{"users":1e999}',
  '{"newSub":"","legacyId":"x"}',
  '{"newSub":"x","legacyId":""}',
  '{"newSub":["x"],"legacyId":"x"}',
  '{"newSub":"x","legacyId":{"S":"x"}}',
  '{"newSub":"__proto__","legacyId":"polluted"}',
  '{"__proto__":{"newSub":"x","legacyId":"x"}}',
  `{"newSub":"${SUBS[0]}","legacyId":"x","users":3}`,
  `{"newSub":"${SUBS[0].toUpperCase()}","legacyId":"x"}`,
  `{"newSub":"x","newSub":"y","legacyId":"z"}`,
  `{"newSub":"x","legacyId":"${'y'.repeat(20_000)}"}`,
  '{"newSub":"x","legacyId":"\\ud800"}',
];

const at = fc.nat(600);
export const fileChange: fc.Arbitrary<FileChange> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ how: 'none' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      how: fc.constantFrom('cut' as const, 'flip' as const, 'remove' as const, 'insert' as const),
      at,
      text: fc.constantFrom('\n', '\r', '\0', '"', '}', '\ufeff', '\u2028', ' ', '{"users":3}\n', '\n\n'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      how: fc.constantFrom('line twice' as const, 'line gone' as const, 'lines swapped' as const),
      at,
    }),
  },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('line' as const), at, text: fc.constantFrom(...LINES) }) },
  {
    weight: 3,
    arbitrary: fc.record({ how: fc.constantFrom('mixed' as const, 'half a character' as const), at }),
  },
  fc.record({
    how: fc.constant('whole' as const),
    text: fc.constantFrom('', '\n', '{}', '{"users":0}\n', '{"users":0}', 'new_username,legacy_sub\nx,y\n', '\ufeff'),
  }),
);

/** The bytes of a version after what happened to it. */
export function changedFile(version: 0 | 1, change: FileChange): Buffer {
  const text = fileOf(VERSIONS[version]);
  const lines = text.split('\n').slice(0, -1);
  const joined = (changed: readonly string[]) => Buffer.from(changed.map((line) => `${line}\n`).join(''));
  switch (change.how) {
    case 'none':
      return Buffer.from(text);
    case 'whole':
      return Buffer.from(change.text);
    case 'line':
      return joined(lines.with(change.at % lines.length, change.text));
    case 'line twice':
      return joined(lines.toSpliced(change.at % lines.length, 0, lines[change.at % lines.length] ?? ''));
    case 'line gone':
      return joined(lines.toSpliced(change.at % lines.length, 1));
    case 'lines swapped': {
      const [one, other] = [change.at % lines.length, (change.at * 7 + 1) % lines.length];
      return joined(lines.with(one, lines[other] ?? '').with(other, lines[one] ?? ''));
    }
    case 'mixed': {
      // As much of one version as was written over the other.
      const written = change.at % (text.length + 1);
      return Buffer.from(text.slice(0, written) + fileOf(VERSIONS[version === 0 ? 1 : 0]).slice(written));
    }
    case 'half a character': {
      // In three of four files behind the last line.
      const [bytes, place] = [Buffer.from(text), change.at % 4 === 0 ? change.at % text.length : text.length];
      return Buffer.concat([bytes.subarray(0, place), Buffer.of(0xe2), bytes.subarray(place)]);
    }
    default: {
      const bytes = Buffer.from(text);
      const place = change.at % bytes.length;
      if (change.how === 'cut') return bytes.subarray(0, place);
      if (change.how === 'flip') bytes[place] = (bytes[place] ?? 0) ^ (1 << (change.at % 8));
      if (change.how === 'flip') return bytes;
      const more = change.how === 'insert' ? [Buffer.from(change.text)] : [];
      return Buffer.concat([
        bytes.subarray(0, place),
        ...more,
        bytes.subarray(change.how === 'remove' ? place + 1 : place),
      ]);
    }
  }
}

/** Lines so long that a reader may refuse them. */
const LONG = 16_000;

/**
 * What a file says, read by hand as docs/stores.md describes it. `damaged`: it must not be used. `long`: it may be refused, and what it
 * says is not looked at.
 */
export function fileByHand(bytes: Buffer): ReadonlyMap<string, string> | 'damaged' | 'long' {
  const text = bytes.toString();
  if (!Buffer.from(text).equals(bytes) || !text.endsWith('\n')) return 'damaged';
  const lines = text
    .replace(/^\ufeff/, '')
    .slice(0, -1)
    .split('\n');
  if (lines.some((line) => line.length > LONG)) return 'long';
  const found = new Map<string, string>();
  for (const [number, line] of lines.entries()) {
    const value = jsonOf(line) as { newSub?: unknown; legacyId?: unknown; users?: unknown } | null | undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'damaged';
    const { newSub, legacyId, users } = value;
    if (typeof newSub === 'string' && typeof legacyId === 'string') {
      if (newSub === '' || legacyId === '' || found.has(newSub)) return 'damaged';
      found.set(newSub, legacyId);
      if (number === lines.length - 1) return 'damaged';
    } else if (number !== lines.length - 1 || users !== found.size) return 'damaged';
  }
  return found;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
