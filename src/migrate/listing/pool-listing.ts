import { hash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type Clock, stopwatch } from '../../clock.js';
import { DirectoryError, type UserDirectory, type UserPage } from '../../directory/user-types.js';
import type { Pace } from '../calls/pace.js';
import type { Patience } from '../calls/patience.js';
import { type CallCounts, repeated } from '../calls/repeated.js';
import { MigrationError } from '../migration-error.js';
import type { ListingRecord } from './record.js';

/** Pages are committed together when there are so many of them, or after so long. */
const PAGES_PER_COMMIT = 20;
const COMMIT_MS = 1000;

/** From how many users on the pool is split into 256 shards and not 16: what is lost with an expired token stays small. */
const LARGE_POOL = 20_000;

const MOST_RESTARTS = 5;

/** So many page tokens given before are no longer an odd answer, but a circle. */
const MOST_REPEATS = 50;

/** Estimates and shards may differ by this share, and by this many users, before it is worth a word. */
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
  /** The run's. */
  readonly patience?: Patience | undefined;
  /** Shards listed at a time. */
  readonly workers: number;
  readonly counts: CallCounts;
  /** Told after each page, and at the start. */
  readonly onProgress: (progress: ListingProgress) => void;
  readonly warn: (message: string) => void;
}

export interface ListingProgress {
  /** Users listed, those that came twice counted twice. */
  users: number;
  shardsDone: number;
  shards: number;
}

/**
 * Lists all users of a pool, or goes on where the record says.
 *
 * The first page is asked for without a filter. If it is the last one, that was all. Otherwise the pool is listed in shards,
 * `sub ^= "0"` to `"f"`, several at once; and then checked: the users of the first page must have come again, and the number
 * must fit what the pool estimates. Where either is off, or the pool does not filter at all, it is listed once more without
 * a filter. A user may be recorded more than once; the record's reader keeps the last.
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
        this.#options.warn(`Pool ${directory.userPoolId} does not filter by sub: it is listed as a whole.`);
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

  /** The first page without a filter: all there is of a small pool, a sample of a large one. */
  async #probe(): Promise<void> {
    const { record, estimatedUsers } = this.#options;
    const { users, nextToken } = await this.#page('', undefined);
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

  /** Lists what is open. Answers false as soon as a page holds users outside its shard: then the pool does not filter. */
  async #listShards(): Promise<boolean> {
    const { record, workers, signal } = this.#options;
    const open = record.openShards();
    this.#progress = record.progress();
    const stop = new AbortController();
    const signals = AbortSignal.any([stop.signal, ...(signal === undefined ? [] : [signal])]);
    // One listener per call in flight.
    setMaxListeners(0, signals);
    let filtered = true;
    const work = async () => {
      for (let shard = open.shift(); shard !== undefined && filtered; shard = open.shift()) {
        if (!(await this.#listShard(shard.prefix, shard.token, signals))) filtered = false;
      }
    };
    const guarded = async () => {
      try {
        await work();
      } catch (error) {
        stop.abort(error);
        throw error;
      }
      if (!filtered) stop.abort(new Error('the pool does not filter'));
    };
    const results = await Promise.allSettled(Array.from({ length: Math.min(workers, open.length) }, guarded));
    this.#commit();
    if (!filtered) return false;
    signal?.throwIfAborted();
    const failed = results.find((result) => result.status === 'rejected');
    // The others were stopped because of the first: its error is the reason of their signal.
    if (failed !== undefined) throw stop.signal.aborted ? stop.signal.reason : failed.reason;
    return true;
  }

  async #listShard(prefix: string, from: string | undefined, signal: AbortSignal): Promise<boolean> {
    const { directory, record } = this.#options;
    let token = from;
    let restarts = 0;
    let repeats = 0;
    const seen = new Set<string>();
    for (;;) {
      let page: UserPage;
      try {
        page = await this.#page(prefix, token, signal);
      } catch (error) {
        if (!(error instanceof DirectoryError) || error.kind !== 'token' || restarts === MOST_RESTARTS) throw error;
        // Expired, or not this pool's any more: the shard begins again, and brings what it brought before once more.
        restarts += 1;
        this.#commit();
        record.restart(prefix);
        token = undefined;
        seen.clear();
        continue;
      }
      if (page.users.some(({ sub }) => prefix !== '' && sub?.startsWith(prefix) !== true)) return false;
      record.addPage({ prefix, ...page });
      this.#commitSometimes();
      this.#progress.users += page.users.length;
      if (page.nextToken === undefined) this.#progress.shardsDone += 1;
      this.#options.onProgress(this.#progress);
      if (page.nextToken === undefined) return true;
      const fingerprint = hash('sha256', page.nextToken, 'base64url');
      if (seen.has(fingerprint)) repeats += 1;
      if (repeats > MOST_REPEATS) {
        throw new MigrationError(
          'ERR_POOL',
          `pool ${directory.userPoolId} gives the same page of users again and again`,
        );
      }
      seen.add(fingerprint);
      token = page.nextToken;
    }
  }

  /** The signal ends waiting, not a call that is under way: it is answered soon, and its page is not lost. */
  #page(prefix: string, token: string | undefined, signal = this.#options.signal): Promise<UserPage> {
    const { directory, clock, pace, patience, counts } = this.#options;
    const request = { ...(prefix === '' ? {} : { subPrefix: prefix }), ...(token === undefined ? {} : { token }) };
    return repeated(() => directory.listUsers(request), { clock, pace, signal, patience, counts });
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

  /** Why the shards may not be all there is; `undefined` where nothing speaks for it. */
  async #doubt(): Promise<string | undefined> {
    const { record, directory } = this.#options;
    for (const sub of record.missingOfProbe()) {
      const { users } = await this.#page(sub, undefined);
      if (users.length > 0) {
        return `Pool ${directory.userPoolId}: its shards lack a user whom it lists without a filter. It is listed once more as a whole.`;
      }
    }
    const { listed, estimated } = record.numbers();
    if (estimated === undefined) return undefined;
    const difference = Math.abs(estimated - listed);
    if (difference <= Math.max(TOLERATED_USERS, estimated * TOLERATED_SHARE)) return undefined;
    const numbers = `Pool ${directory.userPoolId} estimates ${estimated} users, and its shards gave ${listed}.`;
    if (listed < estimated) return `${numbers} It is listed once more as a whole.`;
    this.#options.warn(`${numbers} Estimates lag behind.`);
    return undefined;
  }
}
