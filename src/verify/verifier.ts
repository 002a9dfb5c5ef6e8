import { nameToken } from '../errors.js';
import { Announcer, lendAnnouncer } from '../operate/announcer.js';
import type { LegacyTokenPhases } from '../operate/phases/legacy-window.js';
import { disregard, isThenable } from '../thenable.js';
import { checkLegacyPoolOpen, checkLegacySignIn, checkNotExpired } from './claims.js';
import { cannotWaitFor, Pending, TokenJudge } from './judge.js';
import { PoolKeys } from './keys.js';
import { checkPool } from './pool-options.js';
import { revocationGate } from './revocation.js';
import { checkVerifierOptions, type VerifierSettings } from './settings.js';
import { TokenCache } from './token-cache.js';
import type {
  CutoverIdentity,
  CutoverVerifier,
  HydrateResult,
  PoolOptions,
  PoolStatus,
  VerifierOptions,
} from './types.js';

class Verifier implements CutoverVerifier {
  readonly #settings: VerifierSettings;
  readonly #cache: TokenCache | undefined;
  readonly #keys: readonly PoolKeys[];
  readonly #judge: TokenJudge;
  declare readonly phases?: LegacyTokenPhases;
  readonly #announcer: Announcer;
  readonly #revocation: ReturnType<typeof revocationGate> | undefined;

  constructor(settings: VerifierSettings) {
    this.#settings = settings;
    const { pools, keys, clock, maxTokens, onEvent, phases, isRevoked } = this.#settings;
    this.#revocation = isRevoked === undefined ? undefined : revocationGate(isRevoked);
    this.#cache = maxTokens === 0 ? undefined : new TokenCache(maxTokens);
    const announcer = new Announcer(onEvent, clock.passed);
    this.#announcer = announcer;
    this.#keys = pools.map((pool) => new PoolKeys(pool, keys, clock, (fetch) => announcer.keys(fetch)));
    this.#judge = new TokenJudge(this.#settings, this.#keys, this.#cache, announcer);
    lendAnnouncer(this, announcer);
    // Not enumerable: a verifier spread into options must not look like some.
    if (phases !== undefined) Object.defineProperty(this, 'phases', { value: phases });
  }

  async verify(token: string): Promise<CutoverIdentity> {
    return this.verifyEagerly(token);
  }

  verifyEagerly(token: string): CutoverIdentity | Promise<CutoverIdentity> {
    const startedAt = this.#settings.clock.passed();
    const outcome = this.#attempt(token, startedAt, true);
    return outcome instanceof Pending ? this.#settled(outcome, startedAt) : outcome;
  }

  verifySync(token: string): CutoverIdentity {
    const startedAt = this.#settings.clock.passed();
    const outcome = this.#attempt(token, startedAt, false);
    if (!(outcome instanceof Pending)) return outcome;
    outcome.identity.then(undefined, () => {});
    throw this.#rejected(outcome.cannotWait, startedAt);
  }

  async hydrate(): Promise<readonly HydrateResult[]> {
    return loadKeys(this.#keys, this.#settings, (keys) => keys.load());
  }

  async refresh(): Promise<readonly HydrateResult[]> {
    return loadKeys(this.#keys, this.#settings, (keys) => keys.refresh());
  }

  status(): readonly PoolStatus[] {
    const { clock, legacyWindow } = this.#settings;
    const until = legacyWindow.acceptUntil();
    const legacy = Number.isNaN(until) ? 'unknown' : clock.now() <= until ? 'accepted' : 'refused';
    return this.#keys.map((one) => ({ ...one.status(), tokens: one.pool.side === 'legacy' ? legacy : 'accepted' }));
  }

  forget(sub?: string): void {
    this.#cache?.forget(sub);
    disregard(this.#settings.resolve?.forget?.(sub));
  }

  close(): void {
    for (const one of this.#keys) one.close();
  }

  #attempt(token: string, passed: number, canWait: boolean): CutoverIdentity | Pending {
    try {
      const now = this.#settings.clock.now();
      const known = this.#reuse(token, now, passed, canWait);
      if (known !== undefined) return this.#admit(known, true, passed);
      const outcome = this.#judge.judge(token, { now, passed, canWait });
      if (!(outcome instanceof Pending)) return this.#admit(outcome, false, passed);
      return new Pending(this.#admitLater(outcome.identity), outcome.cannotWait);
    } catch (error) {
      throw this.#rejected(error, passed);
    }
  }

  /** The cached identity of a token, if everything that may have changed since still holds. */
  #reuse(token: string, now: number, passed: number, canWait: boolean): CutoverIdentity | undefined {
    const found = this.#cache?.get(token);
    if (found === undefined) return undefined;
    const { identity, keys } = found;
    try {
      const { legacyWindow, toleranceSeconds } = this.#settings;
      const isLegacy = identity.pool === 'legacy';
      // In the order of a token that is not cached.
      if (isLegacy) {
        if (!legacyWindow.usable(canWait)) return undefined;
        checkLegacyPoolOpen(now, legacyWindow);
      }
      checkNotExpired(identity.expiresAt, now, toleranceSeconds, identity.pool);
      if (isLegacy) checkLegacySignIn(identity.kind, identity.authTime, now, legacyWindow);
    } catch (error) {
      found.wasRefused = true;
      throw nameToken(error, identity);
    }
    const isCurrent = found.generation === keys.generation && passed <= found.mappedUntil;
    if (!isCurrent || found.wasRefused) return undefined;
    return keys.usable(passed, canWait) ? identity : undefined;
  }

  #admit(identity: CutoverIdentity, cached: boolean, startedAt: number): CutoverIdentity | Pending {
    const outcome = this.#unlessRevoked(identity);
    if (!isThenable(outcome)) return this.#accepted(outcome, cached, startedAt);
    const message = 'isRevoked has to be asked, and verifySync() cannot wait for its answer.';
    const cannotWait = nameToken(cannotWaitFor('ERR_REVOCATION_UNAVAILABLE', message, identity.pool), identity);
    return new Pending(outcome, cannotWait, cached);
  }

  async #admitLater(pending: Promise<CutoverIdentity>): Promise<CutoverIdentity> {
    return this.#unlessRevoked(await pending);
  }

  #unlessRevoked(identity: CutoverIdentity): CutoverIdentity | Promise<CutoverIdentity> {
    return this.#revocation === undefined ? identity : this.#revocation(identity);
  }

