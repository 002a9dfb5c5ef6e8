import { keysetPortions, keysetRows, type Sqlite } from './sqlite.js';

/** One user of the plan whose legacy id is certain. */
export interface PublishedUser {
  readonly newSub: string;
  readonly legacyId: string;
}

/** The legacy id of a decision. A new-born user who already has their own sub is decided without a value, because nothing is to be written. */
const VALUE = "CASE d.outcome WHEN 'new-born' THEN coalesce(d.value, n.value_id) ELSE d.value END";

/**
 * Decisions that apply can carry out without overwriting anything. `n` and `d` are the new user and the decision. New-born users have a
 * value only if they are to be stamped, or already are. A value that does not occur in the listings comes from a damaged file.
 */
const CERTAIN = `n.sub IS NOT NULL AND CASE d.outcome
  WHEN 'new-born' THEN ${VALUE} = n.sub
  WHEN 'set' THEN EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = d.value)
  WHEN 'ok' THEN EXISTS (SELECT 1 FROM legacy_users l WHERE l.sub = d.value) OR (d.rule = 'written' AND d.value = n.value_id)
  ELSE 0 END`;

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

/** Every user of the finished plan whose legacy id is certain, in the order they were listed. */
export function* certainUsers(db: Sqlite): Generator<PublishedUser> {
  const sql = `SELECT n.id, n.sub, ${VALUE} FROM new_users n JOIN decisions d ON d.user = n.id
    WHERE n.id > ? AND ${CERTAIN} ORDER BY n.id LIMIT ?`;
  const rows = keysetRows<readonly [number, string, string]>(db, sql, [], [0]);
  for (const [, newSub, legacyId] of rows) yield { newSub, legacyId };
}

/** Some of them, sampled at random. */
export function sampleOfCertainUsers(db: Sqlite, count: number): readonly PublishedUser[] {
  const rows = db.all<readonly [string, string]>(
    `SELECT n.sub, ${VALUE} FROM new_users n JOIN decisions d ON d.user = n.id WHERE ${CERTAIN} ORDER BY random() LIMIT ?`,
    count,
  );
  return rows.map(([newSub, legacyId]) => ({ newSub, legacyId }));
}

/**
 * How many users are published to the store with this name, and how many of them the plan would remove or give another legacy id. Works
 * on a read-only state.
 */
export function countRemovals(db: Sqlite, name: string): { readonly published: number; readonly removed: number } {
  const hasTables = db.count("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'published'") > 0;
  if (!hasTables) return { published: 0, removed: 0 };
  const id = db.count('SELECT id FROM publications WHERE name = ?', name);
  const published = db.count('SELECT count(*) FROM published WHERE publication = ?', id);
  const kept = db.count(
    `SELECT count(*) FROM published p JOIN new_users n ON n.sub = p.sub JOIN decisions d ON d.user = n.id
     WHERE p.publication = ? AND ${CERTAIN} AND p.value = ${VALUE}`,
    id,
  );
  return { published, removed: published - kept };
}

/**
 * What a state has put into one store. Each user is recorded before and after the write, so that everything a killed run may have
 * written is known. It is written again, or removed if the plan has changed.
 */
export class Publication {
  readonly #db: Sqlite;
  readonly #id: number;

  constructor(db: Sqlite, name: string) {
    this.#db = db;
    db.exec(TABLES);
    db.run('INSERT INTO publications (name) VALUES (?) ON CONFLICT DO NOTHING', name);
    this.#id = db.count('SELECT id FROM publications WHERE name = ?', name);
  }

  /** Forgets that anything is stored. */
  distrust(): void {
    this.#db.run('UPDATE published SET stored = 0 WHERE publication = ? AND stored = 1', this.#id);
  }

  /** Counts the users of the plan, those that the store lacks or has with another value, and those to be removed. */
  count(): { readonly users: number; readonly toPut: number; readonly toDelete: number } {
    const users = this.#db.count(`SELECT count(*) FROM new_users n JOIN decisions d ON d.user = n.id WHERE ${CERTAIN}`);
    const right = this.#db.count(
      `SELECT count(*) FROM new_users n JOIN decisions d ON d.user = n.id
       JOIN published p ON p.publication = ? AND p.sub = n.sub
       WHERE ${CERTAIN} AND p.value = ${VALUE} AND p.stored = 1`,
      this.#id,
    );
    const toDelete = this.#db.count(`SELECT count(*) FROM published p WHERE ${UNFOUNDED}`, this.#id);
    return { users, toPut: users - right, toDelete };
  }

  /** The users to put, in the order of their subs, so that the pages of the table are written in sequence. */
  *toPut(limit: number): Generator<readonly PublishedUser[]> {
    const sql = `SELECT n.sub, ${VALUE} FROM new_users n JOIN decisions d ON d.user = n.id
      LEFT JOIN published p ON p.publication = ? AND p.sub = n.sub
      WHERE n.sub > ? AND ${CERTAIN} AND (p.sub IS NULL OR p.value <> ${VALUE} OR p.stored = 0)
      ORDER BY n.sub LIMIT ?`;
    const read = (after: string) => this.#db.all<readonly [string, string]>(sql, this.#id, after, limit);
    for (const rows of keysetPortions(read, ([newSub]) => newSub, '')) {
      yield rows.map(([newSub, legacyId]) => ({ newSub, legacyId }));
    }
  }

  /** The next users whom an earlier plan published and this one does not. */
  nextToDelete(limit: number): readonly string[] {
    const rows = this.#db.all<readonly [string]>(
      `SELECT p.sub FROM published p WHERE ${UNFOUNDED} ORDER BY p.sub LIMIT ?`,
      this.#id,
      limit,
    );
    return rows.map(([sub]) => sub);
  }

  /** Must be called before they are put. */
  putting(users: readonly PublishedUser[]): void {
    this.#db.run(
      `INSERT INTO published (publication, sub, value, stored)
       SELECT ?, value ->> 0, value ->> 1, 0 FROM json_each(?) WHERE true
       ON CONFLICT (publication, sub) DO UPDATE SET value = excluded.value, stored = 0`,
      this.#id,
      JSON.stringify(users.map(({ newSub, legacyId }) => [newSub, legacyId])),
    );
  }

  /** Must be called after they were put. */
  put(users: readonly PublishedUser[]): void {
    this.#db.run(
      'UPDATE published SET stored = 1 WHERE publication = ? AND sub IN (SELECT value FROM json_each(?))',
      this.#id,
      JSON.stringify(users.map(({ newSub }) => newSub)),
    );
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

const UNFOUNDED = `p.publication = ? AND NOT EXISTS (
  SELECT 1 FROM new_users n JOIN decisions d ON d.user = n.id WHERE n.sub = p.sub AND ${CERTAIN})`;
