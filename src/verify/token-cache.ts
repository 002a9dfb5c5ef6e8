import { fold } from '../users/fold.js';
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

/**
 * Remembers verified tokens, at most `maxTokens`. Tokens are found by the end of their signature and then compared whole:
 * the signature alone would let anybody put another payload in front of it.
 *
 * Two maps take turns: when the young one is full, it becomes the old one, and the entries of the old one are dropped.
 * Tokens in use stay, and nothing is deleted one by one to make room.
 */
export class TokenCache {
  readonly #half: number;
  readonly #keepsOld: boolean;
  #young = new Map<string, VerifiedToken>();
  #old = new Map<string, VerifiedToken>();
  #epoch = 0;

  constructor(maxTokens: number) {
    this.#half = Math.max(1, Math.floor(maxTokens / 2));
    this.#keepsOld = maxTokens > 1;
  }

  get(token: string): VerifiedToken | undefined {
    if (typeof token !== 'string') return undefined;
    const key = keyOf(token);
    let found = this.#young.get(key);
    if (found === undefined) {
      found = this.#old.get(key);
      if (found !== undefined && found.token === token) this.#keep(key, found);
    }
    return found !== undefined && found.token === token ? found : undefined;
  }

  /** Changes with every {@link forget}. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Keeps an entry unless something was forgotten since `epoch`: its mapping may be the one that had to be forgotten. */
  set(entry: VerifiedToken, epoch: number): void {
    if (epoch === this.#epoch) this.#keep(keyOf(entry.token), entry);
  }

  /** Forgets one user's tokens, or all. */
  forget(sub: string | undefined): void {
    this.#epoch += 1;
    for (const tokens of [this.#young, this.#old]) {
      if (sub === undefined) tokens.clear();
      else for (const [key, { identity }] of tokens) if (isOf(identity, sub)) tokens.delete(key);
    }
  }

  #keep(key: string, entry: VerifiedToken): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      if (this.#keepsOld) this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }
}

/** A legacy user's `sub` is the `userId` of their tokens of the new pool. */
function isOf({ sub, userId }: CutoverIdentity, wanted: string): boolean {
  const folded = fold(wanted);
  return fold(sub) === folded || fold(userId) === folded;
}

/** The last 43 characters: 256 bits of the signature. */
function keyOf(token: string): string {
  return token.slice(-43);
}