  async #settled({ identity, cached }: Pending, startedAt: number): Promise<CutoverIdentity> {
    const isObserved = this.#announcer.isObserving;
    let found: CutoverIdentity;
    try {
      found = await identity;
    } catch (error) {
      this.#announcer.rejected(error, startedAt, isObserved);
      throw error;
    }
    this.#announcer.accepted(found, cached, startedAt, isObserved);
    return found;
  }

  #accepted(identity: CutoverIdentity, cached: boolean, startedAt: number): CutoverIdentity {
    this.#announcer.accepted(identity, cached, startedAt);
    return identity;
  }

  #rejected(error: unknown, startedAt: number): unknown {
    this.#announcer.rejected(error, startedAt);
    return error;
  }
}

/**
 * Loads the keys of all pools at the same time. A closed legacy pool needs none: it may be deleted.
 * @throws {@link AggregateError} when every pool failed
 */
async function loadKeys(
  pools: readonly PoolKeys[],
  { clock, legacyWindow }: Pick<VerifierSettings, 'clock' | 'legacyWindow'>,
  load: (keys: PoolKeys) => Promise<void>,
): Promise<readonly HydrateResult[]> {
  const isClosed = async () => {
    await legacyWindow.ready();
    if (!legacyWindow.usable(true)) await legacyWindow.settle();
    // Where it is not known, the pool may be open.
    return clock.now() > legacyWindow.acceptUntil();
  };
  const errors: Error[] = [];
  let needed = 0;
  const results = pools.map(async (keys): Promise<HydrateResult> => {
    const { side: pool, userPoolId } = keys.pool;
    if (pool === 'legacy' && (await isClosed())) return { pool, userPoolId, ok: true };
    needed += 1;
    try {
      await load(keys);
      return { pool, userPoolId, ok: true };
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error('unknown error', { cause });
      errors.push(error);
      return { pool, userPoolId, ok: false, error };
    }
  });
  const all = await Promise.all(results);
  if (errors.length === needed) {
    const reasons = errors.map(({ message }) => message).join(' ');
    throw new AggregateError(errors, `The keys of no pool could be loaded. ${reasons}`);
  }
  return all;
}

/** Marks methods as this package's own, in both of its builds. */
const BUILT_IN = Symbol.for('cognito-cutover.verifier');
for (const method of [Verifier.prototype.verify, Verifier.prototype.verifyEagerly]) {
  Object.defineProperty(method, BUILT_IN, { value: true });
}

/** Whether a method of a verifier is this package's own, and not one that an application put in its place. */
export function isBuiltIn(method: object): boolean {
  return BUILT_IN in method;
}

/**
 * Builds a verifier for tokens of both pools.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function createCutoverVerifier(options: VerifierOptions): CutoverVerifier {
  return new Verifier(checkVerifierOptions(options));
}

/**
 * A verifier of one legacy pool's access tokens, for session hand-over. Tokens of any other pool, the new one included, are refused, and no
 * token is cached.
 *
 * @throws {@link ConfigurationError} naming the option, that of a pool below `legacyPool`
 */
export function createLegacyVerifier(
  legacyPool: PoolOptions,
  options: Pick<VerifierOptions, 'clock' | 'clockToleranceSeconds' | 'legacyTokens' | 'isRevoked'>,
): CutoverVerifier {
  const pools = [checkPool('legacyPool', 'legacy', { ...legacyPool, tokenUse: 'access' })];
  // The defaults of everything else. Its pool is replaced by the one with the right side.
  const settings = checkVerifierOptions({ ...options, newPool: legacyPool, tokenUse: 'access', cache: false });
  return new Verifier({ ...settings, pools });
}
