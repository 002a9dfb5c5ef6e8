import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '../../clock.js';
import { cannotCreate, onDisk } from '../files/durable-file.js';
import { isMissing } from '../files/system-error.js';
import { describeWorker } from '../files/worker.js';
import { MigrationError } from '../migration-error.js';
import type { Worker } from '../progress.js';
import { Sqlite } from './sqlite.js';

/** What only one process at a time does with a state. `main` changes pools: apply and rollback; `control` steers those. */
export const LOCKS = ['main', 'plan', 'verify', 'publish', 'control'] as const;
export type LockName = (typeof LOCKS)[number];

export interface Lock {
  /** Of the lock's file. If the file is deleted, another one can get the same name. */
  readonly inode: number;
  release(): void;
}

/** Who holds a lock. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process started, by the system's count; `null` if unknown. Another process may get the same pid. */
  readonly started: string | null;
  readonly inode: number;
  /** Name of its command. Missing in a state of an older version. */
  readonly command?: string;
  /** When it took the lock, in milliseconds since the epoch. Missing in a state of an older version. */
  readonly since?: number;
}

const lockPath = (path: string, name: LockName): string => (name === 'main' ? `${path}.lock` : `${path}.${name}.lock`);

/**
 * Holds an exclusive SQLite lock on `{path}.lock` until released. The operating system frees it when the process ends, however it
 * ends. The file itself stays and has no meaning.
 * @param whoHolds called for the message if another process holds it
 * @throws {@link MigrationError} `ERR_STATE_LOCKED`
 */
export function acquireLock(path: string, name: LockName = 'main', whoHolds?: () => Worker | undefined): Lock {
  const file = lockPath(path, name);
  makeFile(file);
  const db = new Sqlite(file);
  try {
    // Reading the state's status also holds the lock for a moment.
    db.exec('PRAGMA busy_timeout = 1000; PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isLocked(error)) throw error;
    throw locked(path, name, whoHolds?.(), error);
  }
  return {
    inode: statSync(file).ino,
    release: () => {
      // Without this, the lock would only be freed when the last statement is garbage-collected.
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

export function locked(path: string, name: LockName, worker?: Worker, cause?: unknown): MigrationError {
  const what = worker === undefined ? WORK[name] : `${describeWorker(worker)} is working on`;
  return new MigrationError('ERR_STATE_LOCKED', `${what} ${path}`, { fix: howToGetIn(name, worker), cause });
}

function howToGetIn(name: LockName, worker: Worker | undefined): string {
  // It takes moments.
  if (name === 'control') return 'Run the same command again.';
  const wait = 'Wait until it ends; `status --watch` shows its progress.';
  if (worker === undefined) return `${wait} Or stop it; it can be continued later.`;
  const pause = name === 'main' ? ' `pace --pause` makes it pause.' : '';
  const where = worker.host === hostname() ? '' : ` on host ${worker.host}`;
  return `${wait}${pause} Or stop it with kill -TERM ${worker.pid}${where}; it can be continued later.`;
}

/**
 * Who a record of a holder is about; `undefined` if it is about a process that is gone, or does not say. A record can be old: nothing
 * removes it when a process is killed.
 */
export function workerOf(holder: Holder | undefined): Worker | undefined {
  if (holder === undefined) return undefined;
  const { command, pid, host, since } = holder;
  if (typeof command !== 'string' || !/^[a-z-]{1,20}$/.test(command)) return undefined;
  if (!Number.isSafeInteger(pid) || typeof host !== 'string' || !/^[\w.-]{1,255}$/.test(host)) return undefined;
  const began = new Date(since ?? Number.NaN);
  if (Number.isNaN(began.getTime())) return undefined;
  const isGone = host === hostname() && !isAtWork(holder, undefined);
  return isGone ? undefined : { command, pid, host, since: began };
}

/** Whether a process holds the lock now. Writes nothing, so it also works on a read-only disk. */
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

export function thisProcess(inode: number, command: string): Holder {
  const { pid } = process;
  return { host: hostname(), pid, started: startOf(pid), inode, command, since: systemClock.now() };
}

/**
 * Whether a holder named in the state is still working on it, although its lock could be acquired. Then its lock's file was deleted, and
 * the acquired lock is another one. Nothing is known about processes on other machines; for those, only the lock decides.
 */
export function isAtWork({ host, pid, started, inode }: Holder, got: Lock | undefined): boolean {
  if (inode === got?.inode || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Any other error means that the process exists and belongs to another user.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
  }
  return started === startOf(pid);
}

/** Field 22 of `/proc/{pid}/stat`, after a name that may contain anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // The process is dead and its parent has not collected it; in a container that may never happen.
    return state === 'Z' ? null : (fields[18] ?? null);
  } catch {
    return null;
  }
}

/** Does not open an existing file, because closing a file ends every lock that this process has on it. */
function makeFile(file: string): void {
  if (!exists(file)) onDisk(file, () => closeSync(openSync(file, 'a', 0o600)), cannotCreate);
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
