import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MigrationError } from '../migration-error.js';
import { joinFiles, openForWriting, openReadOnly, tidyUp } from './connection.js';
import { canonicalPath, create, inspect, lacksChanges, protect, refuseWithoutChanges, removeDraft } from './file.js';
import {
  acquireLock,
  isAtWork,
  isHeld,
  isLocked,
  LOCKS,
  type Lock,
  type LockName,
  locked,
  thisProcess,
} from './locks.js';
import { Meta } from './meta.js';
import type { Sqlite } from './sqlite.js';

export interface OpenStateOptions {
  readonly path: string;
  /**
   * - `plan`: creates the file if there is none
   * - `write`: the file must exist; for what changes pools
   * - `verify`, `publish`: the file must exist
   * - `read`: the file must exist, and nothing is written
   * - `control`: the file must exist; may tell a running command what is wanted of it
   *
   * Each but `read` keeps out another process that wants the same, and nobody else.
   */
  readonly access: Access;
}

type Access = 'plan' | 'write' | 'verify' | 'publish' | 'control' | 'read';

/**
 * One state file, open: an SQLite database, and beside it a lock file for each thing that one process at a time does with it. Several
 * processes may write at once, so every transaction is short.
 */
export class State {
  readonly path: string;
  /** @internal The tables are the business of this folder. */
  readonly db: Sqlite;
  /** @internal */
  readonly meta: Meta;
  readonly #locks = new Map<LockName, Lock>();
  readonly #cleanUp: () => void;

  /** @internal Use {@link openState}. */
  constructor(path: string, db: Sqlite, cleanUp = () => {}) {
    this.path = path;
    this.db = db;
    this.meta = new Meta(db);
    this.#cleanUp = cleanUp;
  }

  /** Pools this state belongs to, in the order given; `undefined` before the first plan. */
  get pools(): { readonly legacy: readonly string[]; readonly new: string } | undefined {
    const rows = this.db.all<readonly [string, string]>('SELECT side, user_pool_id FROM pools ORDER BY id');
    const newPool = rows.find(([side]) => side === 'new')?.[1];
    const legacy = rows.filter(([side]) => side === 'legacy').map(([, id]) => id);
    return newPool === undefined ? undefined : { legacy, new: newPool };
  }

  /** From here on, reads what the state holds now, whatever others write: to be used where many reads must fit together. */
  freeze(): void {
    this.db.exec('BEGIN');
  }

  /** What this process holds the state for; `undefined` where it only reads. */
  get role(): LockName | undefined {
    return this.#locks.keys().next().value;
  }

  /** Whether a process works on this state: another one, or this one. */
  get running(): boolean {
    return LOCKS.some((name) => name !== 'control' && this.isBusy(name));
  }

  /** Whether a process does this now: another one, or this one. */
  isBusy(name: LockName): boolean {
    if (this.#locks.has(name) || isHeld(this.path, name)) return true;
    const holder = this.meta.get('holders')?.[name];
    return holder !== undefined && isAtWork(holder, undefined);
  }

  /**
   * Takes a lock that was acquired, and notes by whom: where the lock's file is deleted under a run, the note still keeps others out.
   * @internal
   * @throws {@link MigrationError} `ERR_STATE_LOCKED`
   */
  own(name: LockName, lock: Lock): void {
    this.db.transaction(() => {
      const holders = this.meta.get('holders') ?? {};
      const holder = holders[name];
      if (holder !== undefined && isAtWork(holder, lock)) throw locked(this.path, name);
      this.meta.set('holders', { ...holders, [name]: thisProcess(lock.inode) });
    });
    this.#locks.set(name, lock);
  }

  /**
   * Does something that these must not see half done, where none of them is under way in another process; otherwise answers which is.
   */
  alone(names: readonly LockName[], work: () => void): LockName | undefined {
    const taken: LockName[] = [];
    try {
      for (const name of names) {
        if (this.#locks.has(name)) continue;
        try {
          this.#take(name);
        } catch (error) {
          if (isLocked(error)) return name;
          throw error;
        }
        taken.push(name);
      }
      work();
      return undefined;
    } finally {
      this.#letGo(taken);
    }
  }

  #take(name: LockName): void {
    const lock = acquireLock(this.path, name);
    try {
      this.own(name, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #letGo(names: readonly LockName[]): void {
    try {
      this.#forget(names);
    } finally {
      for (const name of names) {
        this.#locks.get(name)?.release();
        this.#locks.delete(name);
      }
    }
  }

  #forget(names: readonly LockName[]): void {
    if (names.length === 0) return;
    try {
      this.db.transaction(() => {
        const holders = { ...this.meta.get('holders') };
        for (const name of names) delete holders[name];
        this.meta.set('holders', holders);
      });
    } catch (error) {
      // As on a full disk. A note about a lock that nobody holds keeps nobody out.
      if (!(error instanceof MigrationError)) throw error;
    }
  }

  close(): void {
    const names = [...this.#locks.keys()];
    let joined = names.length === 0;
    try {
      this.db.rollback();
      this.#forget(names);
      joined ||= joinFiles(this.db);
    } finally {
      this.db.close();
      for (const lock of this.#locks.values()) lock.release();
      this.#locks.clear();
      this.#cleanUp();
    }
    if (!joined) tidyUp(this.path);
  }
}

const LOCK_OF = {
  plan: 'plan',
  write: 'main',
  verify: 'verify',
  publish: 'publish',
  control: 'control',
  read: undefined,
} as const;

/**
 * Opens a state file.
 * @throws {@link MigrationError} `ERR_STATE_LOCKED`, `ERR_STATE_INVALID`, `ERR_STATE_NOT_READY`, `ERR_STATE_STORAGE`
 */
export function openState({ path: given, access }: OpenStateOptions): State {
  const path = canonicalPath(given);
  if (inspect(path) === 'absent' && access !== 'plan') {
    throw new MigrationError('ERR_STATE_NOT_READY', `there is no state file ${path}`, { fix: 'Run `plan` first.' });
  }
  const name = LOCK_OF[access];
  const lock = name === undefined ? undefined : acquireLock(path, name);
  try {
    // Looked at again: it may have come while the lock was waited for.
    if (inspect(path) === 'absent') create(path);
    else if (lock !== undefined) {
      protect(path);
      removeDraft(path);
    }
    refuseCopyOfHalf(path, name);
    if (lock === undefined || name === undefined) return openForReading(path);
    const state = new State(path, openForWriting(path));
    state.own(name, lock);
    return state;
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function refuseCopyOfHalf(path: string, own: LockName | undefined): void {
  if (!lacksChanges(path) || LOCKS.some((name) => name !== own && isHeld(path, name))) return;
  // Once more: whoever joined the files and ended in between left the file whole.
  if (lacksChanges(path)) refuseWithoutChanges(path);
}

function openForReading(path: string): State {
  try {
    return new State(path, openReadOnly(path));
  } catch (error) {
    const isStorage = error instanceof MigrationError && error.code === 'ERR_STATE_STORAGE';
    if (!isStorage || LOCKS.some((name) => isHeld(path, name))) throw error;
    return openCopy(path);
  }
}

/**
 * What a killed run left can only be read together with a file that SQLite makes beside it. Where none can be made, as on a read-only or a
 * full disk, a copy is read.
 */
function openCopy(path: string): State {
  const folder = mkdtempSync(join(tmpdir(), 'cognito-cutover-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'state.db');
    copyFileSync(path, copy);
    if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${copy}-wal`);
    return new State(path, openReadOnly(copy), remove);
  } catch (error) {
    remove();
    throw error;
  }
}
