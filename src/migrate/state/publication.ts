import { keysetPortions, keysetRows, type Sqlite } from './sqlite.js';

/** One user of the plan whose legacy id is certain. */
export interface PublishedUser {
  readonly newSub: string;
  readonly legacyId: string;
}

/** The legacy id of a decision. A new-born user who already has their own sub is decided without a value, because nothing is to be written. */
const VALUE = "CASE d.outcome WHEN 'new-born' THEN coalesce(d.value, n.value_id) ELSE d.value END";

/**
 * Decisions that apply can carry out without overwriting anything. New-born users have a value only if they are to be stamped, or already
 * are. A value that does not occur in the listings comes from a damaged file.
 */
const CERTAIN = `n.sub IS NOT NULL AND CASE d.outcome
  WHEN 'new-born' THEN ${VALUE} = n.sub
  WHEN 'set' THEN k.user IS NOT NULL
  WHEN 'ok' THEN k.user IS NOT NULL OR (d.rule = 'written' AND d.value = n.value_id)
  ELSE 0 END`;

/**
 * Reads the plan once, in the order in which it is stored: first, by value, which values are subs of legacy users; then the users, by id;
 * they are sorted at the end. Looking each legacy user up would read the whole file again and again.
 */
const COLLECT = `
DROP TABLE IF EXISTS temp.known;
DROP TABLE IF EXISTS temp.certain;
CREATE TEMP TABLE known (user INTEGER PRIMARY KEY);
CREATE TEMP TABLE certain (sub TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
BEGIN;
INSERT INTO temp.known SELECT d.user FROM decisions d
  WHERE d.value IS NOT NULL AND EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = d.value) ORDER BY d.value;
INSERT INTO temp.certain SELECT n.sub, ${VALUE} FROM decisions d CROSS JOIN new_users n ON n.id = d.user
  LEFT JOIN temp.known k ON k.user = d.user WHERE ${CERTAIN} ORDER BY n.sub;
COMMIT;
DROP TABLE temp.known;
`;

/**
 * The users of the finished plan whose legacy id is certain, in the order of their subs. They are read from the plan once, when this is
 * made; nothing that others do to the state changes them. A connection has one of these at a time.
 */
export class CertainUsers implements Iterable<PublishedUser> {
  readonly count: number;
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    db.exec(COLLECT);
    this.#db = db;
    this.count = db.count('SELECT count(*) FROM temp.certain');
  }

  *[Symbol.iterator](): Generator<PublishedUser> {
    const sql = 'SELECT sub, value FROM temp.certain WHERE sub > ? ORDER BY sub LIMIT ?';
    const rows = keysetRows<readonly [string, string]>(this.#db, sql, [], ['']);
    for (const [newSub, legacyId] of rows) yield { newSub, legacyId };
  }

  /** Some of them, sampled at random. */
  sample(count: number): readonly PublishedUser[] {
    const sql = 'SELECT sub, value FROM temp.certain ORDER BY random() LIMIT ?';
    return this.#db.all<readonly [string, string]>(sql, count).map(([newSub, legacyId]) => ({ newSub, legacyId }));
  }
}

const TABLES = `
CREATE TABLE IF NOT EXISTS publications (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS published (
  publication INTEGER NOT NULL REFERENCES publications (id),
  sub TEXT NOT NULL,
  value TEXT NOT NULL,
  stored INTEGER NOT NULL,
  PRIMARY KEY (publication, sub)
) WITHOUT ROWID;
`;

/** What is published under a name, compared with the certain users of the plan. */
interface Comparison {
  /** Users of the plan whose legacy id is certain. */
  readonly users: number;
  /** Of these: users whom the store lacks, or may have with another value. */
  readonly toPut: number;
  /** Users who are published. */
  readonly published: number;
  /** Of these: users whom the plan does not have. */
  readonly toDelete: number;
  /** Users who are published, and whom the plan removes or gives another legacy id. */
  readonly removed: number;
}

/**
 * How many users are published to the store with this name, and how many of them the plan would remove or give another legacy id. Works
 * on a read-only state.
 */
export function countRemovals(db: Sqlite, name: string): Pick<Comparison, 'published' | 'removed'> {
  const hasTables = db.count("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'published'") > 0;
  if (!hasTables) return { published: 0, removed: 0 };
  const { published, removed } = compare(db, new CertainUsers(db), db.count(ID, name));
  return { published, removed };
}

