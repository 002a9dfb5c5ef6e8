import type { KeyObject } from 'node:crypto';
import { CutoverError, type CutoverErrorCode, nameToken, type PoolSide } from '../errors.js';
import type { Announcer } from '../operate/announcer.js';
import { isThenable } from '../thenable.js';
import { type CheckedClaims, checkClaims, checkLegacyPoolOpen, checkLegacySignIn } from './claims.js';
import { type CompactJws, CompactJwsDecoder, isSignedWith } from './compact-jws.js';
import { SwappedPools } from './explain/swapped-pools.js';
import { untrustedIssuer } from './explain/untrusted-issuer.js';
import { identityOf, ownerOf, ownerWithoutClaim, type TokenOwner } from './identity.js';
import type { PoolKeys } from './keys.js';
import type { Pool } from './pool-options.js';
import { askResolver } from './resolve.js';
import type { VerifierSettings } from './settings.js';
import type { TokenCache } from './token-cache.js';
import type { CutoverIdentity } from './types.js';

const FORGED = 'The signature of the token is invalid: it was changed or cut after it was issued, or it is forged.';

/** How long an identity without a known legacy id may be cached. */
const OWN_SUB_MS = 60_000;

/** An identity that has to be waited for, and the error for callers that cannot wait. */
export class Pending {
  constructor(
    readonly identity: Promise<CutoverIdentity>,
    readonly cannotWait: CutoverError,
    /** Whether the identity came from the token cache. */
    readonly cached = false,
  ) {}
}

/** When a token is judged, and whether the caller can wait for an answer. */
export interface Moment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds passed, for intervals. */
  readonly passed: number;
  readonly canWait: boolean;
  /** What can be known of the phases was waited for. */
  readonly isSettled?: true;
}

/** A token whose signature and claims were verified, on the way to its identity. */
interface Verified {
  readonly token: string;
  readonly payload: Record<string, unknown>;
  readonly claims: CheckedClaims;
  readonly keys: PoolKeys;
  readonly generation: number;
  /** The epoch of the token cache at that time. */
  readonly epoch: number;
}

/** Judges tokens, from decoding to the identity of their owner, and caches those that are accepted. */
export class TokenJudge {
  readonly #settings: VerifierSettings;
  readonly #cache: TokenCache | undefined;
  readonly #announcer: Announcer;
  readonly #decoder = new CompactJwsDecoder();
  readonly #swapped: SwappedPools;
  /** A list: for as few as these, comparing is faster than the hash that a map needs of each new string. */
  readonly #issuers: { readonly issuer: string; readonly keys: PoolKeys }[] = [];

  constructor(
    settings: VerifierSettings,
    keys: readonly PoolKeys[],
    cache: TokenCache | undefined,
    announcer: Announcer,
  ) {
    this.#settings = settings;
    this.#cache = cache;
    this.#announcer = announcer;
    this.#swapped = new SwappedPools(settings);
    for (const one of keys) {
      for (const issuer of one.pool.issuers) this.#issuers.push({ issuer, keys: one });
    }
  }

