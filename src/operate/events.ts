import { type Channel, channel } from 'node:diagnostics_channel';
import { CutoverError, type CutoverErrorCode, type PoolSide } from '../errors.js';
import { isThenable, tell } from '../thenable.js';
import { publishTo } from './publish-to.js';

/** Channels of `node:diagnostics_channel`. */
export const CHANNELS = {
  decision: 'cognito-cutover:decision',
  keys: 'cognito-cutover:keys',
  resolver: 'cognito-cutover:resolver',
} as const;

/**
 * The key of the token's `sub` in a {@link DecisionEvent}, for counting users. A symbol, so that no log or JSON holds it by accident. Both
 * builds of this package share it.
 */
export const SUB: unique symbol = Symbol.for('cognito-cutover.sub') as never;

/** What was decided about a token, or about a request without one. It holds no token and no personal value. */
export interface DecisionEvent {
  /** The same as `outcome`. */
  readonly type: DecisionEvent['outcome'];
  /**
   * - `accepted`: a verifier accepted a token
   * - `rejected`: a verifier refused a token; or an entry point refused a request, because it has no token, several credentials, or a token
   *   that lacks a scope or a group. The latter follows the `accepted` of the token
   * - `anonymous`: no credentials, and none required
   * - `mismatch`: in observe mode, `compare` named another user. Follows the `accepted` of the token
   */
  readonly outcome: 'accepted' | 'rejected' | 'anonymous' | 'mismatch';
  /** Of a refusal. */
  readonly code?: CutoverErrorCode;
  /** Once the issuer was recognised. Before the signature is verified, anybody can name an issuer. */
  readonly pool?: PoolSide;
  // Once the signature was verified:
  readonly userPoolId?: string;
  /** The app client, after `clientAliases`, as in the identity. */
  readonly clientId?: string;
  readonly tokenUse?: 'access' | 'id';
  // Of an accepted token:
  readonly kind?: 'user' | 'machine';
  readonly userIdSource?: 'sub' | 'claim' | 'resolver' | 'own-sub' | 'client';
  /** Whether the identity came from the token cache. Only with `accepted`. */
  readonly cached?: boolean;
  /** How long the verifier took, in milliseconds, lookups included. 0 where no verifier was asked. */
  readonly durationMs: number;
  /** When the token ends, seconds since the epoch. */
  readonly expiresAt?: number;
  /** Once the signature was verified. Inherited and not stored as a property: neither a log, JSON nor a copy contains it. */
  readonly [SUB]?: string;
}

/** A fetch of a pool's keys. */
export interface KeysEvent {
  readonly type: 'keys';
  readonly pool: PoolSide;
  readonly userPoolId: string;
  readonly outcome: 'refreshed' | 'unchanged' | 'failed';
  readonly durationMs: number;
  /** For `failed`: what went wrong. */
  readonly error?: Error;
}

/** A question to `legacyId.resolve`. */
export interface ResolverEvent {
  readonly type: 'resolver';
  readonly userPoolId: string;
  /** `missing`: there is no legacy id. `failed`: the resolver threw, rejected, or did not answer in time. */
  readonly outcome: 'found' | 'missing' | 'failed';
  readonly durationMs: number;
}

export type CutoverEvent = DecisionEvent | KeysEvent | ResolverEvent;

export type EventListener = (event: CutoverEvent) => unknown;

/** Whose token it is: an identity, or the error that refuses it. */
type TokenFacts = Pick<
  DecisionEvent,
  'pool' | 'userPoolId' | 'clientId' | 'tokenUse' | 'kind' | 'userIdSource' | 'expiresAt'
> & { readonly sub?: string };

/** Built from an identity or an error, of which nothing else is kept: listeners may hold on to events. */
class Decision implements DecisionEvent {
  readonly type: DecisionEvent['outcome'];
  readonly outcome: DecisionEvent['outcome'];
  declare readonly code?: CutoverErrorCode;
  declare readonly pool?: PoolSide;
  declare readonly userPoolId?: string;
  declare readonly clientId?: string;
  declare readonly tokenUse?: 'access' | 'id';
  declare readonly kind?: 'user' | 'machine';
  declare readonly userIdSource?: NonNullable<DecisionEvent['userIdSource']>;
  declare readonly cached?: boolean;
  declare readonly expiresAt?: number;
  readonly durationMs: number;
  readonly #sub: string | undefined;

  constructor(
    outcome: DecisionEvent['outcome'],
    durationMs: number,
    token: TokenFacts = {},
    more: { readonly code?: CutoverErrorCode; readonly cached?: boolean } = {},
  ) {
    this.type = outcome;
    this.outcome = outcome;
    if (more.code !== undefined) this.code = more.code;
    if (token.pool !== undefined) this.pool = token.pool;
    if (token.userPoolId !== undefined) this.userPoolId = token.userPoolId;
    if (token.clientId !== undefined) this.clientId = token.clientId;
    if (token.tokenUse !== undefined) this.tokenUse = token.tokenUse;
    if (token.kind !== undefined) this.kind = token.kind;
    if (token.userIdSource !== undefined) this.userIdSource = token.userIdSource;
    if (more.cached !== undefined) this.cached = more.cached;
    if (token.expiresAt !== undefined) this.expiresAt = token.expiresAt;
    this.durationMs = durationMs;
    this.#sub = token.sub;
  }

