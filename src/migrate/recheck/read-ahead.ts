import type { Found, Subject, UserLookup } from './lookup.js';
import { MOST_AGE_MS } from './lookup.js';
import type { PlannedUser } from './still-planned.js';

/** How many seconds of writing one read covers, and from how many seconds left more is read. */
const SECONDS_PER_READ = 4;
const SECONDS_LEFT = 2;
const MOST_PER_READ = 60;
const MOST_LEFT = 100;

/** Older results are read again before they are returned, because they must not exceed {@link MOST_AGE_MS} at the write. */
const FRESH_MS = 6000;

/** If few of many users are written, each needs its own read. This many reads at a time keep up with the writes. */
const MOST_READS = 8;

export interface ReadAheadOptions {
  readonly lookup: UserLookup;
  /** The beginning of this `sub` that about one page of users share. */
  readonly prefixOf: (sub: string) => string;
  /** The current rate, in writes per second. */
  readonly rps: () => number;
  readonly withHolders?: boolean;
}

export interface Reading<T> {
  readonly subject: T;
  readonly found: Found;
}

/**
 * Reads users shortly before they are written, while others are being written. If the subjects are sorted by sub, one read serves many
 * of them.
 */
export class ReadAhead<T extends Subject> {
  readonly #subjects: Iterator<T>;
  readonly #options: ReadAheadOptions;
  /** Taken from the subjects and not read yet. */
  #waiting: T[] = [];
  #ready: Reading<T>[] = [];
  readonly #reads = new Set<Promise<void>>();
  #beingRead = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(subjects: Iterator<T>, options: ReadAheadOptions) {
    this.#subjects = subjects;
    this.#options = options;
  }

  /** The next subject and its current state; `undefined` when there are no more. Several callers may wait at a time. */
  async next(): Promise<Reading<T> | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      this.#dropStale();
      this.#readMore();
      const reading = this.#ready.shift();
      if (reading !== undefined) return reading;
      if (this.#reads.size === 0) return undefined;
      await Promise.race(this.#reads);
    }
  }

  /** Waits for reads in flight. */
  async end(): Promise<void> {
    await Promise.all(this.#reads);
  }

  #dropStale(): void {
    const { lookup } = this.#options;
    const isStale = ({ found }: Reading<T>) => lookup.ageOf(found) > FRESH_MS;
    if (!this.#ready.some(isStale)) return;
    this.#waiting = [...this.#ready.filter(isStale).map(({ subject }) => subject), ...this.#waiting];
    this.#ready = this.#ready.filter((reading) => !isStale(reading));
  }

  #readMore(): void {
    const rps = this.#options.rps();
    const least = Math.min(MOST_LEFT, Math.max(1, Math.ceil(rps * SECONDS_LEFT)));
    const most = Math.min(MOST_PER_READ, Math.max(1, Math.ceil(rps * SECONDS_PER_READ)));
    // In a pool that does not filter, each read returns all users.
    const reads = this.#options.lookup.filters ? MOST_READS : 1;
    while (this.#reads.size < reads && this.#ready.length + this.#beingRead < least) {
      while (this.#waiting.length < most) {
        const next = this.#subjects.next();
        if (next.done === true) break;
        this.#waiting.push(next.value);
      }
      const [first] = this.#waiting;
      if (first === undefined) return;
      this.#read(first, most);
    }
  }

  /** Reads the first waiting subject, and with it those whom the same read returns. */
  #read(first: T, most: number): void {
    const { lookup, prefixOf, withHolders = true } = this.#options;
    const prefix = first.sub === '' ? '' : prefixOf(first.sub);
    const shares = ({ sub }: T) => !lookup.filters || (sub !== '' && sub.startsWith(prefix));
    const batch: T[] = [];
    const rest: T[] = [];
    for (const one of this.#waiting) {
      (one === first || (first.sub !== '' && batch.length < most && shares(one)) ? batch : rest).push(one);
    }
    this.#waiting = rest;
    this.#beingRead += batch.length;
    const read = lookup
      .find(batch, prefix, { withHolders })
      .then(
        (all) => {
          for (const [at, found] of all.entries()) {
            const subject = batch[at];
            if (subject !== undefined) this.#ready.push({ subject, found });
          }
        },
        (error: unknown) => {
          this.#failure ??= { error };
        },
      )
      .finally(() => {
        this.#beingRead -= batch.length;
        this.#reads.delete(read);
      });
    this.#reads.add(read);
  }
}

/** Judges what was read, after reading it again if it has become too old. */
export function freshly(subject: PlannedUser, first: Found, lookup: UserLookup) {
  let found = first;
  return async <T>(judge: (found: Found) => T): Promise<T> => {
    if (lookup.ageOf(found) > MOST_AGE_MS) found = await lookup.one(subject);
    return judge(found);
  };
}
