import type { DirectoryUser } from '../../../directory/user-types.js';
import { fold } from '../../../users/fold.js';
import type { UserSink } from '../../listing/listing-record.js';
import type { Sqlite } from '../../state/sqlite.js';
import type { Manifest, ManifestFile } from '../format/manifest.js';
import { openWorkFile } from '../format/work-file.js';
import { isExpected } from './arrivals.js';
import { readRows, storeRows } from './rows.js';
import { SeenUsers } from './seen.js';

const COLUMNS = ['sub', 'folded', 'file', 'username', 'email', 'phone', 'verified_email', 'verified_phone', 'again'];

export interface FilesAhead {
  /** Files from which no user was imported yet. */
  readonly fresh: readonly ManifestFile[];
  /** Files from which an earlier job imported users, and which need another job. */
  readonly again: readonly ManifestFile[];
}

/**
 * Finds users of import files who came into the new pool after the plan. An import would create a second account for them, or a
 * second account with the same legacy id. As in the export, a new user counts who has the legacy id, the username, the e-mail
 * address or the phone number. If users of a file were already imported, only a different user who has the legacy id counts.
 */
export class Newcomers implements UserSink {
  readonly close: () => void;
  readonly #db: Sqlite;
  readonly #seen: SeenUsers;
  readonly #attribute: string;

  private constructor(folder: string, attribute: string) {
    this.#attribute = attribute;
    const { db, close } = openWorkFile(folder);
    this.#db = db;
    this.close = close;
    db.exec(`BEGIN;
      CREATE TABLE ahead (sub TEXT PRIMARY KEY, folded TEXT, file TEXT, username TEXT, email TEXT, phone TEXT,
        verified_email TEXT, verified_phone TEXT, again INTEGER) WITHOUT ROWID;
      CREATE TABLE found (sub TEXT PRIMARY KEY, file TEXT, again INTEGER) WITHOUT ROWID`);
    this.#seen = new SeenUsers(db);
  }

  /** Reads the files. The caller closes the result. */
  static async open(folder: string, manifest: Manifest, { fresh, again }: FilesAhead): Promise<Newcomers> {
    const newcomers = new Newcomers(folder, manifest.attribute);
    try {
      for (const file of fresh) await newcomers.#read(folder, file, manifest, 0);
      for (const file of again) await newcomers.#read(folder, file, manifest, 1);
      for (const column of ['folded', 'username', 'email', 'phone']) {
        newcomers.#db.exec(`CREATE INDEX ahead_${column} ON ahead (${column}) WHERE ${column} <> ''`);
      }
    } catch (error) {
      newcomers.close();
      throw error;
    }
    return newcomers;
  }

  async #read(folder: string, file: ManifestFile, manifest: Manifest, again: 0 | 1): Promise<void> {
    await storeRows(this.#db, 'ahead', COLUMNS, readRows(folder, file, manifest), (row) => [
      ...[row.sub, fold(row.sub), file.name, row.username, row.email, row.phone],
      ...[row.emailVerified ? row.email : '', row.phoneVerified ? row.phone : '', again],
    ]);
  }

  add(users: readonly DirectoryUser[]): void {
    const of = (name: string) => users.flatMap(({ attributes }) => fold(attributes[name] ?? '') || []);
    const [ids, emails, phones] = [of(this.#attribute), of('email'), of('phone_number')];
    // If users sign in with an address, the address is the username of a row.
    const names = [...users.map(({ username }) => fold(username)), ...emails, ...phones];
    this.#find('folded', ids);
    this.#find('username', names);
    this.#find('email', emails);
    this.#find('phone', phones);
    this.#findStrangers(users, ids);
    this.#seen.add(users);
  }

  known(subs: readonly string[]): ReadonlySet<string> {
    return this.#seen.known(subs);
  }

  /** How many users were found, by the kind of file. */
  count(): { readonly fresh: number; readonly again: number } {
    const of = (again: number) => this.#db.count('SELECT count(*) FROM found WHERE again = ?', again);
    return { fresh: of(0), again: of(1) };
  }

  /** Names of the files that contain the users found. */
  get files(): ReadonlySet<string> {
    return new Set(this.#db.all<readonly [string]>('SELECT DISTINCT file FROM found').map(([file]) => file));
  }

  has(sub: string): boolean {
    return this.#db.count('SELECT count(*) FROM found WHERE sub = ?', sub) > 0;
  }

  #find(column: string, values: readonly string[]): void {
    if (values.length === 0) return;
    this.#db.run(
      `INSERT OR IGNORE INTO found (sub, file, again) SELECT sub, file, 0 FROM ahead
       WHERE ${column} IN (SELECT value FROM json_each(?)) AND ${column} <> '' AND again = 0`,
      JSON.stringify(values),
    );
  }

  #findStrangers(users: readonly DirectoryUser[], ids: readonly string[]): void {
    const rows = this.#db.all<readonly [string, string, string, string, string, string]>(
      `SELECT sub, username, verified_email, verified_phone, folded, file FROM ahead
       WHERE folded IN (SELECT value FROM json_each(?)) AND folded <> '' AND again = 1`,
      JSON.stringify(ids),
    );
    for (const [sub, username, email, phone, folded, file] of rows) {
      const holders = users.filter(({ attributes }) => fold(attributes[this.#attribute] ?? '') === folded);
      if (holders.every((user) => isExpected(user, [sub, username, email, phone]))) continue;
      this.#db.run('INSERT OR IGNORE INTO found (sub, file, again) VALUES (?, ?, 1)', sub, file);
    }
  }
}
