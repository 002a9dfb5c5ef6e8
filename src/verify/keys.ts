import type { KeyObject } from 'node:crypto';
import type { Clock } from '../clock.js';
import { CutoverError } from '../errors.js';
import { MAX_JWKS_BYTES } from './jwks-fetch.js';
import { type KeySet, parseKeySet, sameKeys } from './key-set.js';
import type { Pool } from './pools.js';
import type { JwksFetch, PoolStatus } from './types.js';

/** {@link KeyOptions} with its defaults filled in. */
export interface KeySettings {
  readonly fetch: JwksFetch;
  readonly timeoutMs: number;
  readonly refreshSeconds: number;
  readonly maxStaleSeconds: number;
  readonly cooldownSeconds: number;
}

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000;

type RefreshListener = (outcome: 'refreshed' | 'unchanged' | 'failed', error?: Error) => void;

/**
 * The signing keys of one pool: fetched once for all who wait, refreshed behind the requests' backs, kept through an outage
 * of the pool's endpoint. There is no timer: age is judged when a token comes, so an idle process does nothing.
 */
export class PoolKeys {
  readonly pool: Pool;
  readonly #settings: KeySettings;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onRefresh: RefreshListener;
  readonly #closing = new AbortController();
  #keys: KeySet | undefined;
  #fetchedAt = 0;
  #failures = 0;
  #nextTryAt = 0;
  #unknownKidFetchAt = Number.NEGATIVE_INFINITY;
  #refresh: Promise<void> | undefined;
  #lastError: Error | undefined;
  #generation = 0;

  constructor(pool: Pool, settings: KeySettings, clock: Pick<Clock, 'now'>, onRefresh: RefreshListener) {
    this.pool = pool;
    this.#settings = settings;
    this.#clock = clock;
    this.#onRefresh = onRefresh;
    this.#keys = pool.keySet;
    this.#fetchedAt = clock.now();
  }

