import { closeSync, fstatSync, linkSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { openForGood } from './file-start.js';
import { isMissing, isSystemError } from './system-error.js';

/**
 * SQLite removes the file with the last changes when the last connection is closed, after it has moved them into the database. Nobody can
 * tell this from a file that was lost, because the connection may be closed long after `close()`, in a process whose neighbour was killed
 * meanwhile. So the file has a second name while the database is in use: what it contained can then still be compared.
 */
const keptPath = (path: string): string => `${path}-wal-kept`;

/** Gives the file with the last changes of a database its second name. File systems without such names do without. */
export function keepChanges(path: string): void {
  const changes = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (changes === undefined || changes.ino === statSync(keptPath(path), { throwIfNoEntry: false })?.ino) return;
  try {
    forgetChanges(path);
    linkSync(`${path}-wal`, keptPath(path));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** When the database is complete without the file beside it. */
export function forgetChanges(path: string): void {
  try {
    rmSync(keptPath(path), { force: true });
  } catch (error) {
    // It is only compared, so it does no harm.
    if (!isSystemError(error)) throw error;
  }
}

/** Whether a database contains every change that its kept file has. False if there is no such file, or if it proves nothing. */
export function containsKeptChanges(path: string): boolean {
  let kept: number;
  try {
    kept = openSync(keptPath(path), 'r');
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
  try {
    return containsPagesOf(kept, openForGood(path));
  } finally {
    closeSync(kept);
  }
}

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** Offset and length of the two numbers that the header shares with every frame since the file was last begun anew. */
const [HEADER_SALT, FRAME_SALT, SALT_BYTES] = [16, 8, 8];

/** https://www.sqlite.org/fileformat2.html#the_write_ahead_log */
function containsPagesOf(changes: number, database: number): boolean {
  const { size } = fstatSync(changes);
  if (size < HEADER_BYTES) return false;
  const header = bytesAt(changes, 0, HEADER_BYTES);
  const pageBytes = header.readUInt32BE(8);
  const salt = header.subarray(HEADER_SALT, HEADER_SALT + SALT_BYTES);
  /** Where the last committed version of each page is. */
  const committed = new Map<number, number>();
  const open = new Map<number, number>();
  let pages = 0;
  for (let at = HEADER_BYTES; at + FRAME_HEADER_BYTES + pageBytes <= size; at += FRAME_HEADER_BYTES + pageBytes) {
    const frame = bytesAt(changes, at, FRAME_HEADER_BYTES);
    if (!frame.subarray(FRAME_SALT, FRAME_SALT + SALT_BYTES).equals(salt)) break;
    open.set(frame.readUInt32BE(0), at + FRAME_HEADER_BYTES);
    // Only the last frame of a transaction says how many pages the database has then.
    const pagesAfter = frame.readUInt32BE(4);
    if (pagesAfter === 0) continue;
    for (const [page, where] of open) committed.set(page, where);
    open.clear();
    pages = pagesAfter;
  }
  for (const [page, where] of committed) {
    if (page > pages) continue;
    const inDatabase = bytesAt(database, (page - 1) * pageBytes, pageBytes);
    if (!bytesAt(changes, where, pageBytes).equals(inDatabase)) return false;
  }
  return committed.size > 0;
}

function bytesAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, position);
  return bytes;
}
