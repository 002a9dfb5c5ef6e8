import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyOpened } from '../files/file-start.js';
import { containsKeptChanges, forgetChanges, keepChanges } from '../files/kept-changes.js';
import { isSystemError } from '../files/system-error.js';
import { MigrationError } from '../migration-error.js';
import type { Worker } from '../progress.js';
import { lacksChanges, refuseWithoutChanges } from './file.js';
import { isHeld, isLocked, LOCKS, type LockName, workerOf } from './locks.js';
import { Meta } from './meta.js';
import { IN_USE, PROGRESS_INDEXES, SCHEMA_VERSION } from './schema.js';
import { Sqlite } from './sqlite.js';

/** 32 MiB of pages in memory, whatever the size of the pools. */
const CACHE_KIB = 32_768;

/** How long to wait for another writer: an index over a million users is one transaction. */
const BUSY_MS = 30_000;

function openReadOnly(path: string): Sqlite {
  const db = new Sqlite(path, { readOnly: true });
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = FILE`);
  checkVersion(db);
  return db;
}

interface OpenedForReading {
  readonly db: Sqlite;
  readonly cleanUp?: () => void;
}

export function openForReading(path: string): OpenedForReading {
  try {
    return { db: openReadOnly(path) };
  } catch (error) {
    const isStorage = error instanceof MigrationError && error.code === 'ERR_STATE_STORAGE';
    if (!isStorage || isWorkedOn(path)) throw error;
    return openCopy(path);
  }
}

/**
 * What a killed run left can only be read with a file that SQLite creates beside it. If that is impossible, as on a read-only or full
 * disk, a copy is read.
 */
function openCopy(path: string): OpenedForReading {
  const folder = mkdtempSync(join(tmpdir(), 'cognito-cutover-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'state.db');
    copyOpened(path, copy);
    if (existsSync(`${path}-wal`)) copyOpened(`${path}-wal`, `${copy}-wal`);
    return { db: openReadOnly(copy), cleanUp: remove };
  } catch (error) {
    remove();
    if (!isSystemError(error)) throw error;
    throw new MigrationError('ERR_STATE_STORAGE', `${path} and what is beside it cannot be copied (${error.code})`, {
      fix: `Make sure that ${path} and ${path}-wal, if present, are files, and that the temporary folder has space.`,
      cause: error,
    });
  }
}

/** Who holds a lock, as the state says. It is only needed for a message, so a state that cannot be read is not an error. */
export function recordedWorker(path: string, name: LockName): Worker | undefined {
  try {
    const db = openReadOnly(path);
    try {
      return workerOf(new Meta(db).get('holders')?.[name]);
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

export function openForWriting(path: string): Sqlite {
  const db = new Sqlite(path);
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = FILE`);
  checkVersion(db);
  const [mode] = db.get<readonly [string]>('PRAGMA journal_mode') ?? [];
  const inUse = (db.count('PRAGMA user_version') & IN_USE) !== 0;
  // SQLite's side file does not exist until the first change, so a run that is killed before it lacks nothing.
  if (mode !== 'wal' && inUse) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  waiting(() => db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL'));
  if (mode !== 'wal' || !inUse) {
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION | IN_USE}`);
    keepChanges(path);
    db.checkpoint();
  } else keepChanges(path);
  return db;
}

/** Repeats what SQLite refuses at once while another process does the same, without the wait of `busy_timeout`. */
function waiting(work: () => void): void {
  for (const start = performance.now(); ; ) {
    try {
      work();
      return;
    } catch (error) {
      if (!isLocked(error) || performance.now() - start > BUSY_MS) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Gives a state of an older version the indexes that it lacks. Over a million operations this takes two seconds, once. */
export function addIndexes(db: Sqlite): void {
  const present = db.count("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = 'operations_progress'");
  if (present === 0) db.transaction(() => db.exec(PROGRESS_INDEXES));
}

function checkVersion(db: Sqlite): void {
  const version = db.count('PRAGMA user_version') & ~IN_USE;
  if (version === SCHEMA_VERSION) return;
  throw new MigrationError('ERR_STATE_INVALID', `${db.path} has an unknown format (${version})`);
}

/** Leaves one complete file, without SQLite's side files. Returns false if another process has it open. */
function joinFiles(db: Sqlite): boolean {
  try {
    db.exec(`PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE;
      PRAGMA user_version = ${SCHEMA_VERSION}`);
    forgetChanges(db.path);
    return true;
  } catch (error) {
    if (isLocked(error) || isReadHere(error)) return false;
    throw error;
  }
}

/** A statement of this connection that was not read to its end keeps the mode from being changed. The driver has no code for it. */
const isReadHere = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('cannot change out of wal mode from within a transaction');

/** Whether a process works on the state, other than the one that holds `own`. */
const isWorkedOn = (path: string, own: readonly LockName[] = []): boolean =>
  LOCKS.some((name) => !own.includes(name) && isHeld(path, name));

/** @throws {@link MigrationError} `ERR_STATE_INVALID` if the file was copied while a process worked on it, without the file beside it */
export function refuseCopyOfHalf(path: string, own: LockName | undefined): void {
  if (!lacksChanges(path) || isWorkedOn(path, own === undefined ? [] : [own])) return;
  // Checked again, because a process that ended in between has left one complete file.
  if (lacksChanges(path) && !containsKeptChanges(path)) refuseWithoutChanges(path);
}

/**
 * Before a process that holds `own` closes its connection: leaves one complete file if it can, and returns whether it did. SQLite removes
 * its side file when the last connection is closed, and a file that is marked as in use then looks as if that had been lost, so whoever
 * may be the last takes the mark away.
 */
export function leaveMarkedRightly(db: Sqlite, own: readonly LockName[]): boolean {
  if (joinFiles(db)) return true;
  if (!isWorkedOn(db.path, own)) unlessLocked(() => unmark(db));
  return false;
}

/** After it: those who worked beside it may have been killed in between. To be called before the lock is released. */
export function correctMark(path: string, own: readonly LockName[]): void {
  if (lacksChanges(path) && !isWorkedOn(path, own)) connected(path, unmark);
}

/**
 * The last process that works on a state joins the files. If a reader still has it open, the file is at least no longer marked as in
 * use: SQLite may remove its side file when that reader closes it, and nothing is missing then. If it can, it leaves that file empty:
 * changes that stay there after the file itself is deleted would be taken for changes of the next one.
 */
export function tidyUp(path: string): void {
  if (isWorkedOn(path)) return;
  connected(path, (db) => {
    if (joinFiles(db) || isWorkedOn(path)) return;
    unmark(db);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  });
}

function unmark(db: Sqlite): void {
  db.exec(`PRAGMA busy_timeout = 1000; PRAGMA user_version = ${SCHEMA_VERSION}`);
  forgetChanges(db.path);
}

function connected(path: string, work: (db: Sqlite) => void): void {
  const db = new Sqlite(path);
  try {
    unlessLocked(() => work(db));
  } finally {
    db.close();
  }
}

/** Does what can be left undone if another process is in the way. */
function unlessLocked(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
}
