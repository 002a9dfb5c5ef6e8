import { writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { ConfigurationError } from '../../../src/errors.js';
import { readUsersFile } from '../../../src/migrate/control/users-file.js';
import { cellFault, fromLine, toLine } from '../../../src/migrate/csv/format/dialect.js';
import { csvLine, withoutMark } from '../../../src/migrate/files/csv-line.js';
import { decideLines, mappingLines, readMappingFile } from '../../../src/migrate/matching/mapping-file.js';
import { fuzzTarget } from '../fuzz-target.js';
import { Scratch } from './scratch.js';

const word = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z0-9-]{1,12}$/) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }) },
  fc.constantFrom(
    '=1+1',
    '+a',
    '-',
    '@x',
    "'",
    "''=",
    '＝x',
    '"',
    '""',
    'a"b',
    'a,b',
    'a;b',
    '\u{1f4a5}',
    'e\u0301',
    '\0',
    'a\0b',
  ),
);

/** What happens to the bytes of a file after it was written. */
const damage = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ how: 'none' as const, at: 0, text: '' }) },
  fc.record({
    how: fc.constantFrom('cut' as const, 'insert' as const, 'remove' as const, 'flip' as const, 'again' as const),
    at: fc.nat(400),
    text: fc.constantFrom(
      '"',
      ',',
      ';',
      '\r',
      '\n',
      '\0',
      '\ufeff',
      ' ',
      '\t',
      '\u2028',
      '"\n"',
      ',,',
      'x'.repeat(70_000),
    ),
  }),
);

interface Input {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly separator: string;
  readonly lineEnd: string;
  readonly quotes: 'always' | 'needed' | 'never';
  readonly bom: boolean;
  readonly damage: { readonly how: string; readonly at: number; readonly text: string };
}

const HEADERS = [
  ['new_username', 'legacy_sub'],
  ['new_username', 'legacy_sub', 'new_sub'],
  ['legacy_sub', 'new_username'],
  ['new_username'],
  ['new_username', 'new_username'],
  ['new_username', 'legacy_sub', 'new_sub', 'outcome', 'candidates', 'detail'],
  ['detail', 'new_sub', 'legacy_sub', 'notes', 'new_username', 'outcome', 'candidates'],
  ['new_username', 'legacy_sub', 'legacy_sub', 'new_sub', 'outcome', 'candidates', 'detail'],
  ['New_Username', 'legacy_sub'],
];

const input: fc.Arbitrary<Input> = fc.constantFrom(...HEADERS).chain((header) =>
  fc.record({
    header: fc.constant(header),
    rows: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.array(word, { minLength: header.length, maxLength: header.length }) },
        fc.array(fc.oneof(word, fc.constant('')), { maxLength: 8 }),
      ),
      { maxLength: 5 },
    ),
    separator: fc.constantFrom(',', ',', ',', ';', '\t'),
    lineEnd: fc.constantFrom('\r\n', '\n', '\n', '\r'),
    quotes: fc.constantFrom('always' as const, 'needed' as const, 'never' as const),
    bom: fc.boolean(),
    damage,
  }),
);

function textOf({ header, rows, separator, lineEnd, quotes, bom }: Input): string {
  const quoted = (field: string) => {
    const needed = quotes === 'always' || (quotes === 'needed' && /[",;\t\r\n]/.test(field));
    return needed ? `"${field.replaceAll('"', '""')}"` : field;
  };
  const lines = [header, ...rows].map((fields) => fields.map(quoted).join(separator));
  return `${bom ? '\ufeff' : ''}${lines.join(lineEnd)}${lineEnd}`;
}

function damaged(bytes: Buffer, { how, at, text }: Input['damage']): Buffer {
  const place = at % (bytes.length + 1);
  switch (how) {
    case 'cut':
      return bytes.subarray(0, place);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, place), Buffer.from(text), bytes.subarray(place)]);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
    case 'flip': {
      const flipped = Buffer.from(bytes);
      if (place < flipped.length) flipped[place] = (flipped[place] ?? 0) ^ (1 << (at % 8));
      return flipped;
    }
    case 'again':
      return Buffer.concat([bytes, bytes.subarray(place)]);
    default:
      return bytes;
  }
}

/** The records of a file as RFC 4180 has them, by hand; `undefined` where it says nothing about such a file. */
export function recordsByHand(text: string, separator: string): string[][] | undefined {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  const endField = () => {
    record.push(field);
    [field, state] = ['', 'start'];
  };
  const endRecord = () => {
    endField();
    if (record.length > 1 || record[0] !== '') records.push(record);
    record = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at] ?? '';
    if (state === 'quoted') {
      if (one !== '"') field += one;
      else if (text[at + 1] === '"') {
        field += '"';
        at += 1;
      } else state = 'closed';
    } else if (one === separator) endField();
    else if (one === '\n' || (one === '\r' && text[at + 1] === '\n')) {
      if (one === '\r') at += 1;
      endRecord();
    } else if (state === 'closed') return undefined;
    else if (one === '"') {
      if (state !== 'start') return undefined;
      state = 'quoted';
    } else {
      field += one;
      state = 'plain';
    }
  }
  if (state === 'quoted') return undefined;
  if (record.length > 0 || field !== '' || (state as string) === 'closed') endRecord();
  return records;
}

