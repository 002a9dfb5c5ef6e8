import { userHash } from '../count/user-hash.js';
import type { DrainRecord } from '../drain-types.js';

/** For what is no sketch: it is passed on as such, and not left out. */
export const NO_SKETCH = '?';

/** Whose users a sketch holds: all of a day, those of an hour (`h13`), those of an app client (`c:` and its id). */
export type PartName = 'all' | `h${number}` | `c:${string}`;
export type Parts = ReadonlyMap<PartName, string>;

/** The sketches of a record. Those of all instances are merged where they are kept, so that their number does not grow with the fleet. */
export function partsOf({ users, hours, clients }: DrainRecord): Parts {
  const parts: [PartName, string][] = [
    ['all', users],
    ...hours.map((one): [PartName, string] => [`h${one.hour}`, one.users]),
    ...clients.map((one): [PartName, string] => [`c:${one.clientId}`, one.users]),
  ];
  return new Map(parts.filter(([, text]) => text !== ''));
}

/** The record without its sketches. */
export const withoutParts = (record: DrainRecord): DrainRecord => ({
  ...record,
  users: '',
  hours: record.hours.map((hour) => ({ ...hour, users: '' })),
  clients: record.clients.map((client) => ({ ...client, users: '' })),
});

/** Merged sketches as a record that counts no tokens: the instances' own records do. */
export function recordOfParts(
  { userPoolId, pool, day }: Pick<DrainRecord, 'userPoolId' | 'pool' | 'day'>,
  parts: Parts,
): DrainRecord {
  const named = (prefix: string) =>
    [...parts].flatMap(([name, users]) =>
      name.startsWith(prefix) && name !== 'all' ? [{ name: name.slice(prefix.length), users }] : [],
    );
  return {
    instance: 'all',
    run: 'all',
    userPoolId,
    pool,
    day,
    tokens: 0,
    users: parts.get('all') ?? '',
    hours: named('h').map(({ name, users }) => ({ hour: Number(name), tokens: 0, users })),
    clients: named('c:').map(({ name, users }) => ({
      clientId: name,
      tokens: 0,
      users,
      hours: [],
      lastToken: 0,
      latestExpiry: 0,
    })),
  };
}

/** More than a process writes in two days. */
const MOST_REMEMBERED = 10_000;

/** What was written last under a key, so that it is not written again. */
export class WrittenTexts {
  readonly #hashes = new Map<string, number>();

  has(key: string, text: string): boolean {
    return this.#hashes.get(key) === userHash(text);
  }

  add(key: string, text: string): void {
    if (this.#hashes.size >= MOST_REMEMBERED) this.#hashes.clear();
    this.#hashes.set(key, userHash(text));
  }

  clear(): void {
    this.#hashes.clear();
  }
}
