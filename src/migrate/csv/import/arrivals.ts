import type { DirectoryUser } from '../../../directory/user-types.js';
import { fold } from '../../../users/fold.js';
import type { UserSink } from '../../listing/listing-record.js';
import type { Sqlite } from '../../state/sqlite.js';
import { keysetRows } from '../../state/sqlite.js';
import { isVerified } from '../format/columns.js';
import type { Manifest } from '../format/manifest.js';
import { openWorkFile } from '../format/work-file.js';
import { readRows, storeRows } from './rows.js';
import { SeenUsers } from './seen.js';

const COLUMNS = ['sub', 'file', 'line', 'username', 'email', 'phone'];

/** A user of the import files whom the new pool has. */
export interface Arrival {
  readonly newUsername: string;
  /** Another user may get the same username later, but never the same `sub`. */
  readonly newSub: string;
  readonly legacySub: string;
}

/** A user of the import files who is not in the new pool, or not as exported. */
export interface Missing {
  readonly legacySub: string;
  readonly file: string;
  readonly line: number;
}

/** Addresses are empty unless they are verified. */
type Expected = readonly [sub: string, username: string, email: string, phone: string];

/**
 * Compares import files with the new pool. A user has arrived if exactly one user of the new pool has the legacy id, and if that
 * user has the username or the address of the file's row and has verified the addresses that are verified there. The attribute
 * alone proves nothing: a user might have written it before this check.
 */
export class Arrivals implements UserSink {
  readonly #db: Sqlite;
  readonly #seen: SeenUsers;
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
        PRIMARY KEY (sub, new_sub)) WITHOUT ROWID`);
    this.#seen = new SeenUsers(db);
  }

  /** Reads the files of an export. The caller closes the result. */
  static async open(folder: string, manifest: Manifest): Promise<Arrivals> {
    const arrivals = new Arrivals(folder, manifest.attribute);
    try {
      for (const file of manifest.files) {
        await storeRows(arrivals.#db, 'expected', COLUMNS, readRows(folder, file, manifest), (row) => [
          ...[row.sub, file.name, row.line, row.username],
          ...[row.emailVerified ? row.email : '', row.phoneVerified ? row.phone : ''],
        ]);
      }
    } catch (error) {
      arrivals.close();
      throw error;
    }
    return arrivals;
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
          user.sub !== undefined && isExpected(user, row) ? 1 : 0,
        );
      }
    }
    this.#seen.add(users);
  }

  known(subs: readonly string[]): ReadonlySet<string> {
    return this.#seen.known(subs);
  }

  /** Call this after the pool has been listed and before reading results. */
  settle(): void {
    this.#db.exec(`CREATE TABLE confirmed (sub TEXT PRIMARY KEY, username TEXT NOT NULL, new_sub TEXT NOT NULL) WITHOUT ROWID;
      INSERT INTO confirmed SELECT sub, max(username), max(new_sub) FROM listed GROUP BY sub HAVING count(*) = 1 AND max(right) = 1`);
  }

  count(): { readonly confirmed: number; readonly missing: number } {
    const confirmed = this.#db.count('SELECT count(*) FROM confirmed');
    return { confirmed, missing: this.#db.count('SELECT count(*) FROM expected') - confirmed };
  }

  /** In the order of the legacy ids. Rows are read on demand. */
  *confirmed(): Generator<Arrival> {
    const sql = 'SELECT sub, username, new_sub FROM confirmed WHERE sub > ? ORDER BY sub LIMIT ?';
    const rows = keysetRows<readonly [string, string, string]>(this.#db, sql, [], ['']);
    for (const [legacySub, newUsername, newSub] of rows) yield { newUsername, newSub, legacySub };
  }

  /** In the same order as {@link confirmed}. */
  *missing(): Generator<Missing> {
    const sql = `SELECT sub, file, line FROM expected e WHERE sub > ?
      AND NOT EXISTS (SELECT 1 FROM confirmed c WHERE c.sub = e.sub) ORDER BY sub LIMIT ?`;
    const rows = keysetRows<readonly [string, string, number]>(this.#db, sql, [], ['']);
    for (const [legacySub, file, line] of rows) yield { legacySub, file, line };
  }
}

/** Whether a user of the new pool is the user of a row. */
export function isExpected(user: DirectoryUser, [, username, email, phone]: Expected): boolean {
  const { attributes } = user;
  const names = [user.username, attributes['email'], attributes['phone_number']].map((name) => fold(name ?? ''));
  if (!names.includes(username)) return false;
  const same = (contact: string, expected: string) =>
    expected === '' || (isVerified(user, contact) && fold(attributes[contact] ?? '') === expected);
  return same('email', email) && same('phone_number', phone);
}
