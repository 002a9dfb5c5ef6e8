import type { FileHandle } from 'node:fs/promises';
import { isPlainObject, parseJson } from '../../../options.js';
import { dayName } from '../count/drain-counter.js';
import type { DrainContent, DrainInstance, DrainRecord } from '../drain-types.js';
import { daysOfRuns, isOver } from './retained.js';

/** A line of an instance with many users is about as long. */
const CHUNK_BYTES = 1_048_576;

/** One line of the file. */
export type DrainLine =
  /** When the file was begun. */
  { readonly since: number } | { readonly record: DrainRecord } | { readonly instance: DrainInstance };

/** The lines of a file of which none is replaced by a later one. */
export class DrainLines {
  /** Those that cannot be parsed as they are: they are not left out, and the reader says so. */
  readonly #lines = new Map<string, DrainLine | string>();
  /** Where the last line that was read ended. */
  bytesRead = 0;

  static async of(file: FileHandle): Promise<DrainLines> {
    const lines = new DrainLines();
    await lines.read(file, 0);
    return lines;
  }

  async read(file: FileHandle, from: number): Promise<void> {
    this.bytesRead = from;
    let rest = Buffer.alloc(0);
    for await (const chunk of file.createReadStream({ start: from, autoClose: false, highWaterMark: CHUNK_BYTES })) {
      rest = Buffer.concat([rest, chunk]);
      const end = rest.lastIndexOf(0x0a) + 1;
      for (const line of rest.toString('utf8', 0, end).split('\n')) this.#parse(line);
      this.bytesRead += end;
      rest = rest.subarray(end);
    }
    // The last line, if a crash did not tear it.
    this.#parse(rest.toString());
  }

  add(line: DrainLine): void {
    const key = keyOf(line);
    const held = this.#lines.get(key);
    // One that is copied from a file that was replaced meanwhile may stand behind a later one.
    if (typeof held === 'object' && ageOf(held) > ageOf(line)) return;
    this.#lines.set(key, line);
  }

  merge(other: DrainLines): void {
    for (const line of other.#parsed()) this.add(line);
  }

  /** Those on which something was counted or an instance reported. */
  days(): readonly string[] {
    const lines = this.#parsed();
    const runs = lines.flatMap((line) => ('instance' in line ? [line.instance] : []));
    return [...daysOfRuns(runs), ...lines.flatMap((line) => ('record' in line ? [line.record.day] : []))];
  }

  /** Leaves out days that were over by then, and runs that had ended. */
  giveUp(before: number): void {
    for (const [key, line] of this.#lines) {
      if (typeof line === 'string' || 'since' in line) continue;
      const isPast = 'record' in line ? line.record.day < dayName(Math.max(0, before)) : isOver(line.instance, before);
      if (isPast) this.#lines.delete(key);
    }
  }

  content(sinceDay: string): DrainContent {
    const lines = this.#parsed();
    const damaged = [...this.#lines.values()].filter((line) => typeof line === 'string');
    const since = lines.flatMap((line) => ('since' in line ? [line.since] : []))[0];
    return {
      instances: lines.flatMap((line) => ('instance' in line ? [line.instance] : [])),
      records: [
        // One whose day cannot be read is not left out either.
        ...lines.flatMap((line) => ('record' in line && !(line.record.day < sinceDay) ? [line.record] : [])),
        ...(damaged as never[]),
      ],
      ...(since === undefined ? {} : { since }),
    };
  }

  toString(): string {
    return [...this.#lines.values()]
      .map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
      .join('');
  }

  #parsed(): DrainLine[] {
    return [...this.#lines.values()].filter((line) => typeof line !== 'string');
  }

  #parse(text: string): void {
    // A torn line is no loss: its run has either written another one since, or has ended without a goodbye, which is noticed.
    if (!text.endsWith('}')) return;
    const value = parseJson(text);
    if (isLine(value)) this.add(value);
    else this.#lines.set(text, text);
  }
}

const isLine = (value: unknown): value is DrainLine =>
  isPlainObject(value) &&
  (typeof value['since'] === 'number' || isPlainObject(value['record']) || isPlainObject(value['instance']));

/**
 * Only grows. What an instance says of the time does not, as its clock may be set back: there the last line counts, which its next report
 * corrects, and a goodbye is final.
 */
function ageOf(line: DrainLine): number {
  if ('since' in line) return line.since;
  return 'record' in line ? line.record.tokens : Number(line.instance.endedAt !== undefined);
}

function keyOf(line: DrainLine): string {
  if ('since' in line) return 'since';
  if ('instance' in line) return JSON.stringify([line.instance.instance, line.instance.run]);
  const { instance, run, userPoolId, day } = line.record;
  return JSON.stringify([instance, run, userPoolId, day]);
}
