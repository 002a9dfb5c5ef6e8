import { type KeyObject, verify as verifySignature } from 'node:crypto';
import { CutoverError } from '../errors.js';
import { type CheckedClaims, checkClaims, checkLegacyWindow, checkNotExpired } from './claims.js';
import { type CompactJws, CompactJwsDecoder } from './compact-jws.js';
import { identityOf, ownerOf, ownerWithoutClaim, type TokenOwner } from './identity.js';
import { PoolKeys } from './keys.js';
import type { Pool } from './pools.js';
import { askResolver } from './resolve.js';
import { checkVerifierOptions, type VerifierSettings } from './settings.js';
import { TokenCache } from './token-cache.js';
import type {
  CutoverEvent,
  CutoverIdentity,
  CutoverVerifier,
  HydrateResult,
  PoolStatus,
  VerifierOptions,
} from './types.js';

/** How long an identity may be kept that rests on nobody knowing better. */
const OWN_SUB_MS = 60_000;

/** An identity that has to be waited for, and the refusal for those who cannot wait. */
class Pending {
  constructor(
    readonly identity: Promise<CutoverIdentity>,
    readonly cannotWait: CutoverError,
  ) {}
}

/** A token whose signature and claims are right, on the way to its identity. */
interface Verified {
  readonly token: string;
  readonly payload: Record<string, unknown>;
  readonly claims: CheckedClaims;
  readonly keys: PoolKeys;
  readonly generation: number;
}

class Verifier implements CutoverVerifier {
  readonly #settings: VerifierSettings;
  readonly #decoder = new CompactJwsDecoder();
  readonly #cache: TokenCache | undefined;
  readonly #keys: readonly PoolKeys[];
  readonly #keysByIssuer = new Map<unknown, PoolKeys>();

