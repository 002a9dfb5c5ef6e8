import { MigrationError } from '../errors.js';
import { acquireLock, canonicalPath, create, inspect, isRunning, protect } from './file.js';
import { Meta } from './meta.js';
import { SCHEMA_VERSION } from './schema.js';
import { Sqlite } from './sqlite.js';

export interface OpenStateOptions {
  readonly path: string;
  /**
   * - `plan`: creates the file if there is none; locks it
   * - `write`: the file must exist; locks it
   * - `read`: the file must exist; no lock, works beside a running command
   * - `control`: the file must exist; no lock, may tell a running command what is wanted of it
   */
  readonly access: 'plan' | 'write' | 'read' | 'control';
}

/** 32 MiB of pages in memory, whatever the size of the pools. */
const CACHE_KIB = 32_768;

/**
 * One state file, open: an SQLite database, and beside it `{path}.lock`, which a command that changes the state holds locked.
 */
export class State {
  readonly path: string;
  /** @internal The tables are the business of this folder. */
  readonly db: Sqlite;
  /** @internal */
  readonly meta: Meta;
  readonly #lock: { release(): void } | undefined;

  /** @internal Use {@link openState}. */
  constructor(path: string, db: Sqlite, lock: { release(): void } | undefined) {
    this.path = path;
    this.db = db;
    this.meta = new Meta(db);
    this.#lock = lock;
  }

  /** Pools this state belongs to, in the order given; `undefined` before the first plan. */
  get pools(): { readonly legacy: readonly string[]; readonly new: string } | undefined {
    const rows = this.db.all<readonly [string, string]>('SELECT side, user_pool_id FROM pools ORDER BY id');
    const newPool = rows.find(([side]) => side === 'new')?.[1];
    const legacy = rows.filter(([side]) => side === 'legacy').map(([, id]) => id);
    return newPool === undefined ? undefined : { legacy, new: newPool };
  }

  /** Whether a process works on this state: another one, or this one. */
  get running(): boolean {
    return this.#lock !== undefined || isRunning(this.path);
  }

  close(): void {
    try {
      if (this.#lock !== undefined) this.#joinFiles();
    } finally {
      this.db.close();
      this.#lock?.release();
    }
  }

  /** Leaves one complete file, without SQLite's side files. Where somebody reads at the same time, those stay. */
  #joinFiles(): void {
    try {
      this.db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE');
    } catch (error) {
      if (!(error instanceof MigrationError) || error.code !== 'ERR_STATE_LOCKED') throw error;
    }
  }
}

/**
 * Opens a state file.
 * @throws {@link MigrationError} `ERR_STATE_LOCKED`, `ERR_STATE_INVALID`, `ERR_STATE_NOT_READY`, `ERR_STATE_STORAGE`
 */
export function openState({ path: given, access }: OpenStateOptions): State {
  const path = canonicalPath(given);
  if (inspect(path) === 'absent' && access !== 'plan') {
    throw new MigrationError('ERR_STATE_NOT_READY', `there is no state ${path}`, { fix: 'Run `plan` first.' });
  }
  const lock = access === 'read' || access === 'control' ? undefined : acquireLock(path);
  try {
    // Looked at again: it may have come while the lock was waited for.
    if (inspect(path) === 'absent') create(path);
    else if (lock !== undefined) protect(path);
    const db = new Sqlite(path);
    const version = db.count('PRAGMA user_version');
    if (version !== SCHEMA_VERSION) {
      throw new MigrationError('ERR_STATE_INVALID', `${path} has the unknown format ${version}`);
    }
    db.exec(`PRAGMA busy_timeout = 5000; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = FILE`);
    if (access === 'read') db.exec('PRAGMA query_only = 1');
    else if (access !== 'control') db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    return new State(path, db, lock);
  } catch (error) {
    lock?.release();
    throw error;
  }
}
