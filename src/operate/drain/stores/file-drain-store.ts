import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { DAY_MS } from '../../../clock.js';
import { checkKeys, checkString } from '../../../options.js';
import type { DrainContent, DrainInstance, DrainRecord, DrainStore } from '../drain-types.js';
import { DrainLines } from './drain-lines.js';
import { checkRetentionDays, firstDayKept, gone } from './retained.js';

/** Options of {@link createFileDrainStore}. */
export interface FileDrainStoreOptions {
  /** A file on a local disk. It is created, readable by its owner only. */
  readonly path: string;
  /** How many days with counts are kept, 1 to 3 650. @defaultValue 90 */
  readonly retentionDays?: number;
}

/** Below it, a file is not worth being written again. */
const SMALL_BYTES = 1_048_576;
/** A file is written again when it has grown to so many times what is needed of it. */
const GROWTH = 4;
const MOST_TRIES = 5;

/**
 * Keeps counts in a file of JSON lines, for the processes of one machine: all of them may write to it at the same time. What they write is
 * appended, and later lines replace earlier ones of the same run and day; a line that was torn by a crash is left out.
 *
 * @throws `ConfigurationError`
 */
export function createFileDrainStore(options: FileDrainStoreOptions): DrainStore {
  checkKeys('', options, ['path', 'retentionDays']);
  return new FileDrainStore(checkString('path', options.path), checkRetentionDays(options.retentionDays));
}

class FileDrainStore implements DrainStore {
  readonly name: string;
  readonly retentionDays: number;
  /** What was written here of today and yesterday: it is written again if the file is replaced. */
  readonly #own = new DrainLines();
  /** Which file was written to last. */
  #file: string | undefined;
  #compactAt = SMALL_BYTES;

  constructor(path: string, retentionDays: number) {
    this.name = path;
    this.retentionDays = retentionDays;
  }

  async write(instance: DrainInstance, records: readonly DrainRecord[]): Promise<void> {
    const lines = new DrainLines();
    for (const record of records) lines.add({ record });
    lines.add({ instance });
    this.#own.merge(lines);
    this.#own.giveUp(instance.reportedAt - 2 * DAY_MS);
    const bytes = await this.#append(lines, instance.reportedAt);
    if (bytes < this.#compactAt) return;
    this.#compactAt = Math.max(SMALL_BYTES, GROWTH * (await this.#compact(instance.reportedAt)));
  }

  async read(sinceDay: string): Promise<DrainContent> {
    const file = await open(this.name, 'r');
    try {
      return (await DrainLines.of(file)).content(sinceDay);
    } finally {
      await file.close();
    }
  }

  async forget(name: string, goneAt?: number): Promise<void> {
    const { instances } = await this.read('9999-12-31');
    const lines = new DrainLines();
    for (const run of gone(instances, name, goneAt, Date.now())) lines.add({ instance: run });
    await this.#append(lines, Date.now());
  }

  /**
   * Returns the size of the file. Without a lock: a process that writes the file again copies what was appended before the rename, and one that
   * appended after it notices that the file is another one.
   */
  async #append(lines: DrainLines, now: number): Promise<number> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const file = await open(this.name, 'a', 0o600);
      try {
        const found = await file.stat();
        const { size } = found;
        const isOther = this.#file !== undefined && this.#file !== identityOf(found);
        this.#file = identityOf(found);
        // A line that was torn must not swallow the next one.
        const text = `\n${isOther ? this.#own : ''}${lines}`;
        const bytes = Buffer.from(size === 0 ? `${JSON.stringify({ since: now })}${text}` : text);
        // As one piece: what other processes append at the same time stands before or behind it.
        const { bytesWritten } = await file.write(bytes);
        if (bytesWritten < bytes.length)
          throw new Error(`${this.name} took a part of what was written: is the disk full?`);
        if ((await identityAt(this.name)) === this.#file) return size + bytes.length;
      } finally {
        await file.close();
      }
    }
    throw new Error(`${this.name} was replaced again and again while it was written`);
  }

  /** Writes the file again with what is needed of it, and returns how much that is. */
  async #compact(now: number): Promise<number> {
    const draft = `${this.name}.${randomBytes(6).toString('hex')}.tmp`;
    const old = await open(this.name, 'r');
    try {
      const lines = await DrainLines.of(old);
      const first = firstDayKept(lines.days(), this.retentionDays);
      if (first !== undefined) lines.giveUp(Date.parse(first));
      const text = `${lines}`;
      await writeDraft(draft, text);
      // Another process was faster.
      if ((await identityAt(this.name)) !== identityOf(await old.stat())) return text.length;
      await rename(draft, this.name);
      const { size } = await old.stat();
      if (size > lines.bytesRead) {
        const rest = new DrainLines();
        await rest.read(old, lines.bytesRead);
        await this.#append(rest, now);
      }
      return text.length;
    } finally {
      await old.close();
      await rm(draft, { force: true });
    }
  }
}

/** An inode's number alone may be that of a file that was deleted. */
const identityOf = ({ dev, ino, birthtimeMs }: Stats): string => `${dev}:${ino}:${birthtimeMs}`;

/** `undefined` where there is no file. */
const identityAt = (path: string): Promise<string | undefined> => stat(path).then(identityOf, () => undefined);

async function writeDraft(path: string, text: string): Promise<void> {
  const file: FileHandle = await open(path, 'wx', 0o600);
  try {
    await file.appendFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
