import { closeSync, constants, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { isMissing } from './system-error.js';

export interface FileStart {
  /** The first bytes; zeros where the file is shorter. */
  readonly bytes: Buffer;
  /** Of the whole file, in bytes. */
  readonly size: number;
}

/**
 * Files that were read. They stay open, because closing a file ends every lock that this process has on it, whoever took them:
 * https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_. A connection to a database
 * may still be open after `close()`, until its last statement is garbage-collected.
 */
const opened: { readonly dev: number; readonly ino: number; readonly file: number }[] = [];

/** Reads the first bytes of a file that SQLite may have open. Returns `undefined` if there is no such file. */
export function readStart(path: string, length: number): FileStart | undefined {
  try {
    const file = openForGood(path);
    const bytes = Buffer.alloc(length);
    readSync(file, bytes, 0, length, 0);
    return { bytes, size: fstatSync(file).size };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** Copies a file that SQLite may have open into a new one, readable by its owner only. */
export function copyOpened(path: string, to: string): void {
  const file = openForGood(path);
  const copy = openSync(to, 'wx', 0o600);
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    for (let at = 0, read = 0; ; at += read) {
      read = readSync(file, chunk, 0, CHUNK_BYTES, at);
      if (read === 0) return;
      for (let from = 0; from < read; ) from += writeSync(copy, chunk, from, read - from);
    }
  } finally {
    closeSync(copy);
  }
}

/** A descriptor for reading a file that SQLite may have open. It must not be closed. */
export function openForGood(path: string): number {
  const { dev, ino } = statSync(path);
  const known = opened.find((one) => one.dev === dev && one.ino === ino);
  if (known !== undefined) return known.file;
  closeDeleted();
  // Opening a named pipe would otherwise wait for its other end.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const got = fstatSync(file);
  opened.push({ dev: got.dev, ino: got.ino, file });
  return file;
}

/** Nobody else can open a file without a name, so its locks do not matter. */
function closeDeleted(): void {
  for (const [index, { file }] of [...opened.entries()].reverse()) {
    if (fstatSync(file).nlink > 0) continue;
    opened.splice(index, 1);
    closeSync(file);
  }
}
