import { MigrationError } from '../migration-error.js';
import { isHeld, isLocked, LOCKS } from './locks.js';
import { IN_USE, SCHEMA_VERSION } from './schema.js';
import { Sqlite } from './sqlite.js';

/** 32 MiB of pages in memory, whatever the size of the pools. */
const CACHE_KIB = 32_768;

/** How long to wait for another writer: an index over a million users is one transaction. */
const BUSY_MS = 30_000;

export function openReadOnly(path: string): Sqlite {
  const db = new Sqlite(path, { readOnly: true });
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = FILE`);
  checkVersion(db);
  return db;
}

export function openForWriting(path: string): Sqlite {
  const db = new Sqlite(path);
  db.exec(`PRAGMA busy_timeout = ${BUSY_MS}; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = FILE`);
  checkVersion(db);
  const [mode] = db.get<readonly [string]>('PRAGMA journal_mode') ?? [];
  const inUse = (db.count('PRAGMA user_version') & IN_USE) !== 0;
  // SQLite's side file does not exist until the first change, so a run that is killed before it lacks nothing.
  if (mode !== 'wal' && inUse) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  if (mode !== 'wal' || !inUse) {
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION | IN_USE}`);
    db.checkpoint();
  }
  return db;
}

function checkVersion(db: Sqlite): void {
  const version = db.count('PRAGMA user_version') & ~IN_USE;
  if (version === SCHEMA_VERSION) return;
  throw new MigrationError('ERR_STATE_INVALID', `${db.path} has an unknown format (${version})`);
}

/** Leaves one complete file, without SQLite's side files. Returns false if another process has it open. */
export function joinFiles(db: Sqlite): boolean {
  try {
    db.exec(`PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;
      PRAGMA user_version = ${SCHEMA_VERSION}`);
    return true;
  } catch (error) {
    if (isLocked(error)) return false;
    throw error;
  }
}

/**
 * The last process that works on a state joins the files. If a reader still has it open, the file is at least no longer marked as in
 * use: SQLite may remove its side file when that reader closes it, and nothing is missing then.
 */
export function tidyUp(path: string): void {
  if (LOCKS.some((name) => isHeld(path, name))) return;
  const db = new Sqlite(path);
  try {
    if (joinFiles(db)) return;
    db.exec(`PRAGMA busy_timeout = 1000; PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA wal_checkpoint(PASSIVE)`);
  } catch (error) {
    if (!isLocked(error)) throw error;
  } finally {
    db.close();
  }
}
