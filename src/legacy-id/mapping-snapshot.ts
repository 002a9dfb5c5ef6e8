import type { FileHandle } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { isPlainObject, parseJson } from '../options.js';
import { UuidMap } from './uuid-map.js';

const CHUNK_BYTES = 262_144;
const MAX_LINE_CHARACTERS = 16_384;
/** No line that {@link UuidMap} can hold is shorter: two UUIDs and the names around them. */
const SHORTEST_UUID_LINE = '{"newSub":"","legacyId":""}'.length + 72;

/** A whole mapping in memory. */
export interface Snapshot {
  readonly users: number;
  get(newSub: string): string | undefined;
}

/** One user of a snapshot file. */
export function snapshotLine(newSub: string, legacyId: string): string {
  return `${JSON.stringify({ newSub, legacyId })}\n`;
}

/** The last line of a snapshot file. A file without it was cut short. */
export function snapshotEnd(users: number): string {
  return `${JSON.stringify({ users })}\n`;
}

/** Why a snapshot file cannot be used. Names the line, never its content. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';
}

/**
 * Reads a snapshot file: one line per user, then one with their number.
 * @throws {@link SnapshotError} for a file that is cut short, or not of that form, or names a user twice
 */
export async function readSnapshot(file: FileHandle): Promise<Snapshot> {
  const { size } = await file.stat();
  const builder = new SnapshotBuilder(Math.ceil(size / SHORTEST_UUID_LINE));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0, highWaterMark: CHUNK_BYTES })) {
    const lines = (rest + decode(decoder, chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) builder.add(line);
    if (rest.length > MAX_LINE_CHARACTERS) throw new SnapshotError(`line ${builder.line + 1} is too long`);
  }
  // With what the decoder still holds: the beginning of a character.
  if (rest + decode(decoder) !== '') throw new SnapshotError('the last line is cut short');
  return builder.finish();
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (error) {
    throw new SnapshotError('the file is not UTF-8', { cause: error });
  }
}

class SnapshotBuilder {
  readonly #uuids: UuidMap;
  /** Users whose `sub` or legacy id is not a UUID. */
  readonly #others = new Map<string, string>();
  #users: number | undefined;
  line = 0;

  constructor(capacity: number) {
    this.#uuids = new UuidMap(capacity);
  }

  add(text: string): void {
    this.line += 1;
    if (this.#users !== undefined) throw new SnapshotError(`line ${this.line} comes after the last line`);
    const value = parseJson(text);
    const entry = isPlainObject(value) ? value : {};
    if (typeof entry['newSub'] === 'string' && typeof entry['legacyId'] === 'string') {
      this.#addUser(entry['newSub'], entry['legacyId']);
    } else if (typeof entry['users'] === 'number') {
      this.#users = entry['users'];
    } else {
      throw new SnapshotError(`line ${this.line} is neither a user nor the last line`);
    }
  }

  #addUser(newSub: string, legacyId: string): void {
    if (newSub === '' || legacyId === '') throw new SnapshotError(`line ${this.line} has an empty value`);
    if (!this.#hold(newSub, legacyId)) throw new SnapshotError(`line ${this.line} repeats a user`);
  }

  /** False when the user is there already. */
  #hold(newSub: string, legacyId: string): boolean {
    if (this.#others.has(newSub)) return false;
    const outcome = this.#uuids.add(newSub, legacyId);
    if (outcome !== 'no-uuid') return outcome === 'added';
    if (this.#uuids.get(newSub) !== undefined) return false;
    this.#others.set(newSub, legacyId);
    return true;
  }

  finish(): Snapshot {
    const users = this.#uuids.size + this.#others.size;
    if (this.#users === undefined) throw new SnapshotError('the line with the number of users is missing');
    if (this.#users !== users) throw new SnapshotError(`the last line says ${this.#users} users, there are ${users}`);
    return { users, get: (newSub) => this.#get(newSub) };
  }

  #get(newSub: string): string | undefined {
    return this.#uuids.get(newSub) ?? this.#others.get(newSub);
  }
}
