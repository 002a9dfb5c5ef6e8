import { type Clock, stopwatch } from '../../clock.js';
import type { ListUsersRequest, UserDirectory, UserPage } from '../../directory/user-types.js';
import { Crew } from '../calls/crew.js';
import type { Pace } from '../calls/pace.js';
import { restartedPages, userPages } from '../calls/paging.js';
import type { Patience } from '../calls/patience.js';
import { type CallCounts, type CallOptions, repeated } from '../calls/repeated.js';
import type { ListingRecord } from './listing-record.js';

/** Pages are committed together after this many pages or this much time. */
const PAGES_PER_COMMIT = 20;
const COMMIT_MS = 1000;

/** Pools of at least this many users are split into 256 shards instead of 16, so that an expired token loses little work. */
const LARGE_POOL = 20_000;

/** Estimates and shards may differ by this share, and by this many users, without a warning. */
const TOLERATED_SHARE = 0.02;
const TOLERATED_USERS = 50;

const HEX = [...'0123456789abcdef'];

export interface ListingOptions {
  readonly directory: UserDirectory;
  readonly record: ListingRecord;
  readonly estimatedUsers: number | undefined;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Shared by all calls of the run. */
  readonly patience?: Patience | undefined;
  /** Shards listed at a time. */
  readonly workers: number;
  readonly counts: CallCounts;
  /** Called at the start and after each page. */
  readonly onProgress: (progress: ListingProgress) => void;
  readonly warn: (message: string) => void;
}

export interface ListingProgress {
  /** Users listed, including repetitions. */
  users: number;
  shardsDone: number;
  shards: number;
}

/**
 * Lists all users of a pool, or continues from the record.
 *
 * The first page is requested without a filter. If it is the only page, the listing is complete. Otherwise the pool is listed in
 * shards, `sub ^= "0"` to `"f"`, several at once, and then checked: the shards must contain the users of the first page, and the
 * number of users must match the pool's estimate. If either check fails, or the pool does not filter at all, the pool is listed
 * again without a filter. A user may be recorded more than once; the record's reader keeps the last.
 */
export class PoolListing {
  readonly #options: ListingOptions;
  readonly #passed: () => number;
  #uncommittedPages = 0;
  #committedAt: number;
  #progress: ListingProgress;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#passed = stopwatch(options.clock);
    this.#committedAt = this.#passed();
    this.#progress = options.record.progress();
  }

  async run(): Promise<void> {
    const { record, directory, onProgress } = this.#options;
    onProgress(this.#progress);
    if (record.mode === 'probe') await this.#probe();
    if (record.mode === 'shards') {
      if (!(await this.#listShards())) {
        this.#options.warn(`Pool ${directory.userPoolId} does not filter by sub, so it is listed as a whole.`);
        record.begin('whole', ['']);
      } else {
        const doubt = await this.#doubt();
        if (doubt !== undefined) this.#options.warn(doubt);
        record.begin(doubt === undefined ? 'done' : 'complement', doubt === undefined ? [] : ['']);
      }
    }
    if (record.mode !== 'done') {
      await this.#listShards();
      record.begin('done', []);
    }
  }

  /** The first page without a filter: all users of a small pool, a sample of a large one. */
  async #probe(): Promise<void> {
    const { record, estimatedUsers } = this.#options;
    const { users, nextToken } = await this.#firstPage('');
    if (nextToken === undefined) {
      record.finishWithOnePage(users);
    } else if (users.some(({ sub }) => sub === undefined || !HEX.includes(sub.charAt(0)))) {
      record.begin('whole', ['']);
    } else {
      const large = estimatedUsers !== undefined && estimatedUsers >= LARGE_POOL;
      const prefixes = large ? HEX.flatMap((first) => HEX.map((second) => first + second)) : HEX;
      record.begin('shards', prefixes, { probe: users.flatMap(({ sub }) => sub ?? []), estimatedUsers });
    }
    this.#progress = record.progress();
    this.#options.onProgress(this.#progress);
  }

  /** Lists the open shards. Returns false as soon as a page contains users outside its shard: the pool then does not filter. */
  async #listShards(): Promise<boolean> {
    const { record, workers, signal } = this.#options;
    const open = record.openShards();
    this.#progress = record.progress();
    const crew = new Crew(signal);
    let filtered = true;
    try {
      await crew.each(workers, open, async ({ prefix, token }) => {
        if (await this.#listShard(prefix, token, crew.signal)) return;
        filtered = false;
        throw new Error('the pool does not filter');
      });
    } catch (error) {
      if (filtered) throw error;
    } finally {
      this.#commit();
    }
    return filtered;
  }

  async #listShard(prefix: string, from: string | undefined, signal: AbortSignal): Promise<boolean> {
    const { directory, record } = this.#options;
    const open = (token: string | undefined) => userPages(directory, requestOf(prefix), this.#calls(signal), token);
    // The shard begins again and lists the same users again.
    const restart = () => {
      this.#commit();
      record.restart(prefix);
    };
    for await (const page of restartedPages(open, from, restart)) {
      if (page.users.some(({ sub }) => prefix !== '' && sub?.startsWith(prefix) !== true)) return false;
      this.#keep(prefix, page);
    }
    return true;
  }

  #keep(prefix: string, page: UserPage): void {
    this.#options.record.addPage({ prefix, ...page });
    this.#commitSometimes();
    this.#progress.users += page.users.length;
    if (page.nextToken === undefined) this.#progress.shardsDone += 1;
    this.#options.onProgress(this.#progress);
  }

  #firstPage(prefix: string): Promise<UserPage> {
    const { directory, signal } = this.#options;
    return repeated(() => directory.listUsers(requestOf(prefix)), this.#calls(signal));
  }

  /** The signal ends pauses, but not a call in flight: it is answered soon, and its page is not lost. */
  #calls(signal: AbortSignal | undefined): CallOptions {
    const { clock, pace, patience, counts } = this.#options;
    return { clock, pace, signal, patience, counts };
  }

  #commitSometimes(): void {
    this.#uncommittedPages += 1;
    const late = this.#passed() - this.#committedAt >= COMMIT_MS;
    if (late || this.#uncommittedPages >= PAGES_PER_COMMIT) this.#commit();
  }

  #commit(): void {
    this.#uncommittedPages = 0;
    this.#committedAt = this.#passed();
    this.#options.record.commit();
  }

  /** Why the shards may be incomplete; `undefined` if nothing suggests it. */
  async #doubt(): Promise<string | undefined> {
    const { record, directory } = this.#options;
    for (const sub of record.missingOfProbe()) {
      const { users } = await this.#firstPage(sub);
      if (users.length > 0) {
        return `The listing of pool ${directory.userPoolId} by parts lacks a user that is listed without a filter. The pool is listed once more as a whole.`;
      }
    }
    const { listed, estimated } = record.numbers();
    if (estimated === undefined) return undefined;
    const difference = Math.abs(estimated - listed);
    if (difference <= Math.max(TOLERATED_USERS, estimated * TOLERATED_SHARE)) return undefined;
    const numbers = `Pool ${directory.userPoolId} estimates ${estimated} users, and ${listed} were listed.`;
    if (listed < estimated) return `${numbers} It is listed once more as a whole.`;
    this.#options.warn(`${numbers} Estimates can lag behind.`);
    return undefined;
  }
}

const requestOf = (prefix: string): ListUsersRequest => (prefix === '' ? {} : { subPrefix: prefix });
