import type { KeyObject } from 'node:crypto';
import { CutoverError } from '../errors.js';
import type { KeysEvent } from '../operate/events.js';
import { keysUnavailable, unknownKey } from './explain/key-troubles.js';
import { fetchKeySet } from './jwks-fetch.js';
import { type KeySet, sameKeys } from './key-set.js';
import type { Pool } from './pool-options.js';
import type { JwksFetch, PoolStatus } from './types.js';

/** {@link KeyOptions} with its defaults filled in. */
export interface KeySettings {
  readonly fetch: JwksFetch;
  readonly timeoutMs: number;
  readonly refreshSeconds: number;
  readonly maxStaleSeconds: number;
  readonly cooldownSeconds: number;
  /** Whether a due refresh is awaited: a process that is frozen between calls does nothing in the background. */
  readonly awaitRefresh: boolean;
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

/** `now` is the time of day, for display. `passed` is elapsed time, for every interval. */
export interface KeyClock {
  now(): number;
  passed(): number;
}

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

/** By how much of its interval a refresh may come early: processes that were started together do not ask together for ever. */
const REFRESH_SPREAD = 0.1;

/** How many may wait for one fetch. Each holds a token of up to 16 KiB, and anybody can make up a `kid`. */
const MAX_WAITING = 1_000;

/** Is told every fetch. */
type FetchListener = (fetch: Omit<KeysEvent, 'type'>) => void;

/**
 * The signing keys of one pool: fetched once for all who wait, refreshed in the background, kept through an outage of the
 * pool's endpoint. There is no timer: the age is checked when a token arrives, so an idle process does nothing.
 */
export class PoolKeys {
  readonly pool: Pool;
  readonly #settings: KeySettings;
  readonly #clock: KeyClock;
  readonly #onFetch: FetchListener;
  readonly #closing = new AbortController();
  #keys: KeySet | undefined;
  /** When the keys were fetched, by {@link KeyClock.passed}. */
  #fetchedAt: number;
  /** The same by {@link KeyClock.now}, for display. */
  #fetchedDate: Date;
  /** The age at which the present keys are fetched again. */
  #refreshAfterMs: number;
  #failures = 0;
  #nextTryAt = Number.NEGATIVE_INFINITY;
  #unknownKidFetchAt = Number.NEGATIVE_INFINITY;
  #refresh: Promise<void> | undefined;
  #waiting = 0;
  #lastError: Error | undefined;
  #generation = 0;

  constructor(pool: Pool, settings: KeySettings, clock: KeyClock, onFetch: FetchListener) {
    this.pool = pool;
    this.#settings = settings;
    this.#clock = clock;
    this.#onFetch = onFetch;
    this.#keys = pool.keySet;
    this.#fetchedAt = clock.passed();
    this.#fetchedDate = new Date(clock.now());
    this.#refreshAfterMs = this.#spreadRefresh();
  }