  constructor(options: VerifierOptions) {
    this.#settings = checkVerifierOptions(options);
    const { pools, keys, clock, maxTokens } = this.#settings;
    this.#cache = maxTokens === 0 ? undefined : new TokenCache(maxTokens);
    this.#keys = pools.map((pool) => {
      const { userPoolId } = pool;
      return new PoolKeys(pool, keys, clock, (outcome, error) =>
        this.#tell({ type: 'keys', userPoolId, outcome, ...(error !== undefined && { error }) }),
      );
    });
    for (const one of this.#keys) {
      for (const issuer of one.pool.issuers) this.#keysByIssuer.set(issuer, one);
    }
  }

  async verify(token: string): Promise<CutoverIdentity> {
    return this.verifyEagerly(token);
  }

  verifyEagerly(token: string): CutoverIdentity | Promise<CutoverIdentity> {
    const outcome = this.#attempt(token);
    if (!(outcome instanceof Pending)) return outcome;
    return outcome.identity.then(
      (identity) => this.#accepted(identity, false),
      (error: unknown) => {
        throw this.#rejected(error);
      },
    );
  }

  verifySync(token: string): CutoverIdentity {
    const outcome = this.#attempt(token);
    if (!(outcome instanceof Pending)) return outcome;
    outcome.identity.catch(() => {});
    throw this.#rejected(outcome.cannotWait);
  }

  async hydrate(): Promise<readonly HydrateResult[]> {
    const results = await Promise.all(this.#keys.map(loadKeys));
    const errors = results.flatMap(({ error }) => (error === undefined ? [] : [error]));
    if (errors.length === results.length) throw new AggregateError(errors, 'The keys of no pool could be loaded.');
    return results;
  }

  status(): readonly PoolStatus[] {
    return this.#keys.map((one) => one.status());
  }

  close(): void {
    for (const one of this.#keys) one.close();
  }

  #attempt(token: string): CutoverIdentity | Pending {
    try {
      const now = this.#settings.clock.now();
      const known = this.#reuse(token, now);
      if (known !== undefined) return this.#accepted(known, true);
      const outcome = this.#judge(token, now);
      return outcome instanceof Pending ? outcome : this.#accepted(outcome, false);
    } catch (error) {
      throw this.#rejected(error);
    }
  }

  /** The identity of a token verified before, if all that can have changed since still holds. */
  #reuse(token: string, now: number): CutoverIdentity | undefined {
    const found = this.#cache?.get(token);
    if (found === undefined) return undefined;
    const { identity, keys } = found;
    if (found.generation !== keys.generation || now > found.mappedUntil || !keys.usable(now)) return undefined;
    checkNotExpired(identity.expiresAt, now, this.#settings.toleranceSeconds, identity.pool);
    if (identity.pool === 'legacy') checkLegacyWindow(identity.authTime, now, this.#settings);
    return identity;
  }

  #judge(token: string, now: number): CutoverIdentity | Pending {
    const jws = this.#decoder.decode(token);
    const keys = this.#keysByIssuer.get(jws.payload.iss);
    if (keys === undefined) {
      throw new CutoverError('ERR_ISSUER_NOT_TRUSTED', 'The token was not issued by a trusted user pool.');
    }
    const key = keys.find(jws.header.kid, now);
    if (!(key instanceof Promise)) return this.#judgeWithKey(token, jws, keys, key, now);
    const identity = key.then((found) => {
      const outcome = this.#judgeWithKey(token, jws, keys, found, this.#settings.clock.now());
      return outcome instanceof Pending ? outcome.identity : outcome;
    });
    const message = 'The keys of the pool are not loaded yet.';
    const details = { pool: keys.pool.side, retryAfterSeconds: 1 };
    return new Pending(identity, new CutoverError('ERR_KEYS_UNAVAILABLE', message, details));
  }

  #judgeWithKey(
    token: string,
    jws: CompactJws,
    keys: PoolKeys,
    key: KeyObject,
    now: number,
  ): CutoverIdentity | Pending {
    const { pool, generation } = keys;
    if (!verifySignature('RSA-SHA256', jws.signingInput, key, jws.signature)) {
      throw new CutoverError('ERR_SIGNATURE_INVALID', 'The signature is not the pool’s.', { pool: pool.side });
    }
    this.#decoder.remember(jws);
    const claims = checkClaims(jws.payload, pool, now, this.#settings);
    if (pool.side === 'legacy') checkLegacyWindow(claims.authTime, now, this.#settings);
    const owner = ownerOf(jws.payload, claims, pool, this.#settings.mapping);
    const verified = { token, payload: jws.payload, claims, keys, generation };
    if (owner !== undefined) return this.#keep(verified, owner, Number.POSITIVE_INFINITY);
    const found = this.#resolve(token, claims, pool);
    if (!(found instanceof Promise)) return this.#keepFound(verified, found);
    const identity = found.then((answer) => this.#keepFound(verified, answer));
    const message = 'The legacy id has to be looked up first.';
    const details = { pool: pool.side, retryAfterSeconds: 1 };
    return new Pending(identity, new CutoverError('ERR_LEGACY_ID_UNAVAILABLE', message, details));
  }

  #keepFound(verified: Verified, found: unknown): CutoverIdentity {
    const owner = ownerWithoutClaim(found, verified.claims, this.#settings.mapping);
    const isGuess = owner.userIdSource === 'own-sub';
    return this.#keep(verified, owner, isGuess ? this.#settings.clock.now() + OWN_SUB_MS : Number.POSITIVE_INFINITY);
  }

  #keep(verified: Verified, owner: TokenOwner, mappedUntil: number): CutoverIdentity {
    const { token, keys, generation } = verified;
    const identity = identityOf(verified.payload, verified.claims, keys.pool, owner);
    this.#cache?.set({ token, identity, keys, generation, mappedUntil });
    return identity;
  }

  #resolve(token: string, claims: CheckedClaims, { userPoolId }: Pool): unknown {
    const { resolve, resolveTimeoutMs } = this.#settings;
    if (resolve === undefined) return undefined;
    const { sub, username, clientId, tokenUse, scopes } = claims;
    const query = { sub, ...(username !== undefined && { username }), userPoolId, clientId, tokenUse, scopes, token };
    return askResolver(resolve, query, resolveTimeoutMs);
  }

  #accepted(identity: CutoverIdentity, cached: boolean): CutoverIdentity {
    if (this.#settings.onEvent !== undefined) {
      const { pool, userPoolId, kind, tokenUse, userIdSource } = identity;
      this.#tell({ type: 'accepted', pool, userPoolId, kind, tokenUse, userIdSource, cached });
    }
    return identity;
  }

  #rejected(error: unknown): unknown {
    if (error instanceof CutoverError) {
      const { code, pool } = error;
      this.#tell({ type: 'rejected', code, ...(pool !== undefined && { pool }) });
    }
    return error;
  }

  #tell(event: CutoverEvent): void {
    try {
      this.#settings.onEvent?.(event);
    } catch {
      // A listener's fault must not decide about a token.
    }
  }
}

async function loadKeys(keys: PoolKeys): Promise<HydrateResult> {
  const { side: pool, userPoolId } = keys.pool;
  try {
    await keys.load();
    return { pool, userPoolId, ok: true };
  } catch (error) {
    return { pool, userPoolId, ok: false, error: error instanceof Error ? error : new Error('unknown fault') };
  }
}

/** @throws {@link ConfigurationError} when an option is wrong */
export function createCutoverVerifier(options: VerifierOptions): CutoverVerifier {
  return new Verifier(options);
}
