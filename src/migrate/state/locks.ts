import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { MigrationError } from '../migration-error.js';
import { isMissing } from './file.js';
import { Sqlite } from './sqlite.js';

/** What one process at a time does with a state. `main` is what changes pools: apply and rollback; `control` steers those. */
export const LOCKS = ['main', 'plan', 'verify', 'publish', 'control'] as const;
export type LockName = (typeof LOCKS)[number];

export interface Lock {
  /** Of the lock's file: whoever deletes it makes place for another one of the same name. */
  readonly inode: number;
  release(): void;
}

/** Who holds a lock. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process began, as the system counts; `null` where it does not tell. Another process may get the same pid. */
  readonly started: string | null;
  readonly inode: number;
}

const lockPath = (path: string, name: LockName): string => (name === 'main' ? `${path}.lock` : `${path}.${name}.lock`);

/**
 * Holds an exclusive SQLite lock on `{path}.lock` until released. The operating system frees it when the process ends, however it
 * ends; the file itself stays, and means nothing.
 * @throws {@link MigrationError} `ERR_STATE_LOCKED`
 */
export function acquireLock(path: string, name: LockName = 'main'): Lock {
  const file = lockPath(path, name);
  makeFile(file);
  const db = new Sqlite(file);
  // Whoever asks for the state's status holds the lock for a moment, too.
  db.exec('PRAGMA busy_timeout = 1000; PRAGMA journal_mode = OFF');
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isLocked(error)) throw error;
    throw locked(path, name, error);
  }
  return {
    inode: statSync(file).ino,
    release: () => {
      // Closing alone frees it only when the last statement is garbage-collected.
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

const WORK: Readonly<Record<LockName, string>> = {
  main: 'another process is working on',
  plan: 'another plan is being made in',
  verify: 'another process is verifying',
  publish: 'another process is publishing',
  control: 'another `pace` command is changing',
};

export function locked(path: string, name: LockName, cause?: unknown): MigrationError {
  return new MigrationError('ERR_STATE_LOCKED', `${WORK[name]} ${path}`, {
    fix: 'Wait until it ends, or stop it; `status` shows its progress.',
    cause,
  });
}

/** Whether some process holds the lock now. Changes nothing, so that it works where nothing can be written. */
export function isHeld(path: string, name: LockName): boolean {
  const file = lockPath(path, name);
  if (!exists(file)) return false;
  const db = new Sqlite(file, { readOnly: true });
  try {
    db.exec('SELECT count(*) FROM sqlite_schema');
    return false;
  } catch (error) {
    if (!isLocked(error)) throw error;
    return true;
  } finally {
    db.close();
  }
}

export function thisProcess(inode: number): Holder {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid), inode };
}

/**
 * Whether a holder that the state names still works on it, although its lock could be had: then its lock's file was deleted, and
 * what could be had is another one. Of processes of other machines nothing is known; there, the lock alone decides.
 */
export function isAtWork({ host, pid, started, inode }: Holder, got: Lock | undefined): boolean {
  if (inode === got?.inode || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Anything else says that it is there, and somebody else's.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return started === startOf(pid);
}

/** Field 22 of `/proc/{pid}/stat`, behind a name that may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Dead, and not yet asked for by its parent; in a container that may never come.
    return state === 'Z' ? null : (fields[18] ?? null);
  } catch {
    return null;
  }
}

/** Not opened where it is there: closing a file ends every lock that this process has on it. */
function makeFile(file: string): void {
  if (exists(file)) return;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new MigrationError('ERR_STATE_STORAGE', `${file} cannot be created`, { cause: error });
  }
}

function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export function isLocked(error: unknown): boolean {
  return error instanceof MigrationError && error.code === 'ERR_STATE_LOCKED';
}
