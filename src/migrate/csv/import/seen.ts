import type { DirectoryUser } from '../../../directory/user-types.js';
import type { Sqlite } from '../../state/sqlite.js';

/** Records in the database of a run which users of the new pool were listed. */
export class SeenUsers {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
    db.exec('CREATE TABLE seen (new_sub TEXT PRIMARY KEY) WITHOUT ROWID');
  }

  add(users: readonly DirectoryUser[]): void {
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
}
