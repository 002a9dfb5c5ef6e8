import { MigrationError } from '../migration-error.js';
import type { Worker } from '../progress.js';
import {
  addIndexes,
  correctMark,
  leaveMarkedRightly,
  openForReading,
  openForWriting,
  recordedWorker,
  refuseCopyOfHalf,
  tidyUp,
} from './connection.js';
import { canonicalPath, create, inspect, protect, removeDraft } from './file.js';
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
  workerOf,
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
   * Each of these except `read` excludes another process with the same access, and nobody else.
   */
  readonly access: Access;
  /** The command that others are told is at work. Default: the one that usually has this access. */
  readonly command?: string;
}

type Access = 'plan' | 'write' | 'verify' | 'publish' | 'control' | 'read';

/**
 * An open state file: an SQLite database, with a lock file for each thing that only one process at a time may do with it. Several
 * processes may write at the same time, so every transaction is short.
 */
export class State {
  readonly path: string;
  /** @internal */
  readonly db: Sqlite;
  /** @internal */
  readonly meta: Meta;
  readonly #locks = new Map<LockName, Lock>();
  readonly #command: string;
  readonly #cleanUp: () => void;

  /** @internal Use {@link openState}. */
  constructor(path: string, db: Sqlite, command: string, cleanUp = () => {}) {
    this.path = path;
    this.#command = command;
    this.db = db;
    this.meta = new Meta(db);
    this.#cleanUp = cleanUp;
  }

  /** The pools of this state, in the order of the first plan; `undefined` before the first plan. */
  get pools(): { readonly legacy: readonly string[]; readonly new: string } | undefined {
    const rows = this.db.all<readonly [string, string]>('SELECT side, user_pool_id FROM pools ORDER BY id');
    const newPool = rows.find(([side]) => side === 'new')?.[1];
    const legacy = rows.filter(([side]) => side === 'legacy').map(([, id]) => id);
    return newPool === undefined ? undefined : { legacy, new: newPool };
  }

  /** From here on, reads return the state as it is now, whatever others write. For several reads that must be consistent. */
  freeze(): void {
    this.db.exec('BEGIN');
  }

  /** The lock that this process holds; `undefined` if it only reads. */
  get role(): LockName | undefined {
    return this.#locks.keys().next().value;
  }

  /** Whether any process, including this one, is working on this state. */
  get running(): boolean {
    return LOCKS.some((name) => name !== 'control' && this.isBusy(name));
  }

  /** Whether any process, including this one, is doing this now. */
  isBusy(name: LockName): boolean {
    if (this.#locks.has(name) || isHeld(this.path, name)) return true;
    const holder = this.meta.get('holders')?.[name];
    return holder !== undefined && isAtWork(holder, undefined);
  }

  /** The processes that are working on this state, as far as they are known. */
  get workers(): readonly Worker[] {
    const workers = LOCKS.flatMap((name) => this.workerAt(name) ?? []);
    return workers.filter(
      ({ pid, host }, index) => index === workers.findIndex((one) => one.pid === pid && one.host === host),
    );
  }

  /** Who is doing this now; `undefined` if nobody is, or it is not known. */
  workerAt(name: LockName): Worker | undefined {
    return this.isBusy(name) ? workerOf(this.meta.get('holders')?.[name]) : undefined;
  }

  /**
   * Takes an acquired lock and records its holder. If the lock's file is deleted during a run, the record still keeps others out.
   * @internal
   * @throws {@link MigrationError} `ERR_STATE_LOCKED`
   */
  own(name: LockName, lock: Lock): void {
    this.db.transaction(() => {
      const holders = this.meta.get('holders') ?? {};
      const holder = holders[name];
      if (holder !== undefined && isAtWork(holder, lock)) throw locked(this.path, name, workerOf(holder));
      this.meta.set('holders', { ...holders, [name]: thisProcess(lock.inode, this.#command) });
    });
    this.#locks.set(name, lock);
  }

  /**
   * Does work during which no other process may do any of these. If another process is doing one of them, nothing is done, and its name is
   * returned.
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
      // Overwritten, not just unlinked: a command that was refused leaves the file as it was.
      this.db.exec('PRAGMA secure_delete = ON');
      this.db.transaction(() => {
        const holders = { ...this.meta.get('holders') };
        for (const name of names) delete holders[name];
        this.meta.set('holders', holders);
      });
      this.db.exec('PRAGMA secure_delete = OFF');
    } catch (error) {
      // For example on a full disk. A record of a lock that nobody holds keeps nobody out.
      if (!(error instanceof MigrationError)) throw error;
    }
  }

  close(): void {
    const names = [...this.#locks.keys()];
    let joined = names.length === 0;
    try {
      try {
        this.db.rollback();
        this.#forget(names);
        joined ||= leaveMarkedRightly(this.db, names);
      } finally {
        this.db.close();
      }
      if (!joined) correctMark(this.path, names);
    } finally {
      for (const lock of this.#locks.values()) lock.release();
      this.#locks.clear();
      this.#cleanUp();
    }
    if (!joined) tidyUp(this.path);
  }
}

/** The lock that it takes, and the command that has it if none is named. */
const ACCESS = {
  plan: { lock: 'plan', command: 'plan' },
  write: { lock: 'main', command: 'apply' },
  verify: { lock: 'verify', command: 'verify' },
  publish: { lock: 'publish', command: 'publish' },
  control: { lock: 'control', command: 'pace' },
  read: { lock: undefined, command: 'status' },
} as const;

/**
 * Opens a state file.
 * @throws {@link MigrationError} `ERR_STATE_LOCKED`, `ERR_STATE_INVALID`, `ERR_STATE_NOT_READY`, `ERR_STATE_STORAGE`
 */
export function openState({ path: given, access, command = ACCESS[access].command }: OpenStateOptions): State {
  const path = canonicalPath(given);
  if (inspect(path) === 'absent' && access !== 'plan') {
    throw new MigrationError('ERR_STATE_NOT_READY', `there is no state file ${path}`, { fix: 'Run `plan` first.' });
  }
  const name = ACCESS[access].lock;
  const lock = name === undefined ? undefined : acquireLock(path, name, () => recordedWorker(path, name));
  try {
    // Checked again, because the file may have been created while this process waited for the lock.
    if (inspect(path) === 'absent') create(path);
    else if (lock !== undefined) {
      protect(path);
      removeDraft(path);
    }
    refuseCopyOfHalf(path, name);
    if (lock === undefined || name === undefined) {
      const { db, cleanUp } = openForReading(path);
      return new State(path, db, command, cleanUp);
    }
    const state = new State(path, openForWriting(path), command);
    state.own(name, lock);
    if (name === 'main' || name === 'plan') addIndexes(state.db);
    return state;
  } catch (error) {
    lock?.release();
    throw error;
  }
}