const ID = 'SELECT id FROM publications WHERE name = ?';

/** Both sides are in the order of subs, so that this reads each of them once. */
function compare(db: Sqlite, { count: users }: CertainUsers, publication: number): Comparison {
  const published = db.count('SELECT count(*) FROM published WHERE publication = ?', publication);
  const [found = 0, kept = 0, right = 0] =
    db.get<readonly [number | null, number | null, number | null]>(
      `SELECT count(*), sum(p.value = c.value), sum(p.value = c.value AND p.stored)
       FROM published p CROSS JOIN temp.certain c ON c.sub = p.sub WHERE p.publication = ?`,
      publication,
    ) ?? [];
  const numbers = { toPut: users - (right ?? 0), toDelete: published - (found ?? 0), removed: published - (kept ?? 0) };
  return { users, published, ...numbers };
}

/**
 * What a state has put into one store. Each user is recorded before and after the write, so that everything a killed run may have
 * written is known. It is written again, or removed if the plan has changed.
 *
 * Other commands write to the same file, so every transaction is as short as a portion is.
 */
export class Publication {
  /** The users of the plan as it was when this was made. */
  readonly users: CertainUsers;
  readonly #db: Sqlite;
  readonly #id: number;

  constructor(db: Sqlite, name: string) {
    this.#db = db;
    db.exec(TABLES);
    db.run('INSERT INTO publications (name) VALUES (?) ON CONFLICT DO NOTHING', name);
    this.#id = db.count(ID, name);
    this.users = new CertainUsers(db);
  }

  /** Forgets that anything is stored. */
  distrust(): void {
    this.#db.run('UPDATE published SET stored = 0 WHERE publication = ? AND stored = 1', this.#id);
  }

  count(): Comparison {
    return compare(this.#db, this.users, this.#id);
  }

  /**
   * The users whom the store lacks, or may have with another value, in portions in the order of their subs. A portion is recorded before it is
   * returned; {@link put} must be called after it was put.
   */
  *toPut(limit: number): Generator<readonly PublishedUser[]> {
    const read = (after: string) => {
      this.#db.run(
        `INSERT INTO published (publication, sub, value, stored)
         SELECT ?1, c.sub, c.value, 0 FROM temp.certain c LEFT JOIN published p ON p.publication = ?1 AND p.sub = c.sub
         WHERE c.sub > ?2 AND (p.sub IS NULL OR p.value <> c.value OR p.stored = 0) ORDER BY c.sub LIMIT ?3
         ON CONFLICT (publication, sub) DO UPDATE SET value = excluded.value, stored = 0`,
        ...[this.#id, after, limit],
      );
      return this.#db.all<readonly [string, string]>(
        `SELECT c.sub, c.value FROM published p CROSS JOIN temp.certain c ON c.sub = p.sub
         WHERE p.publication = ? AND p.sub > ? AND p.stored = 0 ORDER BY p.sub LIMIT ?`,
        ...[this.#id, after, limit],
      );
    };
    for (const rows of keysetPortions(read, ([newSub]) => newSub, '')) {
      yield rows.map(([newSub, legacyId]) => ({ newSub, legacyId }));
    }
  }

  /** Must be called after a portion of {@link toPut} was put. */
  put(portion: readonly PublishedUser[]): void {
    const [first, last] = [portion.at(0), portion.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#db.run(
      'UPDATE published SET stored = 1 WHERE publication = ? AND sub >= ? AND sub <= ? AND stored = 0',
      ...[this.#id, first.newSub, last.newSub],
    );
  }

  /** The users whom an earlier plan published and this one does not, in portions. */
  *toDelete(limit: number): Generator<readonly string[]> {
    const sql = `SELECT p.sub FROM published p WHERE p.publication = ? AND p.sub > ?
      AND NOT EXISTS (SELECT 1 FROM temp.certain c WHERE c.sub = p.sub) ORDER BY p.sub LIMIT ?`;
    const read = (after: string) => this.#db.all<readonly [string]>(sql, this.#id, after, limit);
    for (const rows of keysetPortions(read, ([sub]) => sub, '')) yield rows.map(([sub]) => sub);
  }

  /** Must be called after they were deleted. */
  deleted(newSubs: readonly string[]): void {
    this.#db.run(
      'DELETE FROM published WHERE publication = ? AND sub IN (SELECT value FROM json_each(?))',
      this.#id,
      JSON.stringify(newSubs),
    );
  }
}
