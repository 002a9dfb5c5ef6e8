import { join } from 'node:path';
import { GrowingFile } from '../../files/durable-file.js';
import { toLine } from '../format/dialect.js';
import { importFileName, LINES_FILE, NOT_IMPORTED_FILE } from '../format/file-names.js';
import { LINES_HEADER, lineOfRefusal, lineOfUser, NOT_IMPORTED_HEADER } from '../format/lists.js';
import type { ManifestFile, WrittenFile } from '../format/manifest.js';
import type { Refusal } from '../format/reasons.js';

export interface FileLimits {
  readonly users: number;
  readonly bytes: number;
}

/** What Cognito accepts: 500 000 users and 100 MB per file. */
export const COGNITO_LIMITS: FileLimits = { users: 500_000, bytes: 100_000_000 };

/** The files of an export, written while the users are listed. */
export class ExportFiles {
  readonly #folder: string;
  readonly #header: string;
  readonly #limits: FileLimits;
  readonly #lines: GrowingFile;
  readonly #notImported: GrowingFile;
  readonly #files: ManifestFile[] = [];
  #current: { readonly name: string; readonly file: GrowingFile; users: number; bytes: number } | undefined;

  constructor(folder: string, columns: readonly string[], limits: FileLimits) {
    this.#folder = folder;
    this.#header = `${toLine(columns)}\n`;
    this.#limits = limits;
    this.#lines = new GrowingFile(join(folder, LINES_FILE));
    this.#lines.add(LINES_HEADER);
    this.#notImported = new GrowingFile(join(folder, NOT_IMPORTED_FILE));
    this.#notImported.add(NOT_IMPORTED_HEADER);
  }

  add(line: string, legacySub: string): void {
    const bytes = Buffer.byteLength(line) + 1;
    let current = this.#current;
    if (current !== undefined && (current.users >= this.#limits.users || current.bytes + bytes > this.#limits.bytes)) {
      this.#finishCurrent();
      current = undefined;
    }
    if (current === undefined) {
      const name = importFileName(this.#files.length + 1);
      const file = new GrowingFile(join(this.#folder, name));
      file.add(this.#header);
      current = { name, file, users: 0, bytes: Buffer.byteLength(this.#header) };
      this.#current = current;
    }
    current.file.add(`${line}\n`);
    current.users += 1;
    current.bytes += bytes;
    this.#lines.add(lineOfUser(current.name, current.users, legacySub));
  }

  refuse(legacySub: string, why: Refusal): void {
    this.#notImported.add(lineOfRefusal(legacySub, why));
  }

  /** Gives every file its final name. */
  finish(): { readonly files: readonly ManifestFile[]; readonly lists: readonly WrittenFile[] } {
    this.#finishCurrent();
    const lists = [
      { name: LINES_FILE, ...this.#lines.finish() },
      { name: NOT_IMPORTED_FILE, ...this.#notImported.finish() },
    ];
    return { files: this.#files, lists };
  }

  abandon(): void {
    for (const file of [this.#current?.file, this.#lines, this.#notImported]) file?.abandon();
  }

  #finishCurrent(): void {
    if (this.#current === undefined) return;
    const { name, file, users } = this.#current;
    this.#current = undefined;
    this.#files.push({ name, users, ...file.finish() });
  }
}
