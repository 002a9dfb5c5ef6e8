import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MigrationError } from '../migration-error.js';
import { isSystemError, type SystemError } from './system-error.js';

const CHUNK_CHARACTERS = 262_144;

/** What a system error means to the person who ran the command. */
type Explain = (error: SystemError, path: string) => Error;

const storageError: Explain = (error, path) =>
  new MigrationError('ERR_STATE_STORAGE', `${path} cannot be read or written (${error.code})`, {
    fix: 'Free disk space or correct the access rights, then run the same command again.',
    cause: error,
  });

/** The same where a file of the state is made. */
export const cannotCreate: Explain = (error, path) =>
  new MigrationError('ERR_STATE_STORAGE', `${path} cannot be created (${error.code})`, {
    fix: 'Free disk space, correct the access rights, or choose another place with --state. Then run the same command again.',
    cause: error,
  });

/** Runs work that touches the disk. Explains system errors, and rethrows others. */
export function onDisk<T>(path: string, work: () => T, explain = storageError): T {
  try {
    return work();
  } catch (error) {
    throw isSystemError(error) ? explain(error, path) : error;
  }
}

export interface DraftOptions {
  /** Name until the file is complete. Default: one name per path, for files that only one process at a time writes. */
  readonly draft?: string;
  /** Default: `ERR_STATE_STORAGE`. */
  readonly explain?: Explain;
}

/**
 * A file that is written line by line under another name, readable by its owner only. It gets its name when it is complete and on the
 * disk.
 */
export class GrowingFile {
  readonly path: string;
  readonly #draft: string;
  readonly #explain: Explain;
  readonly #file: number;
  readonly #hash = createHash('sha256');
  #buffered = '';
  #written = 0;
  #isOpen = true;

  constructor(path: string, { draft = draftOf(path), explain = storageError }: DraftOptions = {}) {
    this.path = path;
    this.#draft = draft;
    this.#explain = explain;
    this.#file = this.#onDisk(() => {
      // A killed process may have left a draft.
      rmSync(draft, { force: true });
      return openSync(draft, 'wx', 0o600);
    });
  }

  /** Returns whether something was written to the disk. */
  add(text: string): boolean {
    this.#buffered += text;
    if (this.#buffered.length < CHUNK_CHARACTERS) return false;
    this.#flush();
    return true;
  }

  /** Gives the file its name, and returns its size and hash. The new name survives a power cut once the folder is synced. */
  finish(): { readonly bytes: number; readonly sha256: string } {
    this.#flush();
    this.#isOpen = false;
    this.#onDisk(() => finishDraft(this.#file, this.#draft, this.path));
    return { bytes: this.#written, sha256: this.#hash.digest('hex') };
  }

  /** Closes the file before it is complete. The draft stays. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }

  /** Closes the file before it is complete, and removes the draft. */
  discard(): void {
    this.abandon();
    this.#onDisk(() => rmSync(this.#draft, { force: true }));
  }

  #onDisk<T>(work: () => T): T {
    return onDisk(this.path, work, this.#explain);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffered);
    this.#buffered = '';
    this.#hash.update(bytes);
    this.#onDisk(() => {
      for (let from = 0; from < bytes.length; ) from += writeSync(this.#file, bytes, from);
    });
    this.#written += bytes.length;
  }
}

/** Gives a draft its name once it is on the disk, and closes it. */
export function finishDraft(file: number, draft: string, path: string): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
}

/** The path of the next version of a file until it is renamed. */
export const nextOf = (folder: string, name: string): string => join(folder, `.${name}.next`);

const draftOf = (path: string): string => join(dirname(path), `.${basename(path)}.part`);

/** Replaces a file that only one process at a time writes: readers see the old file or the whole new one, even after a power cut. */
export function replaceFileSync(path: string, text: string): void {
  const file = new GrowingFile(path);
  file.add(text);
  file.finish();
  syncFolder(dirname(path));
}

/** Codes for folders that cannot be read and file systems that cannot sync folders, as in PostgreSQL's `fsync_fname`. */
const CANNOT_SYNC: readonly string[] = ['EACCES', 'EISDIR', 'EBADF', 'EINVAL', 'ENOTSUP', 'EPERM'];

/** Makes renames in a folder survive a power cut, if the folder can be synced. */
export function syncFolder(path: string, explain = storageError): void {
  onDisk(
    path,
    () => {
      let folder: number | undefined;
      try {
        folder = openSync(path, 'r');
        fsyncSync(folder);
      } catch (error) {
        if (!isSystemError(error) || !CANNOT_SYNC.includes(error.code)) throw error;
      } finally {
        if (folder !== undefined) closeSync(folder);
      }
    },
    explain,
  );
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw isSystemError(error) ? storageError(error, path) : error;
  }
  return hash.digest('hex');
}