  get [SUB](): string {
    return this.#sub as string;
  }
}

// Held for as long as this module is: a channel that nobody holds is collected.
const decisions = channel(CHANNELS.decision);
const keys = channel(CHANNELS.keys);
const resolver = channel(CHANNELS.resolver);

/** On errors whose refusal was published, shared by both builds: a request passes a verifier and then an entry point. */
const ANNOUNCED = Symbol.for('cognito-cutover.announced');

/**
 * Publishes what is decided, on `node:diagnostics_channel` and to one listener. Without either it costs a comparison: no clock is read,
 * nothing is created. No method throws, whatever a listener does.
 */
export class Announcer {
  readonly #onEvent: EventListener | undefined;
  readonly #passed: () => number;

  /** @param passed elapsed milliseconds, as `startedAt` is */
  constructor(onEvent: EventListener | undefined, passed: () => number) {
    this.#onEvent = onEvent;
    this.#passed = passed;
  }

  /** A verifier accepted a token. */
  accepted(identity: TokenFacts, cached: boolean, startedAt: number): void {
    if (!this.#isHeard(decisions)) return;
    this.#publish(decisions, new Decision('accepted', this.#since(startedAt), identity, { cached }));
  }

  /** A verifier refused a token. An error that is no refusal is not a decision. */
  rejected(error: unknown, startedAt: number): void {
    if (error instanceof CutoverError && this.#isHeard(decisions)) this.#refusal(error, this.#since(startedAt));
  }

  /** An entry point refused a request. Not published again where a verifier, or an entry point in front, has published it. */
  refused(error: unknown): void {
    const isNews = error instanceof CutoverError && !(ANNOUNCED in error);
    if (isNews && this.#isHeard(decisions)) this.#refusal(error, 0);
  }

  /** A request had no credentials, and needs none. */
  anonymous(): void {
    if (this.#isHeard(decisions)) this.#publish(decisions, new Decision('anonymous', 0));
  }

  /** The authentication in use found another user than this. */
  mismatch(identity: TokenFacts): void {
    if (this.#isHeard(decisions)) this.#publish(decisions, new Decision('mismatch', 0, identity));
  }

  /** The keys of a pool were fetched, or could not be. */
  keys(fetch: Omit<KeysEvent, 'type'>): void {
    if (this.#isHeard(keys)) this.#publish(keys, { type: 'keys', ...fetch });
  }

  /** Asks a resolver, answers what it answers, and publishes what became of the question. */
  asking(userPoolId: string, ask: () => unknown): unknown {
    if (!this.#isHeard(resolver)) return ask();
    const startedAt = this.#passed();
    const publish = (outcome: ResolverEvent['outcome']) =>
      this.#publish(resolver, { type: 'resolver', userPoolId, outcome, durationMs: this.#since(startedAt) });
    const answered = (answer: unknown) => {
      publish(answer === undefined || answer === null ? 'missing' : 'found');
      return answer;
    };
    const failed = (error: unknown) => {
      publish('failed');
      throw error;
    };
    let answer: unknown;
    try {
      answer = ask();
    } catch (error) {
      return failed(error);
    }
    return isThenable(answer) ? answer.then(answered, failed) : answered(answer);
  }

  #refusal(error: CutoverError, durationMs: number): void {
    // Without effect on an error that is frozen.
    Reflect.defineProperty(error, ANNOUNCED, { value: true });
    this.#publish(decisions, new Decision('rejected', durationMs, error, { code: error.code }));
  }

  #since(startedAt: number): number {
    return Math.max(0, this.#passed() - startedAt);
  }

  #isHeard(by: Channel): boolean {
    return this.#onEvent !== undefined || by.hasSubscribers;
  }

  #publish(to: Channel, event: CutoverEvent): void {
    publishTo(to, event);
    tell(this.#onEvent, event);
  }
}

const ANNOUNCER = Symbol.for('cognito-cutover.announcer');

/** Lets entry points publish through a verifier, so that what they decide reaches its `onEvent` too. */
export function lendAnnouncer(verifier: object, announcer: Announcer): void {
  // Not enumerable: a verifier that is passed in place of options must not look as if it had any.
  Object.defineProperty(verifier, ANNOUNCER, { value: announcer });
}

/** The announcer of a verifier of this package, of either build. For one of the application's own: to the channels alone. */
export function announcerOf(verifier: object): Announcer {
  const lent: Announcer | undefined = Object.getOwnPropertyDescriptor(verifier, ANNOUNCER)?.value;
  return lent ?? new Announcer(undefined, () => 0);
}
