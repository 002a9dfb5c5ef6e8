import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { MigrationError } from '../errors.js';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.js';
import { Sqlite } from './sqlite.js';

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** One path for one file, whatever links lead to it: the lock's name is made from it. */
export function canonicalPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    // Not there yet; its folder may be.
  }
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch (error) {
    throw new MigrationError('ERR_STATE_STORAGE', `the folder of ${path} cannot be opened`, { cause: error });
  }
}

/**
 * Looks at the file's first 100 bytes (https://www.sqlite.org/fileformat2.html#the_database_header) before SQLite opens it:
 * opening a foreign file could already change it.
 * @throws {@link MigrationError} `ERR_STATE_INVALID`
 */
export function inspect(path: string): 'absent' | 'present' {
  const header = Buffer.alloc(HEADER_BYTES);
  const size = readHeader(path, header);
  // Nothing is in an empty file that could be lost.
  if (size === undefined || size === 0) return 'absent';
  if (size < HEADER_BYTES || header.toString('latin1', 0, 16) !== MAGIC) {
    throw invalid(path, 'is not a state file of cognito-cutover: it is not an SQLite database');
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    throw invalid(path, 'is not a state file of cognito-cutover: it is a database of another application');
  }
  const version = header.readUInt32BE(60);
  if (version > SCHEMA_VERSION) {
    const fix = 'Use the version of cognito-cutover that made it, or a newer one.';
    throw invalid(path, `was made by a newer version of cognito-cutover (format ${version})`, fix);
  }
  if (version < SCHEMA_VERSION) {
    const fix =
      'Plan again with another --state file. To take back what this one wrote, run rollback with the version that made it.';
    throw invalid(path, `was made by an older version of cognito-cutover (format ${version})`, fix);
  }
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  const pages = header.readUInt32BE(28);
  if (size < pageSize * pages && !hasContent(`${path}-wal`)) {
    throw invalid(path, `is damaged: ${size} bytes where its header says ${pageSize * pages}`);
  }
  return 'present';
}

function invalid(path: string, what: string, fix = 'Choose another file with --state; this one was not touched.') {
  return new MigrationError('ERR_STATE_INVALID', `${path} ${what}`, { fix });
}

function readHeader(path: string, into: Buffer): number | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new MigrationError('ERR_STATE_STORAGE', `${path} cannot be opened`, { cause: error });
  }
  try {
    readSync(file, into, 0, into.length, 0);
    return statSync(path).size;
  } catch (error) {
    throw new MigrationError('ERR_STATE_STORAGE', `${path} cannot be read`, { cause: error });
  } finally {
    closeSync(file);
  }
}

function hasContent(path: string): boolean {
  try {
    return statSync(path).size > 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/**
 * Makes the file, readable by its owner alone. It gets its name when it is complete, so that a process killed in between
 * leaves nothing that looks like a state.
 */
export function create(path: string): void {
  const draft = `${path}.new`;
  try {
    for (const name of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true });
    closeSync(openSync(draft, 'wx', 0o600));
  } catch (error) {
    throw new MigrationError('ERR_STATE_STORAGE', `${path} cannot be created`, { cause: error });
  }
  const db = new Sqlite(draft);
  db.exec(`PRAGMA page_size = 4096; BEGIN; ${SCHEMA}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  db.close();
  const file = openSync(draft, 'r');
  fsyncSync(file);
  closeSync(file);
  renameSync(draft, path);
}

/** SQLite gives its side files the mode of the database, so the database's is what counts. */
export function protect(path: string): void {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

/**
 * Holds an exclusive SQLite lock on `{path}.lock` until released. The operating system frees it when the process ends, however it
 * ends; the file itself stays, and means nothing.
 * @throws {@link MigrationError} `ERR_STATE_LOCKED`
 */
export function acquireLock(path: string): { release(): void } {
  const db = openLock(path);
  // Whoever asks for the state's status holds the lock for a moment, too.
  db.exec('PRAGMA busy_timeout = 1000; PRAGMA journal_mode = OFF');
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (!isLocked(error)) throw error;
    throw new MigrationError('ERR_STATE_LOCKED', `another process works on ${path}`, {
      fix: 'Wait for it to end, or stop it; `status` shows how far it is.',
      cause: error,
    });
  }
  return {
    release: () => {
      // Closing alone frees it only when the last statement is garbage-collected.
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

/** Whether some process holds the lock now. */
export function isRunning(path: string): boolean {
  if (!hasLock(path)) return false;
  const db = openLock(path);
  try {
    db.exec('BEGIN IMMEDIATE');
    db.exec('ROLLBACK');
    return false;
  } catch (error) {
    if (!isLocked(error)) throw error;
    return true;
  } finally {
    db.close();
  }
}

function hasLock(path: string): boolean {
  try {
    statSync(`${path}.lock`);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function openLock(path: string): Sqlite {
  const lock = `${path}.lock`;
  try {
    closeSync(openSync(lock, 'a', 0o600));
  } catch (error) {
    throw new MigrationError('ERR_STATE_STORAGE', `${lock} cannot be created`, { cause: error });
  }
  return new Sqlite(lock);
}

function isLocked(error: unknown): boolean {
  return error instanceof MigrationError && error.code === 'ERR_STATE_LOCKED';
}