  /** Changes when the key set does: what was verified under another generation has to be verified again. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Whether the keys may be used now. Starts a refresh where one is due; callers that can wait await it where the process
   * may be frozen before it ends.
   */
  usable(passed: number, canWait: boolean): boolean {
    if (this.#keys === undefined) return false;
    if (this.pool.jwksUri === undefined || !this.#isDue(passed)) return true;
    if (this.#mayTry(passed)) this.#refreshOnce().catch(() => {});
    if (canWait && this.#settings.awaitRefresh && this.#refresh !== undefined) return false;
    return this.#isServed(passed);
  }

  /**
   * The key `kid` of this pool: at once where the present keys decide, otherwise after a fetch.
   * @throws {@link CutoverError} `ERR_KEY_NOT_FOUND` or `ERR_KEYS_UNAVAILABLE`
   */
  find(kid: string, passed: number, canWait: boolean): KeyObject | Promise<KeyObject> {
    if (!this.usable(passed, canWait)) {
      if (this.#refresh === undefined && !this.#mayTry(passed)) throw this.#unavailable(passed);
      return this.#findAfterRefresh(kid);
    }
    const key = this.#keys?.get(kid);
    if (key !== undefined) return key;
    if (this.#refresh === undefined) {
      if (this.pool.jwksUri === undefined || !this.#mayFetchForUnknownKid(passed)) throw this.#unknownKid(passed);
      this.#unknownKidFetchAt = passed;
    }
    return this.#findAfterRefresh(kid);
  }

  /**
   * Loads missing keys and starts a due refresh, as often as the backoff allows. Waits only where there are no keys to work
   * with.
   */
  async load(): Promise<void> {
    const passed = this.#clock.passed();
    if (this.usable(passed, true)) return;
    if (this.#refresh === undefined && !this.#mayTry(passed))
      throw this.#lastError ?? new Error('The keys are not loaded.');
    try {
      await this.#refreshOnce();
    } catch (error) {
      if (!this.#isServed(this.#clock.passed())) throw error;
    }
  }

  /** Fetches the keys now, however fresh they are. Does nothing for keys that were given as `jwks` without a `jwksUri`. */
  async refresh(): Promise<void> {
    if (this.pool.jwksUri === undefined) return;
    // A fetch that began earlier may answer with keys that were withdrawn since.
    await this.#refresh?.catch(() => {});
    await this.#refreshOnce();
  }

  status(): Omit<PoolStatus, 'tokens'> {
    const passed = this.#clock.passed();
    const { side: pool, userPoolId, jwksUri } = this.pool;
    const known = this.#keys !== undefined;
    const isFresh = jwksUri === undefined || passed - this.#fetchedAt < this.#settings.refreshSeconds * 1_000;
    return {
      pool,
      userPoolId,
      keys: this.#isServed(passed) ? (isFresh ? 'fresh' : 'stale') : 'missing',
      ...(known && { fetchedAt: this.#fetchedDate }),
      ...(this.#failures > 0 && {
        nextTryAt: new Date(this.#clock.now() + Math.max(0, this.#nextTryAt - passed)),
      }),
    };
  }

  close(): void {
    this.#closing.abort(new Error('The verifier is closed.'));
  }

  async #findAfterRefresh(kid: string): Promise<KeyObject> {
    if (this.#waiting >= MAX_WAITING) throw this.#unavailable(this.#clock.passed());
    this.#waiting += 1;
    const isFetched = await this.#refreshOnce().then(
      () => true,
      () => false,
    );
    this.#waiting -= 1;
    const passed = this.#clock.passed();
    // After a failed fetch the present keys stay in use, but do not tell whether the pool has an unknown kid by now.
    if (!isFetched && !this.#isServed(passed)) throw this.#unavailable(passed);
    const key = this.#keys?.get(kid);
    if (key === undefined) throw this.#unknownKid(passed);
    return key;
  }

  #isDue(passed: number): boolean {
    return passed - this.#fetchedAt >= this.#refreshAfterMs || !this.#isServed(passed);
  }

  #spreadRefresh(): number {
    const { refreshSeconds, random } = this.#settings;
    return refreshSeconds * 1_000 * (1 - REFRESH_SPREAD * random());
  }

  #isServed(passed: number): boolean {
    if (this.#keys === undefined) return false;
    return this.pool.jwksUri === undefined || passed - this.#fetchedAt <= this.#settings.maxStaleSeconds * 1_000;
  }

  #mayTry(passed: number): boolean {
    return passed >= this.#nextTryAt && !this.#closing.signal.aborted;
  }

  #mayFetchForUnknownKid(passed: number): boolean {
    return this.#mayTry(passed) && passed - this.#unknownKidFetchAt >= this.#settings.cooldownSeconds * 1_000;
  }

  /** During an outage it is not known whether the pool has a new key: that is "cannot tell", not "no such key". */
  #unknownKid(passed: number): CutoverError {
    const canTell = this.pool.jwksUri === undefined || (this.#failures === 0 && !this.#closing.signal.aborted);
    if (!canTell) {
      // An unknown kid causes no fetch before the cooldown is over, whatever the backoff allows.
      return this.#unavailable(passed, this.#unknownKidFetchAt + this.#settings.cooldownSeconds * 1_000);
    }
    return new CutoverError('ERR_KEY_NOT_FOUND', unknownKey(this.pool), { pool: this.pool.side });
  }

  #unavailable(passed: number, earliest = this.#nextTryAt): CutoverError {
    const nextTryAt = Math.max(this.#nextTryAt, earliest);
    return new CutoverError('ERR_KEYS_UNAVAILABLE', keysUnavailable(this.pool, this.#lastError), {
      pool: this.pool.side,
      retryAfterSeconds: Math.max(1, Math.ceil((nextTryAt - passed) / 1_000)),
      cause: this.#lastError,
    });
  }

  #refreshOnce(): Promise<void> {
    this.#refresh ??= this.#fetchAndKeep().finally(() => {
      this.#refresh = undefined;
    });
    return this.#refresh;
  }

  async #fetchAndKeep(): Promise<void> {
    const { side, userPoolId } = this.pool;
    const startedAt = this.#clock.passed();
    const fetched = (outcome: KeysEvent['outcome'], error?: Error) => {
      const durationMs = Math.max(0, this.#clock.passed() - startedAt);
      this.#onFetch({ pool: side, userPoolId, outcome, durationMs, ...(error !== undefined && { error }) });
    };
    try {
      const keys = await this.#fetchKeys();
      const isSame = this.#keys !== undefined && sameKeys(this.#keys, keys);
      if (!isSame) {
        this.#keys = keys;
        this.#generation += 1;
      }
      this.#fetchedAt = this.#clock.passed();
      this.#fetchedDate = new Date(this.#clock.now());
      this.#refreshAfterMs = this.#spreadRefresh();
      this.#failures = 0;
      this.#nextTryAt = Number.NEGATIVE_INFINITY;
      this.#lastError = undefined;
      fetched(isSame ? 'unchanged' : 'refreshed');
    } catch (error) {
      const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#nextTryAt = this.#clock.passed() + backoffMs;
      this.#lastError = error instanceof Error ? error : new Error('the fetch failed', { cause: error });
      fetched('failed', this.#lastError);
      throw this.#lastError;
    }
  }

  async #fetchKeys(): Promise<KeySet> {
    const { jwksUri } = this.pool;
    if (jwksUri === undefined) throw new Error('the pool has no address to fetch keys from');
    const { fetch, timeoutMs } = this.#settings;
    return fetchKeySet(jwksUri, { fetch, timeoutMs, ending: this.#closing.signal });
  }
}