type Row = Readonly<Record<string, unknown>>;
type Rows = AsyncIterable<object>;

/** Reads all rows, or the refusal: nothing else may come out. */
async function read(rows: Rows, path: string): Promise<readonly Row[] | undefined> {
  const found: Row[] = [];
  try {
    for await (const row of rows) found.push(row as Row);
    return found;
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof ConfigurationError && message.includes(`${path}, line `)) return undefined;
    throw error;
  }
}

function assertSame(what: string, found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what}: read ${one}, expected ${other}`);
}

/** What a file read by hand says of pairs. A file that was read must say the same. */
function assertPairs(what: string, found: readonly Row[], bytes: Buffer, columns: readonly string[]): void {
  const text = bytes.toString().replace(/^\ufeff/, '');
  // Only a file that a person works on may have semicolons, and then its header has no names with commas.
  const separators = found.some((row) => row['decided'] === true) ? [';', ','] : [','];
  const readings = separators.map((separator) => recordsByHand(text, separator) ?? []);
  const [header = [], ...records] = readings.find(([names]) => columns.every((one) => names?.includes(one))) ?? [];
  for (const column of columns) {
    if (header.filter((name) => name === column).length > 1)
      throw new Error(`${what}: ${column} is there more than once`);
  }
  const expected = records
    .filter((record) => !(header.includes('candidates') && record.every((field) => field === '')))
    .map((record) => columns.map((column) => withoutMark(record[header.indexOf(column)] ?? '')));
  const names: Readonly<Record<string, string>> = {
    new_username: 'newUsername',
    legacy_sub: 'legacySub',
    new_sub: 'newSub',
  };
  assertSame(
    what,
    found.map((row) => columns.map((column) => row[names[column] ?? ''] ?? '')),
    expected,
  );
}

/** What is written is read back the same, by our readers and by others. */
async function assertRoundTrip({ rows }: Input, path: string): Promise<void> {
  const users = rows.flatMap(([newUsername = '', legacySub = '', newSub = '']) =>
    [newUsername, legacySub, newSub].every(
      (field) =>
        /^\S+$/.test(field) && !/\p{Surrogate}/u.test(field) && !['\ufffd', '\0'].some((one) => field.includes(one)),
    )
      ? [{ newUsername, legacySub, newSub, outcome: 'ambiguous' as const, candidates: [legacySub], detail: newSub }]
      : [],
  );
  const written = [...mappingLines(users)].join('');
  writeFileSync(path, written);
  const back = await read(readMappingFile('--mapping', path), path);
  const pairs = users.map(({ newUsername, legacySub, newSub }) => [newUsername, legacySub, newSub]);
  assertSame(
    'a mapping file that was written',
    back?.map((row) => [row['newUsername'], row['legacySub'], row['newSub']]),
    pairs,
  );
  const foreign = (parse(written, { relax_column_count: true }) as string[][]).slice(1);
  assertSame(
    'the same file, by csv-parse',
    foreign.map((record) => record.map(withoutMark)),
    pairs,
  );
  if (foreign.flat().some((field) => /^[=+\-@\t\r]/.test(field))) throw new Error(`a formula was written: ${written}`);
  writeFileSync(path, [...decideLines(users)].join(''));
  const open = await read(readMappingFile('--mapping', path), path);
  assertSame(
    'a decision file',
    open?.map((row) => [row['newUsername'], row['legacySub']]),
    users.map(({ newUsername }) => [newUsername, '']),
  );
}

/** The rows of import files: whatever may be written has one meaning. */
function assertImportRows(fields: readonly string[]): void {
  const cells = fields.filter((field) => cellFault(field) === undefined);
  if (cells.length === 0) return;
  assertSame('a row of an import file', fromLine(toLine(cells)), cells);
  if (/[\r\n]/.test(toLine(cells))) throw new Error('a row of an import file has a line break');
}

export const csvFiles = fuzzTarget<Input>({
  name: 'csv',
  boundary: 'CSV files: mappings, decisions, users, import files',
  start() {
    const scratch = new Scratch();
    const path = scratch.path('file.csv');
    return {
      input,
      count: () => 4,
      check: async (input) => {
        const bytes = damaged(Buffer.from(textOf(input)), input.damage);
        writeFileSync(path, bytes);
        const mapping = await read(readMappingFile('--mapping', path), path);
        if (mapping !== undefined) {
          const columns = mapping.some((row) => 'newSub' in row)
            ? ['new_username', 'legacy_sub', 'new_sub']
            : ['new_username', 'legacy_sub'];
          assertPairs('a mapping file', mapping, bytes, columns);
        }
        const users = await read(readUsersFile('--only', path), path);
        if (users !== undefined) assertPairs('a file of users', users, bytes, ['new_username']);
        await assertRoundTrip(input, path);
        for (const row of input.rows) {
          assertImportRows(row);
          const line = csvLine(row);
          if (row.length > 0 && row.some((field) => field !== '')) {
            assertSame(
              'a line for people',
              (parse(line, { relax_column_count: true }) as string[][])[0]?.map(withoutMark),
              row,
            );
          }
        }
      },
      close: () => scratch.close(),
    };
  },
});