  judge(token: string, moment: Moment): CutoverIdentity | Pending {
    const jws = this.#decoder.decode(token);
    const keys = this.#keysOf(jws.payload.iss);
    if (keys === undefined) {
      throw new CutoverError('ERR_ISSUER_NOT_TRUSTED', untrustedIssuer(jws.payload.iss, this.#settings.pools));
    }
    // Checked before its keys are needed: a pool that was closed and then deleted has none.
    if (keys.pool.side === 'legacy') {
      const { legacyWindow } = this.#settings;
      if (moment.isSettled !== true && !legacyWindow.usable(moment.canWait)) return this.#judgeLater(token);
      checkLegacyPoolOpen(moment.now, legacyWindow);
    }
    const key = keys.find(jws.header.kid, moment.passed, moment.canWait);
    if (!isThenable(key)) return this.#judgeWithKey(token, jws, keys, key, moment.now);
    const message = 'The keys of the user pool are not loaded yet, and verifySync() cannot wait for them.';
    const cannotWait = cannotWaitFor('ERR_KEYS_UNAVAILABLE', message, keys.pool.side);
    return new Pending(this.#judgeAfterFetch(token, jws, keys, key), cannotWait);
  }

  #keysOf(iss: unknown): PoolKeys | undefined {
    for (const { issuer, keys } of this.#issuers) if (issuer === iss) return keys;
    return undefined;
  }

  /** Judges a token of a legacy pool once it is known, or cannot be known, whether the pool is open. */
  #judgeLater(token: string): Pending {
    const { legacyWindow, clock } = this.#settings;
    const judged = async () => {
      await legacyWindow.settle();
      const moment = { now: clock.now(), passed: clock.passed(), canWait: true, isSettled: true } as const;
      const outcome = this.judge(token, moment);
      return outcome instanceof Pending ? outcome.identity : outcome;
    };
    return new Pending(judged(), legacyWindow.unknown());
  }

  async #judgeAfterFetch(
    token: string,
    jws: CompactJws,
    keys: PoolKeys,
    key: PromiseLike<KeyObject>,
  ): Promise<CutoverIdentity> {
    const found = await key;
    const now = this.#settings.clock.now();
    if (keys.pool.side === 'legacy') checkLegacyPoolOpen(now, this.#settings.legacyWindow);
    const outcome = this.#judgeWithKey(token, jws, keys, found, now);
    return outcome instanceof Pending ? outcome.identity : outcome;
  }

  #judgeWithKey(
    token: string,
    jws: CompactJws,
    keys: PoolKeys,
    key: KeyObject,
    now: number,
  ): CutoverIdentity | Pending {
    const { pool } = keys;
    if (!isSignedWith(key, jws)) {
      throw new CutoverError('ERR_SIGNATURE_INVALID', FORGED, { pool: pool.side });
    }
    this.#decoder.remember(jws);
    try {
      return this.#identify(token, jws.payload, keys, now);
    } catch (error) {
      throw nameToken(error, claimedToken(jws.payload, pool));
    }
  }

  /** Who a token belongs to whose signature was verified. */
  #identify(token: string, payload: Record<string, unknown>, keys: PoolKeys, now: number): CutoverIdentity | Pending {
    const { pool, generation } = keys;
    const claims = checkClaims(payload, pool, now, this.#settings);
    if (pool.side === 'legacy') {
      checkLegacySignIn(claims.kind, claims.authTime, now, this.#settings.legacyWindow);
    }
    this.#swapped.notice(payload, claims, pool);
    const owner = ownerOf(payload, claims, pool, this.#settings.mapping);
    const verified = { token, payload, claims, keys, generation, epoch: this.#cache?.epoch ?? 0 };
    if (owner !== undefined) return this.#keep(verified, owner, Number.POSITIVE_INFINITY);
    const found = this.#resolve(token, claims, pool);
    if (!isThenable(found)) return this.#keepFound(verified, found);
    const message = 'legacyId.resolve has to be asked, and verifySync() cannot wait for its answer.';
    const unnamed = cannotWaitFor('ERR_LEGACY_ID_UNAVAILABLE', message, pool.side);
    const cannotWait = nameToken(unnamed, claimedToken(payload, pool));
    return new Pending(this.#keepLater(verified, found), cannotWait);
  }

  async #keepLater(verified: Verified, found: PromiseLike<unknown>): Promise<CutoverIdentity> {
    try {
      return this.#keepFound(verified, await found);
    } catch (error) {
      throw nameToken(error, claimedToken(verified.payload, verified.keys.pool));
    }
  }

  #keepFound(verified: Verified, found: unknown): CutoverIdentity {
    const { mapping, resolve, resolvedSeconds, clock } = this.#settings;
    const isAsked = resolve !== undefined;
    const owner = ownerWithoutClaim(found, verified.claims, mapping, isAsked);
    const resolvedMs = isAsked ? resolvedSeconds * 1_000 : Number.POSITIVE_INFINITY;
    const keptMs = owner.userIdSource === 'own-sub' ? Math.min(OWN_SUB_MS, resolvedMs) : resolvedMs;
    return this.#keep(verified, owner, clock.passed() + keptMs, isAsked);
  }

  #keep(verified: Verified, owner: TokenOwner, mappedUntil: number, isAsked = false): CutoverIdentity {
    const { token, keys, generation, epoch } = verified;
    const identity = identityOf(verified.payload, verified.claims, keys.pool, owner);
    this.#cache?.set({ token, identity, keys, generation, mappedUntil }, epoch, isAsked);
    return identity;
  }

  #resolve(token: string, claims: CheckedClaims, { userPoolId }: Pool): unknown {
    const { resolve, resolveTimeoutMs } = this.#settings;
    if (resolve === undefined) return undefined;
    const { sub, username, clientId, tokenUse, scopes } = claims;
    const query = { sub, ...(username !== undefined && { username }), userPoolId, clientId, tokenUse, scopes, token };
    return this.#announcer.asking(userPoolId, () => askResolver(resolve, query, resolveTimeoutMs));
  }
}

/** The error for callers that cannot wait. Another try may succeed soon, because the lookup continues. */
export function cannotWaitFor(code: CutoverErrorCode, message: string, pool: PoolSide): CutoverError {
  return new CutoverError(code, message, { pool, retryAfterSeconds: 1 });
}

/** Who a token says it belongs to, for the error that refuses it. Its signature was verified; its claims need not be right. */
function claimedToken(payload: Readonly<Record<string, unknown>>, { userPoolId, clientAliases }: Pool) {
  const { sub, token_use: tokenUse } = payload;
  // An ID token names its client in `aud`, and in an access token `aud` names an API.
  const clientId = tokenUse === 'id' ? payload['aud'] : payload['client_id'];
  const alias = typeof clientId === 'string' ? clientAliases.get(clientId) : undefined;
  const isKnownUse = tokenUse === 'access' || tokenUse === 'id';
  return { userPoolId, sub, clientId: alias ?? clientId, tokenUse: isKnownUse ? tokenUse : undefined };
}
