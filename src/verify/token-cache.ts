import type { PoolKeys } from './keys.js';
import type { CutoverIdentity } from './types.js';

/** A token that was verified, and what has to hold for that to count still. */
export interface VerifiedToken {
  readonly token: string;
  readonly identity: CutoverIdentity;
  readonly keys: PoolKeys;
  /** Generation of the key set the signature was checked with. */
  readonly generation: number;
  /** Milliseconds since the epoch after which the mapping has to be found anew. */
  readonly mappedUntil: number;
}

/**
 * Remembers verified tokens, at most `maxTokens`. Tokens are found by the end of their signature and then compared whole:
 * the signature alone would let anybody put another payload in front of it.
 *
 * Two maps take turns: when the young one is full it becomes the old one, and what the old one still held is forgotten. So
 * the tokens in use stay, nothing is ever deleted singly, and forgetting costs nothing.
 */
export class TokenCache {
  readonly #half: number;
  readonly #keepsOld: boolean;
  #young = new Map<string, VerifiedToken>();
  #old = new Map<string, VerifiedToken>();

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

  set(entry: VerifiedToken): void {
    this.#keep(keyOf(entry.token), entry);
  }

  #keep(key: string, entry: VerifiedToken): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      if (this.#keepsOld) this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, entry);
  }
}

/** The last 43 characters: 256 bits of the signature. */
function keyOf(token: string): string {
  return token.slice(-43);
}
