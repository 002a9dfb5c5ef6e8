import { chmodSync, closeSync, existsSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { cannotCreate, finishDraft, onDisk, syncFolder } from '../files/durable-file.js';
import { type FileStart, readStart } from '../files/file-start.js';
import { forgetChanges } from '../files/kept-changes.js';
import { isMissing, isSystemError } from '../files/system-error.js';
import { MigrationError } from '../migration-error.js';
import { APPLICATION_ID, IN_USE, SCHEMA, SCHEMA_VERSION } from './schema.js';
import { Sqlite } from './sqlite.js';

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';
/** Offset of the byte that says whether changes go to a separate file (2) or not (1). */
const WRITE_FORMAT = 18;

/** The one path of a file, whatever links lead to it. The name of the lock is made from it. */
export function canonicalPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    // The file does not exist yet, but its folder may.
  }
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch (error) {
    throw cannotOpen(`the folder of ${path}`, error);
  }
}

function cannotOpen(what: string, error: unknown): MigrationError {
  const why = isSystemError(error) ? ` (${error.code})` : '';
  return new MigrationError('ERR_STATE_STORAGE', `${what} cannot be opened${why}`, {
    fix: 'Check --state and its access rights.',
    cause: error,
  });
}

/**
 * Reads the first 100 bytes (https://www.sqlite.org/fileformat2.html#the_database_header) before SQLite opens the file, because opening
 * a foreign file could already change it.
 * @throws {@link MigrationError} `ERR_STATE_INVALID`
 */
export function inspect(path: string): 'absent' | 'present' {
  const start = readHeader(path);
  // An empty file contains nothing that could be lost.
  if (start === undefined || start.size === 0) return 'absent';
  const { bytes: header, size } = start;
  if (size < HEADER_BYTES || header.toString('latin1', 0, 16) !== MAGIC) {
    throw invalid(path, 'is not a state file of cognito-cutover: it is not an SQLite database');
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    throw invalid(path, 'is not a state file of cognito-cutover: it is a database of another application');
  }
  const version = header.readUInt32BE(60) & ~IN_USE;
  if (version > SCHEMA_VERSION) {
    const fix = 'Use the version of cognito-cutover that made it, or a newer one.';
    throw invalid(path, `was made by a newer version of cognito-cutover (format ${version})`, fix);
  }
  if (version < SCHEMA_VERSION) {
    const fix =
      'Plan again with another --state file. To take back what this one wrote, run rollback with the version that made it.';
    throw invalid(path, `was made by an older version of cognito-cutover (format ${version})`, fix);
  }
  const expected = sizeByHeader(header);
  if (isCutShort(path)) throw invalid(path, `is damaged: ${size} bytes where its header says ${expected}`);
  return 'present';
}

/** Checked again, because another process may just have moved its last changes into the file. */
const isCutShort = (path: string): boolean => isShort(path) && isShort(path);

function isShort(path: string): boolean {
  const start = readHeader(path);
  return start !== undefined && start.size < sizeByHeader(start.bytes) && !hasContent(`${path}-wal`);
}

function sizeByHeader(header: Buffer): number {
  const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  return pageSize * header.readUInt32BE(28);
}

/**
 * Whether the file says that a run was using it, which keeps its last changes in `{path}-wal`, but that file is missing. The answer is
 * only final while nobody works on the state, because the last process joins the two files.
 */
export function lacksChanges(path: string): boolean {
  const header = readHeader(path)?.bytes;
  if (header === undefined) return false;
  const keepsChangesBeside = header.readUInt8(WRITE_FORMAT) === 2;
  return keepsChangesBeside && (header.readUInt32BE(60) & IN_USE) !== 0 && !existsSync(`${path}-wal`);
}

export function refuseWithoutChanges(path: string): never {
  throw invalid(
    path,
    'is missing its last changes: it was copied without the file beside it, or that file was deleted',
    `A run that was stopped by force keeps its last changes in ${path}-wal. Copy both files together, or restore both from a backup.
If that file no longer exists, plan again with another --state file. The new file does not know what the lost changes wrote to users.`,
  );
}

function invalid(path: string, what: string, fix = 'Choose another file with --state; this one was not changed.') {
  return new MigrationError('ERR_STATE_INVALID', `${path} ${what}`, { fix });
}

function readHeader(path: string): FileStart | undefined {
  try {
    return readStart(path, HEADER_BYTES);
  } catch (error) {
    throw cannotOpen(path, error);
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

/**
 * Creates the file, readable only by its owner. It gets its name when it is complete, so that a process that is killed before leaves
 * nothing that looks like a state.
 */
export function create(path: string): void {
  const changes = `${path}-wal`;
  if (hasContent(changes)) {
    // SQLite would add them to the new file.
    const what = `does not exist, but ${changes} does, with the last changes of a file of this name`;
    throw invalid(path, what, `Restore that file, or delete ${changes}, or choose another file with --state.`);
  }
  const draft = draftOf(path);
  const make = () => {
    removeDraft(path);
    forgetChanges(path);
    closeSync(openSync(draft, 'wx', 0o600));
  };
  onDisk(path, make, cannotCreate);
  const db = new Sqlite(draft);
  db.exec(`PRAGMA page_size = 4096; BEGIN; ${SCHEMA}
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
  db.close();
  onDisk(path, () => finishDraft(openSync(draft, 'r+'), draft, path));
  syncFolder(dirname(path));
}

/** Removes what a run left that was killed while it created the file or the key's file. */
export function removeDraft(path: string): void {
  const draft = draftOf(path);
  const key = join(dirname(path), `.${basename(path)}.key.part`);
  for (const name of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`, key]) {
    // A folder of such a name is not what a run left.
    onDisk(name, () => rmSync(name, { force: true }));
  }
}

const draftOf = (path: string): string => `${path}.new`;

/** SQLite gives its side files the mode of the database, so only the database's mode matters. */
export function protect(path: string): void {
  onDisk(path, () => {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  });
}
