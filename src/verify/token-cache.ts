import { fold } from '../users/fold.js';
import { detached } from './compact-jws.js';
import type { PoolKeys } from './keys.js';
import type { CutoverIdentity } from './types.js';

/** A verified token, and what must still hold when it is used again. */
export interface VerifiedToken {
  readonly token: string;
  readonly identity: CutoverIdentity;
  readonly keys: PoolKeys;
  /** Generation of the key set the signature was checked with. */
  readonly generation: number;
  /** Elapsed milliseconds after which the legacy id has to be found again. */
  readonly mappedUntil: number;
}

/** An entry of the cache. */
class Kept implements VerifiedToken {
  readonly token: string;
  readonly identity: CutoverIdentity;
  readonly keys: PoolKeys;
  readonly generation: number;
  readonly mappedUntil: number;
  /** Whether it was ever found. */
  wasFound = false;
  /** Whether it was refused since: if the clock is then set back, all of its claims have to be judged again. */
  wasRefused = false;

  constructor({ token, identity, keys, generation, mappedUntil }: VerifiedToken) {
    this.token = detached(token);
    this.identity = identity;
    this.keys = keys;
    this.generation = generation;
    this.mappedUntil = mappedUntil;
  }
}

/**
 * Remembers verified tokens, at most `maxTokens`. Tokens are found by the end of their signature and then compared whole:
 * the signature alone would let anybody put another payload in front of it.
 *
 * Two maps take turns: when the young one is full, it becomes the old one, and the entries of the old one are dropped.
 * Tokens in use stay, and nothing is deleted one by one to make room. While hardly any token comes twice, a {@link Doorkeeper} lets in
 * only those that do.
 */
export class TokenCache {
  readonly #half: number;
  readonly #keepsOld: boolean;
  readonly #doorkeeper: Doorkeeper;
  #young = new Map<string, Kept>();
  #old = new Map<string, Kept>();
  #epoch = 0;

  constructor(maxTokens: number) {
    this.#half = Math.max(1, Math.floor(maxTokens / 2));
    this.#keepsOld = maxTokens > 1;
    this.#doorkeeper = new Doorkeeper(maxTokens);
  }

  get(token: string): Kept | undefined {
    if (typeof token !== 'string') return undefined;
    const key = keyOf(token);
    let found = this.#young.get(key);
    if (found === undefined) {
      found = this.#old.get(key);
      if (found === undefined || found.token !== token) return undefined;
      this.#keep(key, found);
    } else if (found.token !== token) {
      return undefined;
    }
    if (!found.wasFound) {
      found.wasFound = true;
      this.#doorkeeper.foundAgain();
    }
    return found;
  }

  /** Changes with every {@link forget}. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Keeps an entry unless something was forgotten since `epoch`: its mapping may be the one that had to be forgotten.
   *
   * @param isCostly whether a resolver was asked, which must not happen again for a token that comes only twice
   */
  set(entry: VerifiedToken, epoch: number, isCostly = false): void {
    if (epoch !== this.#epoch) return;
    const key = keyOf(entry.token);
    const isLetIn = this.#doorkeeper.letsIn(key) || isCostly;
    // What is there already would be found in vain for good: its keys, or its mapping, are no longer in force.
    if (isLetIn || this.#young.has(key) || this.#old.has(key)) this.#keep(key, new Kept(entry));
  }

  /** Forgets one user's tokens, or all. */
  forget(sub: string | undefined): void {
    this.#epoch += 1;
    for (const tokens of [this.#young, this.#old]) {
      if (sub === undefined) tokens.clear();
      else for (const [key, { identity }] of tokens) if (isOf(identity, sub)) tokens.delete(key);
    }
  }

  #keep(key: string, entry: Kept): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      if (this.#keepsOld) this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }
}

/** After how many new tokens it is decided again, at least, so that a small cache does not decide by chance. */
const FEWEST_JUDGED = 2_000;

/** One token in so many has to come again, for all of them to be let in at once. */
const ONE_IN = 8;

/** More memory than this is not worth it: 4 MB. */
const MOST_SEEN = 2 ** 20;

/**
 * Decides which tokens the cache keeps. Usually all, at their first use. Tokens that never come again, as of clients that get a new one for
 * every request, would cost more to keep than to verify: each is moved by the garbage collector until the cache is full, and then
 * dropped. While fewer than one in eight come again, a token is let in at its second use. Of the first, only four bytes are kept.
 */
class Doorkeeper {
  readonly #window: number;
  readonly #slots: number;
  /** Random, so that nobody can choose tokens that push out others. */
  readonly #seed = (Math.random() * 2 ** 32) | 0;
  /** Fingerprints of the tokens that came last, each in a place of its own. Exists while tokens are let in at their second use. */
  #seen: Int32Array | undefined;
  #came = 0;
  #cameAgain = 0;

  constructor(maxTokens: number) {
    this.#window = Math.max(FEWEST_JUDGED, Math.floor(maxTokens / 2));
    this.#slots = Math.min(MOST_SEEN, 2 ** Math.ceil(Math.log2(2 * maxTokens)));
  }

  /** An entry of the cache was found for the first time. */
  foundAgain(): void {
    this.#cameAgain += 1;
  }

  /** To be asked once for each token that was verified. */
  letsIn(key: string): boolean {
    const isOpen = this.#seen === undefined;
    const isKnown = !isOpen && this.#notice(key);
    this.#came += 1;
    if (this.#came >= this.#window) this.#decide();
    return isOpen || isKnown;
  }

  #decide(): void {
    const isWorthIt = this.#cameAgain * ONE_IN >= this.#came;
    if (isWorthIt) this.#seen = undefined;
    else this.#seen ??= new Int32Array(this.#slots);
    this.#came = 0;
    this.#cameAgain = 0;
  }

  /** Whether the token was noticed before. */
  #notice(key: string): boolean {
    const seen = this.#seen as Int32Array;
    let print = this.#seed;
    for (let index = 0; index < key.length; index++) print = Math.imul(print ^ key.charCodeAt(index), 0x01000193);
    print ^= print >>> 15;
    const slot = print & (seen.length - 1);
    if (seen[slot] === print) return true;
    seen[slot] = print;
    return false;
  }
}

/** A legacy user's `sub` is the `userId` of their tokens of the new pool. */
function isOf({ sub, userId }: CutoverIdentity, wanted: string): boolean {
  const folded = fold(wanted);
  return fold(sub) === folded || fold(userId) === folded;
}

/** The last 12 characters: about 70 bits of the signature. A longer end is a view into the token, whose hash takes much longer. */
function keyOf(token: string): string {
  return token.slice(-12);
}