  /** Changes when the key set does: what was verified under another generation has to be verified anew. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether the keys may be used at `now`. Starts a refresh in the background where one is due. */
  usable(now: number): boolean {
    if (this.#keys === undefined) return false;
    if (this.pool.jwksUri === undefined) return true;
    const age = now - this.#fetchedAt;
    if (age < this.#settings.refreshSeconds * 1_000 && age <= this.#settings.maxStaleSeconds * 1_000) return true;
    if (this.#mayTry(now)) this.#refreshOnce().catch(() => {});
    return age <= this.#settings.maxStaleSeconds * 1_000;
  }

  /**
   * The key `kid` of this pool, at once where the present keys tell, else after a fetch.
   * @throws {@link CutoverError} `ERR_KEY_NOT_FOUND` or `ERR_KEYS_UNAVAILABLE`
   */
  find(kid: string, now: number): KeyObject | Promise<KeyObject> {
    if (!this.usable(now)) return this.#findAfterFetch(kid, now);
    const key = this.#keys?.get(kid);
    if (key !== undefined) return key;
    if (this.#refresh !== undefined) return this.#findAfterUnknownKid(kid, now);
    if (this.pool.jwksUri === undefined || !this.#mayFetchForUnknownKid(now)) throw this.#unknownKid(now);
    this.#unknownKidFetchAt = now;
    return this.#findAfterUnknownKid(kid, now);
  }

  /** Fetches the keys unless they are fresh, whatever the backoff says: somebody asked for it. */
  async load(): Promise<void> {
    if (this.status().keys === 'fresh') return;
    await this.#refreshOnce();
  }

  status(): PoolStatus {
    const now = this.#clock.now();
    const { side: pool, userPoolId, jwksUri } = this.pool;
    const age = now - this.#fetchedAt;
    const known = this.#keys !== undefined;
    const isFresh = known && (jwksUri === undefined || age < this.#settings.refreshSeconds * 1_000);
    const isServed = known && (jwksUri === undefined || age <= this.#settings.maxStaleSeconds * 1_000);
    return {
      pool,
      userPoolId,
      keys: isServed ? (isFresh ? 'fresh' : 'stale') : 'missing',
      ...(known && { fetchedAt: new Date(this.#fetchedAt) }),
      ...(this.#failures > 0 && { nextTryAt: new Date(this.#nextTryAt) }),
    };
  }

  close(): void {
    this.#closing.abort(new Error('the verifier is closed'));
  }

  async #findAfterFetch(kid: string, now: number): Promise<KeyObject> {
    if (this.#refresh === undefined && !this.#mayTry(now)) throw this.#unavailable(now);
    try {
      await this.#refreshOnce();
    } catch {
      throw this.#unavailable(this.#clock.now());
    }
    const key = this.#keys?.get(kid);
    if (key === undefined) throw this.#unknownKid(this.#clock.now());
    return key;
  }

  async #findAfterUnknownKid(kid: string, now: number): Promise<KeyObject> {
    try {
      await this.#refreshOnce();
    } catch {
      // Judged below: the present keys go on serving, but cannot tell what became of this kid.
    }
    const key = this.#keys?.get(kid);
    if (key === undefined) throw this.#unknownKid(now);
    return key;
  }

  #mayTry(now: number): boolean {
    return now >= this.#nextTryAt && !this.#closing.signal.aborted;
  }

  #mayFetchForUnknownKid(now: number): boolean {
    return this.#mayTry(now) && now - this.#unknownKidFetchAt >= this.#settings.cooldownSeconds * 1_000;
  }

  /** During an outage nobody knows whether the pool has a new key: that is "cannot tell", not "no such key". */
  #unknownKid(now: number): CutoverError {
    if (this.#failures > 0) return this.#unavailable(now);
    return new CutoverError('ERR_KEY_NOT_FOUND', 'The pool has no key of that id.', { pool: this.pool.side });
  }

  #unavailable(now: number): CutoverError {
    return new CutoverError('ERR_KEYS_UNAVAILABLE', 'The keys of the pool cannot be had at the moment.', {
      pool: this.pool.side,
      retryAfterSeconds: Math.max(1, Math.ceil((this.#nextTryAt - now) / 1_000)),
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
    try {
      const keys = await this.#fetchKeys();
      const isSame = this.#keys !== undefined && sameKeys(this.#keys, keys);
      if (!isSame) {
        this.#keys = keys;
        this.#generation += 1;
      }
      this.#fetchedAt = this.#clock.now();
      this.#failures = 0;
      this.#nextTryAt = 0;
      this.#lastError = undefined;
      this.#onRefresh(isSame ? 'unchanged' : 'refreshed');
    } catch (error) {
      const backoffMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#nextTryAt = this.#clock.now() + backoffMs;
      this.#lastError = error instanceof Error ? error : new Error('the fetch failed', { cause: error });
      this.#onRefresh('failed', this.#lastError);
      throw this.#lastError;
    }
  }

  async #fetchKeys(): Promise<KeySet> {
    const { jwksUri } = this.pool;
    if (jwksUri === undefined) throw new Error('the pool has no address to fetch keys from');
    const text = await this.#withTimeLimit(async (signal) => {
      const init = { signal, redirect: 'error', headers: { accept: 'application/json' } } as const;
      const response = await this.#settings.fetch(jwksUri, init);
      if (response.status !== 200) throw new Error(`the answer has status ${response.status}`);
      return await response.text();
    });
    if (typeof text !== 'string' || text.length > MAX_JWKS_BYTES) {
      throw new Error(`the answer is no text of at most ${MAX_JWKS_BYTES} characters`);
    }
    return parseKeySet(JSON.parse(text));
  }

  /** A real timer, whatever the clock: it guards against a connection that hangs, which no injected time makes good. */
  async #withTimeLimit<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs } = this.#settings;
    const limit = new AbortController();
    const giveUp = () => limit.abort(this.#closing.signal.reason);
    if (this.#closing.signal.aborted) giveUp();
    this.#closing.signal.addEventListener('abort', giveUp);
    const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      return await new Promise<T>((resolve, reject) => {
        const stop = () => reject(limit.signal.reason);
        if (limit.signal.aborted) return stop();
        limit.signal.addEventListener('abort', stop);
        task(limit.signal).then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      this.#closing.signal.removeEventListener('abort', giveUp);
    }
  }
}
