import { EMAIL_VERIFIED, PHONE_VERIFIED } from '../../matching/verification.js';
import { MigrationError } from '../../migration-error.js';
import type { Sqlite } from '../../state/sqlite.js';
import type { State } from '../../state/state.js';
import type { Reason } from '../format/reasons.js';
import { openWorkFile } from '../format/work-file.js';
import type { Row } from './row.js';

/** What the plan says about a legacy user who is not `free` to be imported. */
export type Fate = 'free' | 'claimed' | Extract<Reason, 'legacy-id-taken' | `same-${string}`>;

/**
 * Which legacy users may be imported, according to the plan. Copies the plan into a database of its own, so that the state is not
 * locked while the pools are listed and a million users are not held in memory. The database is not needed after the export.
 *
 * A legacy user whom no new user matches may still be in the new pool: the plan does not decide without verified evidence. A legacy
 * user who has anything in common with a new user is not free, because an import would create a second account.
 */
export class Selection {
  readonly #db: Sqlite;
  readonly close: () => void;
  readonly comparedPhones: boolean;
  #restricted = false;

  /** @throws {@link MigrationError} `ERR_STATE_NOT_READY` */
  constructor(folder: string, state: State) {
    const { db, close } = openWorkFile(folder);
    this.#db = db;
    this.close = close;
    try {
      this.#db.exec(`ATTACH '${state.path.replaceAll("'", "''")}' AS plan`);
      this.comparedPhones = this.#copyPlan(state);
      this.#db.exec('DETACH plan');
    } catch (error) {
      this.close();
      throw error;
    }
    // Never committed: only this connection reads it.
    this.#db.exec('BEGIN');
  }

  /** From now on, {@link take} returns only these users. */
  async restrictTo(subs: AsyncIterable<string>): Promise<void> {
    this.#restricted = true;
    this.#db.exec('CREATE TABLE wanted (sub TEXT PRIMARY KEY) WITHOUT ROWID');
    for await (const sub of subs) this.#db.run('INSERT OR IGNORE INTO wanted (sub) VALUES (?)', sub);
  }

  get isRestricted(): boolean {
    return this.#restricted;
  }

  /** How many users of a legacy pool the plan knows. */
  static plannedUsers(state: State, userPoolId: string): number {
    return state.db.count(
      'SELECT count(*) FROM legacy_users l JOIN pools p ON p.id = l.pool WHERE p.user_pool_id = ?',
      userPoolId,
    );
  }

  /**
   * Takes listed users and returns the fate of each, or `undefined` if the plan does not know the user. Leaves out users who were
   * taken before, and users who are not wanted.
   */
  take(subs: readonly string[]): Map<string, Fate | undefined> {
    const list = JSON.stringify(subs);
    const rows = this.#db.all<readonly [string, Fate | null, number]>(
      'SELECT sub, fate, seen FROM users WHERE sub IN (SELECT value FROM json_each(?))',
      list,
    );
    const fates = new Map<string, Fate | undefined>(subs.map((sub) => [sub, undefined]));
    for (const [sub, fate, seen] of rows) {
      if (seen === 1) fates.delete(sub);
      else fates.set(sub, fate ?? undefined);
    }
    this.#db.run(
      `INSERT INTO users (sub, fate, seen) SELECT value, NULL, 1 FROM json_each(?) WHERE true
       ON CONFLICT (sub) DO UPDATE SET seen = 1`,
      list,
    );
    if (this.#restricted) {
      const sql = 'SELECT value FROM json_each(?) WHERE value NOT IN (SELECT sub FROM wanted)';
      for (const [sub] of this.#db.all<readonly [string]>(sql, list)) fates.delete(sub);
    }
    return fates;
  }

  /** Whether the user has not verified a contact that another legacy user has verified. */
  isOthers(sub: string, contact: string): boolean {
    return this.#db.count('SELECT count(*) FROM claims WHERE sub = ? AND contact = ?', sub, contact) > 0;
  }

  /** Which of these users were already taken. */
  taken(subs: readonly string[]): ReadonlySet<string> {
    const rows = this.#db.all<readonly [string]>(
      'SELECT sub FROM users WHERE seen = 1 AND sub IN (SELECT value FROM json_each(?))',
      JSON.stringify(subs),
    );
    return new Set(rows.map(([sub]) => sub));
  }

  /**
   * Reserves values that must be unique in the new pool. If an exported user already has one of them, reserves none and returns
   * its kind.
   */
  reserve(unique: Row['unique']): string | undefined {
    const keys = unique.map(([kind, value]) => `${kind}\0${value}`);
    const at = keys.findIndex((key) => this.#db.run('INSERT OR IGNORE INTO reserved (key) VALUES (?)', key) === 0);
    if (at === -1) return undefined;
    for (const key of keys.slice(0, at)) this.#db.run('DELETE FROM reserved WHERE key = ?', key);
    return unique[at]?.[0];
  }

  /** Uses one transaction, because the plan may be made again meanwhile. Returns whether the plan compared phone numbers. */
  #copyPlan(state: State): boolean {
    const db = this.#db;
    return db.transaction(() => {
      const [listedFor] = db.get<readonly [string]>(
        `SELECT value FROM plan.meta WHERE key = 'listedFor' AND EXISTS (SELECT 1 FROM plan.meta WHERE key = 'plannedAt')`,
      ) ?? [undefined];
      if (listedFor === undefined) {
        throw new MigrationError('ERR_STATE_NOT_READY', `${state.path} holds no finished plan`, {
          fix: 'Run `plan` first.',
        });
      }
      db.exec(COPY);
      const { rules }: { rules: readonly string[] } = JSON.parse(JSON.parse(listedFor));
      return rules.includes('phone');
    });
  }
}

