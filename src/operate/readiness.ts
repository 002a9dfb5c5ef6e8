import { randomUUID } from 'node:crypto';
import { type Clock, stopwatch, systemClock } from '../clock.js';
import type { PoolSide } from '../errors.js';
import { checkFunction, checkKeys, checkNumber, refuse } from '../options.js';
import { withTimeLimit } from '../time-limit.js';

/** What a pool's tokens need to be accepted. */
export interface PoolReadiness {
  readonly pool: PoolSide;
  readonly userPoolId: string;
  /** `refused`: the pool is closed, and does not count. `unknown`: the phase is not known yet. */
  readonly tokens: 'accepted' | 'refused' | 'unknown';
  readonly keys: 'fresh' | 'stale' | 'missing';
  readonly fetchedAt?: Date;
  /** After a failed fetch of keys: the earliest moment of the next try. */
  readonly nextTryAt?: Date;
}

/** Whether a service is ready, and the state of each pool. */
export interface Readiness {
  /**
   * Whether requests should be sent here: the tokens of at least one pool are accepted, and its keys are there. The outage of one pool, or
   * of the resolver, leaves the service ready for everybody else.
   */
  readonly ready: boolean;
  /** Whether something is missing: some requests are, or soon will be, answered with 503. */
  readonly degraded: boolean;
  readonly pools: readonly PoolReadiness[];
  /** Where a `resolver` was given. */
  readonly resolver?: 'available' | 'unavailable';
}

/** The part of a verifier that readiness needs. */
export interface ReadinessVerifier {
  hydrate(): PromiseLike<unknown>;
  status(): readonly PoolReadiness[];
}

/** The question about a user who does not exist, as a resolver is asked it. */
export interface ReadinessQuestion {
  readonly sub: string;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly tokenUse: 'access';
  readonly scopes: readonly string[];
  readonly token: string;
  readonly signal: AbortSignal;
}

/** Options of {@link checkReadiness}. */
export interface ReadinessOptions {
  /** The verifier that the service uses. */
  readonly verifier: ReadinessVerifier;
  /**
   * The verifier's `legacyId.resolve`, or any function that asks the same source and throws or rejects when it is down. It is asked about
   * a user who does not exist, at most every 10 seconds, however often readiness is checked. Default: not checked.
   */
  readonly resolver?: (question: ReadinessQuestion) => unknown;
  /**
   * How long to wait, in milliseconds, 1 to 60 000. What began continues: the next check may find it done. Kubernetes gives up after one
   * second by default.
   * @defaultValue 500
   */
  readonly timeoutMs?: number;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

const READINESS_OPTIONS = ['verifier', 'resolver', 'timeoutMs', 'clock'] as const;

/** {@link ReadinessOptions}, checked. */
interface Settings {
  readonly verifier: ReadinessVerifier;
  readonly resolver: ReadinessOptions['resolver'];
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * Whether a service can verify tokens. Loads keys that are missing, as often as the backoff after a failure allows. Costs next to nothing
 * while the keys are there: a stranger may call it as often as they like.
 *
 * @throws {@link ConfigurationError} when an option is wrong. Never because of an outage
 */
export async function checkReadiness(options: ReadinessOptions): Promise<Readiness> {
  return readinessCheck(options)();
}

/** {@link checkReadiness}, with its options checked once. */
export function readinessCheck(options: ReadinessOptions): () => Promise<Readiness> {
  checkKeys('', options, READINESS_OPTIONS);
  const { verifier, resolver, clock = systemClock } = options;
  if (typeof verifier?.hydrate !== 'function' || typeof verifier.status !== 'function') {
    refuse('verifier', 'a verifier with hydrate() and status(), as createCutoverVerifier returns', verifier);
  }
  checkFunction('resolver', resolver);
  const timeoutMs = checkNumber('timeoutMs', options.timeoutMs, { min: 1, max: 60_000, fallback: 500 });
  const settings: Settings = { verifier, resolver, timeoutMs, clock };
  return () => check(settings);
}

async function check({ verifier, resolver, timeoutMs, clock }: Settings): Promise<Readiness> {
  // What could be loaded is in the status: neither an outage nor the time limit is an error here.
  const loading = withTimeLimit({ timeoutMs, clock }, () => verifier.hydrate()).catch(() => {});
  const asking = resolver && sourceOf(resolver, clock).ask(verifier, timeoutMs);
  await loading;
  const isAvailable = await asking;
  const pools = verifier.status();
  const isMissing = ({ tokens, keys, nextTryAt }: PoolReadiness) =>
    tokens === 'unknown' || (tokens === 'accepted' && (keys === 'missing' || nextTryAt !== undefined));
  return {
    ready: pools.some(({ tokens, keys }) => tokens === 'accepted' && keys !== 'missing'),
    degraded: pools.some(isMissing) || isAvailable === false,
    pools,
    ...(isAvailable !== undefined && { resolver: isAvailable ? 'available' : 'unavailable' }),
  };
}

type Resolver = NonNullable<ReadinessOptions['resolver']>;

/** How long an answer of a source counts. */
const ASK_EVERY_MS = 10_000;

const sources = new WeakMap<Resolver, Source>();

function sourceOf(resolver: Resolver, clock: Clock): Source {
  const known = sources.get(resolver) ?? new Source(resolver, clock);
  sources.set(resolver, known);
  return known;
}

/** A source of legacy ids, asked rarely, and once for all who want to know. */
class Source {
  readonly #resolver: Resolver;
  readonly #clock: Clock;
  readonly #passed: () => number;
  #askedAt = Number.NEGATIVE_INFINITY;
  #answer: Promise<boolean> = Promise.resolve(false);

  constructor(resolver: Resolver, clock: Clock) {
    this.#resolver = resolver;
    this.#clock = clock;
    this.#passed = stopwatch(clock);
  }

  ask(verifier: ReadinessVerifier, timeoutMs: number): Promise<boolean> {
    const passed = this.#passed();
    if (passed - this.#askedAt >= ASK_EVERY_MS) {
      this.#askedAt = passed;
      this.#answer = this.#isAvailable(verifier, timeoutMs);
    }
    return this.#answer;
  }

  async #isAvailable(verifier: ReadinessVerifier, timeoutMs: number): Promise<boolean> {
    try {
      const userPoolId = verifier.status().find(({ pool }) => pool === 'new')?.userPoolId ?? '';
      // Another user each time, whom no cache can know.
      const user = { sub: randomUUID(), userPoolId, clientId: '', tokenUse: 'access', scopes: [], token: '' } as const;
      await withTimeLimit({ timeoutMs, clock: this.#clock }, async (signal) => this.#resolver({ ...user, signal }));
      return true;
    } catch {
      return false;
    }
  }
}
