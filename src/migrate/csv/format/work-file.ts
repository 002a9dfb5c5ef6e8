import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../../files/durable-file.js';
import { Sqlite } from '../../state/sqlite.js';
import { WORK_FILE } from './file-names.js';

/** 16 MiB. */
const CACHE_KIB = 16_384;

const removeWorkFile = (path: string): void =>
  onDisk(path, () => {
    for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  });

/**
 * Opens a database in a folder for one run, so that a million users are not held in memory. It contains personal data: only its
 * owner can read it, and closing removes it. A database that a killed run left behind is removed first.
 */
export function openWorkFile(folder: string): { readonly db: Sqlite; close(): void } {
  const path = join(folder, WORK_FILE);
  removeWorkFile(path);
  // SQLite would create it with the permissions that the umask allows.
  onDisk(path, () => closeSync(openSync(path, 'wx', 0o600)));
  const db = new Sqlite(path);
  const close = () => {
    db.close();
    removeWorkFile(path);
  };
  try {
    db.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE;
      PRAGMA cache_size = -${CACHE_KIB}; PRAGMA busy_timeout = 5000`);
  } catch (error) {
    close();
    throw error;
  }
  return { db, close };
}
