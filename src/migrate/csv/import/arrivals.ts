import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { DirectoryUser } from '../../../directory/types.js';
import { fold } from '../../../fold.js';
import type { UserSink } from '../../listing/record.js';
import { insertRows, type Sqlite } from '../../state/sqlite.js';
import { fromLine } from '../dialect.js';
import { isVerified } from '../export/row.js';
import { USERNAME_COLUMN } from '../export/target.js';
import type { Manifest } from '../manifest.js';
import { openWorkFile } from '../work-file.js';

const ROWS_PER_INSERT = 1000;
const COLUMNS = ['sub', 'file', 'line', 'username', 'email', 'phone'];

/** A user of the import files whom the new pool has. */
export interface Arrival {
  readonly newUsername: string;
  readonly legacySub: string;
}

/** A user of the import files whom the new pool does not have, or not as they were exported. */
export interface Missing {
  readonly legacySub: string;
  readonly file: string;
  readonly line: number;
}

type Expected = readonly [sub: string, username: string, email: string, phone: string];

/**
 * Compares import files with the new pool. A user has arrived where one user, and only one, of the new pool carries the legacy
 * id, has the username or the address of the file's row, and has verified what is verified there. The attribute alone proves
 * nothing: before anybody looked, a user might have written it.
 */
export class Arrivals implements UserSink {
  readonly #db: Sqlite;
  readonly close: () => void;
  readonly #attribute: string;

  private constructor(folder: string, attribute: string) {
    this.#attribute = attribute;
    const { db, close } = openWorkFile(folder);
    this.#db = db;
    this.close = close;
    this.#db.exec(`BEGIN;
      CREATE TABLE expected (sub TEXT PRIMARY KEY, file TEXT, line INTEGER, username TEXT, email TEXT, phone TEXT) WITHOUT ROWID;
      CREATE TABLE listed (sub TEXT NOT NULL, new_sub TEXT NOT NULL, username TEXT NOT NULL, right INTEGER NOT NULL,
        PRIMARY KEY (sub, new_sub)) WITHOUT ROWID;
      CREATE TABLE seen (new_sub TEXT PRIMARY KEY) WITHOUT ROWID`);
  }

  /** Reads the files of an export. To be closed. */
  static async open(folder: string, manifest: Manifest): Promise<Arrivals> {
    const arrivals = new Arrivals(folder, manifest.attribute);
    for (const { name } of manifest.files) await arrivals.#expect(join(folder, name), name, manifest.columns);
    return arrivals;
  }

  async #expect(path: string, file: string, columns: readonly string[]): Promise<void> {
    const at = (name: string) => columns.indexOf(name);
    const [sub, username, email, phone] = [this.#attribute, USERNAME_COLUMN, 'email', 'phone_number'].map(at);
    const [emailVerified, phoneVerified] = ['email_verified', 'phone_number_verified'].map(at);
    let values: (string | number)[] = [];
    let line = 0;
    const store = () => {
      insertRows(this.#db, 'expected', COLUMNS, values);
      values = [];
    };
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (line === 1) continue;
      const cells = fromLine(text);
      const cell = (index: number | undefined) => cells[index ?? -1] ?? '';
      const verified = (index: number | undefined, flag: number | undefined) =>
        cell(flag) === 'true' ? fold(cell(index)) : '';
      values.push(cell(sub), file, line, fold(cell(username)), verified(email, emailVerified));
      values.push(verified(phone, phoneVerified));
      if (values.length >= ROWS_PER_INSERT * COLUMNS.length) store();
    }
    store();
  }

  add(users: readonly DirectoryUser[]): void {
    const carrying = new Map<string, DirectoryUser[]>();
    for (const user of users) {
      const value = user.attributes[this.#attribute];
      if (value) carrying.set(value, [...(carrying.get(value) ?? []), user]);
    }
    const expected = this.#db.all<Expected>(
      'SELECT sub, username, email, phone FROM expected WHERE sub IN (SELECT value FROM json_each(?))',
      JSON.stringify([...carrying.keys()]),
    );
    for (const row of expected) {
      for (const user of carrying.get(row[0]) ?? []) {
        this.#db.run(
          'INSERT OR REPLACE INTO listed (sub, new_sub, username, right) VALUES (?, ?, ?, ?)',
          row[0],
          user.sub ?? user.username,
          user.username,
          isExpected(user, row) ? 1 : 0,
        );
      }
    }
    this.#db.run(
      'INSERT OR IGNORE INTO seen (new_sub) SELECT value FROM json_each(?)',
      JSON.stringify(users.flatMap(({ sub }) => sub ?? [])),
    );
  }

  known(subs: readonly string[]): ReadonlySet<string> {
    const rows = this.#db.all<readonly [string]>(
      'SELECT new_sub FROM seen WHERE new_sub IN (SELECT value FROM json_each(?))',
      JSON.stringify(subs),
    );
    return new Set(rows.map(([sub]) => sub));
  }

  /** To be called when the pool is listed, and before the results are asked for. */
  settle(): void {
    this.#db.exec(`CREATE TABLE confirmed (sub TEXT PRIMARY KEY, username TEXT NOT NULL) WITHOUT ROWID;
      INSERT INTO confirmed SELECT sub, max(username) FROM listed GROUP BY sub HAVING count(*) = 1 AND max(right) = 1`);
  }

  count(): { readonly confirmed: number; readonly missing: number } {
    const confirmed = this.#db.count('SELECT count(*) FROM confirmed');
    return { confirmed, missing: this.#db.count('SELECT count(*) FROM expected') - confirmed };
  }

  /** In the order of the legacy ids, read as they are asked for. */
  *confirmed(): Generator<Arrival> {
    const rows = this.#pages<readonly [string, string]>('SELECT sub, username FROM confirmed WHERE sub > ?');
    for (const [legacySub, newUsername] of rows) yield { newUsername, legacySub };
  }

  /** As {@link confirmed}. */
  *missing(): Generator<Missing> {
    const rows = this.#pages<readonly [string, string, number]>(
      'SELECT sub, file, line FROM expected e WHERE sub > ? AND NOT EXISTS (SELECT 1 FROM confirmed c WHERE c.sub = e.sub)',
    );
    for (const [legacySub, file, line] of rows) yield { legacySub, file, line };
  }

  *#pages<Row extends readonly [string, ...(string | number)[]]>(sql: string): Generator<Row> {
    let last = '';
    for (;;) {
      const rows = this.#db.all<Row>(`${sql} ORDER BY sub LIMIT 1000`, last);
      const end = rows.at(-1);
      if (end === undefined) return;
      yield* rows;
      last = end[0];
    }
  }
}

function isExpected(user: DirectoryUser, [, username, email, phone]: Expected): boolean {
  const { attributes } = user;
  const names = [user.username, attributes['email'], attributes['phone_number']].map((name) => fold(name ?? ''));
  if (!names.includes(username)) return false;
  const same = (contact: string, expected: string) =>
    expected === '' || (isVerified(user, contact) && fold(attributes[contact] ?? '') === expected);
  return same('email', email) && same('phone_number', phone);
}
