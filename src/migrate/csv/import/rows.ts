import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fold } from '../../../users/fold.js';
import { insertRows, type Sqlite, type SqlValue } from '../../state/sqlite.js';
import { USERNAME_COLUMN } from '../format/columns.js';
import { fromLine } from '../format/dialect.js';
import type { Manifest, ManifestFile } from '../format/manifest.js';

/** A user of an import file. Names and addresses are folded; missing values are empty. */
export interface ImportRow {
  readonly text: string;
  readonly line: number;
  readonly sub: string;
  readonly username: string;
  readonly email: string;
  readonly phone: string;
  readonly emailVerified: boolean;
  readonly phoneVerified: boolean;
}

/** The users of one file of an export, in the order of the file. */
export async function* readRows(
  folder: string,
  { name }: ManifestFile,
  { attribute, columns }: Pick<Manifest, 'attribute' | 'columns'>,
): AsyncGenerator<ImportRow> {
  const places = [attribute, USERNAME_COLUMN, 'email', 'phone_number', 'email_verified', 'phone_number_verified'].map(
    (column) => columns.indexOf(column),
  );
  let line = 0;
  for await (const text of linesOf(join(folder, name))) {
    line += 1;
    if (line === 1) continue;
    const cells = fromLine(text);
    const [sub = '', username = '', email = '', phone = '', emailVerified, phoneVerified] = places.map(
      (at) => cells[at] ?? '',
    );
    yield {
      ...{ text, line, sub },
      ...{ username: fold(username), email: fold(email), phone: fold(phone) },
      emailVerified: emailVerified === 'true',
      phoneVerified: phoneVerified === 'true',
    };
  }
}

const linesOf = (path: string): AsyncIterable<string> =>
  createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });

const ROWS_PER_PORTION = 1000;

/** Inserts the users of a file into a table, in portions. */
export async function storeRows(
  db: Sqlite,
  table: string,
  columns: readonly string[],
  rows: AsyncIterable<ImportRow>,
  toValues: (row: ImportRow) => readonly SqlValue[],
): Promise<void> {
  let values: SqlValue[] = [];
  const store = () => {
    insertRows(db, table, columns, values);
    values = [];
  };
  for await (const row of rows) {
    values.push(...toValues(row));
    if (values.length >= ROWS_PER_PORTION * columns.length) store();
  }
  store();
}
