import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MigrationError } from '../migration-error.js';

const CHUNK_CHARACTERS = 262_144;

/** Runs what touches the disk; a system error becomes one in words. */
export function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw diskError(path, error);
  }
}

function diskError(path: string, error: unknown): unknown {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  return new MigrationError('ERR_STATE_STORAGE', `${path} cannot be read or written (${error.code})`, {
    fix: 'Make room or repair the access, then run the same command again.',
    cause: error,
  });
}

/**
 * A file written line by line under another name, readable by its owner alone, that gets its name when it is complete and on
 * the disk.
 */
export class GrowingFile {
  readonly path: string;
  readonly #draft: string;
  readonly #file: number;
  readonly #hash = createHash('sha256');
  #buffered = '';
  #written = 0;
  #isOpen = true;

  constructor(path: string) {
    this.path = path;
    this.#draft = draftOf(path);
    this.#file = onDisk(path, () => openSync(this.#draft, 'w', 0o600));
  }

  add(text: string): void {
    this.#buffered += text;
    if (this.#buffered.length >= CHUNK_CHARACTERS) this.#flush();
  }

  /** Answers what the file holds. */
  finish(): { readonly bytes: number; readonly sha256: string } {
    this.#flush();
    onDisk(this.path, () => {
      fsyncSync(this.#file);
      this.abandon();
      renameSync(this.#draft, this.path);
    });
    return { bytes: this.#written, sha256: this.#hash.digest('hex') };
  }

  /** Leaves the draft behind, where there still is one. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#buffered);
    this.#buffered = '';
    this.#hash.update(bytes);
    onDisk(this.path, () => {
      for (let from = 0; from < bytes.length; ) from += writeSync(this.#file, bytes, from);
    });
    this.#written += bytes.length;
  }
}

/** Where the next version of a file waits for its name. */
export const nextOf = (folder: string, name: string): string => join(folder, `.${name}.next`);

const draftOf = (path: string): string => join(dirname(path), `.${basename(path)}.part`);

/** Replaces a file: whoever looks sees the old one or the whole new one, after a power cut too. */
export function replaceFileSync(path: string, text: string): void {
  const file = new GrowingFile(path);
  file.add(text);
  file.finish();
  syncFolder(dirname(path));
}

/** Makes renames in a folder survive a power cut. Not every file system lets a folder be synced. */
export function syncFolder(path: string): void {
  const folder = onDisk(path, () => openSync(path, 'r'));
  try {
    fsyncSync(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EINVAL' && code !== 'EPERM') throw diskError(path, error);
  } finally {
    closeSync(folder);
  }
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw diskError(path, error);
  }
  return hash.digest('hex');
}