/** Collects the keys of the new pool's users first, because the plan has no index on them. */
const COPY = `
  CREATE TABLE keys (key TEXT PRIMARY KEY) WITHOUT ROWID;
  INSERT OR IGNORE INTO keys SELECT 'e' || email AS key FROM plan.new_users WHERE email IS NOT NULL ORDER BY key;
  INSERT OR IGNORE INTO keys SELECT 'p' || phone AS key FROM plan.new_users WHERE phone IS NOT NULL ORDER BY key;
  INSERT OR IGNORE INTO keys SELECT 'n' || coalesce(name, username) AS key FROM plan.new_users ORDER BY key;
  CREATE TABLE users (sub TEXT PRIMARY KEY, fate TEXT, seen INTEGER NOT NULL) WITHOUT ROWID;
  INSERT OR IGNORE INTO users SELECT l.sub, CASE
    WHEN EXISTS (SELECT 1 FROM plan.decisions d
      WHERE d.value = l.sub AND d.outcome IN ('set', 'ok', 'conflict', 'duplicate')) THEN 'claimed'
    WHEN EXISTS (SELECT 1 FROM plan.new_users n WHERE n.folded = lower(l.sub)) THEN 'legacy-id-taken'
    WHEN l.id IN (SELECT q.user FROM plan.new_proofs p JOIN plan.legacy_proofs q ON q.hash = p.hash) THEN 'same-identity'
    WHEN EXISTS (SELECT 1 FROM keys WHERE key = 'e' || l.email) THEN 'same-email'
    WHEN EXISTS (SELECT 1 FROM keys WHERE key = 'p' || l.phone) THEN 'same-phone'
    WHEN EXISTS (SELECT 1 FROM keys WHERE key = 'n' || l.name) THEN 'same-username'
    ELSE 'free' END, 0
    FROM plan.legacy_users l WHERE l.sub IS NOT NULL ORDER BY l.sub;
  DROP TABLE keys;
  CREATE TABLE owned (key TEXT PRIMARY KEY) WITHOUT ROWID;
  INSERT OR IGNORE INTO owned SELECT 'e' || email AS key FROM plan.legacy_users
    WHERE email IS NOT NULL AND verified & ${EMAIL_VERIFIED} ORDER BY key;
  INSERT OR IGNORE INTO owned SELECT 'p' || phone AS key FROM plan.legacy_users
    WHERE phone IS NOT NULL AND verified & ${PHONE_VERIFIED} ORDER BY key;
  CREATE TABLE claims (sub TEXT, contact TEXT, PRIMARY KEY (sub, contact)) WITHOUT ROWID;
  INSERT OR IGNORE INTO claims SELECT sub, 'email' FROM plan.legacy_users
    WHERE sub IS NOT NULL AND NOT verified & ${EMAIL_VERIFIED} AND EXISTS (SELECT 1 FROM owned WHERE key = 'e' || email);
  INSERT OR IGNORE INTO claims SELECT sub, 'phone_number' FROM plan.legacy_users
    WHERE sub IS NOT NULL AND NOT verified & ${PHONE_VERIFIED} AND EXISTS (SELECT 1 FROM owned WHERE key = 'p' || phone);
  DROP TABLE owned;
  CREATE TABLE reserved (key TEXT PRIMARY KEY) WITHOUT ROWID`;
