import { type Channel, channel } from 'node:diagnostics_channel';
import { CutoverError, type CutoverErrorCode, type PoolSide } from '../errors.js';
import { isThenable, tell } from '../thenable.js';
import {
  CHANNELS,
  type CutoverEvent,
  type DecisionEvent,
  type EventListener,
  type KeysEvent,
  type ResolverEvent,
  SUB,
} from './events.js';
import { publishTo } from './publish-to.js';

/** Whose token it is: an identity, or the error that refuses it. */
type TokenFacts = Pick<
  DecisionEvent,
  'pool' | 'userPoolId' | 'clientId' | 'tokenUse' | 'kind' | 'userIdSource' | 'issuedAt' | 'expiresAt'
> & { readonly sub?: string };

/** Built from an identity or an error, of which nothing else is kept: listeners may hold on to events. */
class Decision implements DecisionEvent {
  readonly type: DecisionEvent['outcome'];
  readonly outcome: DecisionEvent['outcome'];
  declare readonly mode?: 'observe';
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
  declare readonly [SUB]?: string;
  declare readonly issuedAt?: number;

  constructor(
    outcome: DecisionEvent['outcome'],
    durationMs: number,
    isObserved: boolean,
    token: TokenFacts = {},
    more: { readonly code?: CutoverErrorCode; readonly cached?: boolean } = {},
  ) {
    this.type = outcome;
    this.outcome = outcome;
    if (isObserved) this.mode = 'observe';
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
    // Not enumerable: no log and no copy shows them.
    if (token.sub !== undefined) Object.defineProperty(this, SUB, { value: token.sub });
    if (token.issuedAt !== undefined) Object.defineProperty(this, 'issuedAt', { value: token.issuedAt });
  }
}

// Held for as long as this module is: a channel that nobody holds is collected.
const decisions = channel(CHANNELS.decision);
const keys = channel(CHANNELS.keys);
const resolver = channel(CHANNELS.resolver);

/** On errors whose refusal was published, shared by both builds: a request passes a verifier and then an entry point. */
const ANNOUNCED = Symbol.for('cognito-cutover.announced');

const OBSERVING = Symbol.for('cognito-cutover.observing');

/** Of all verifiers at once, of both builds: the one that is called may be the application's own, around one of ours. */
const observing = sharedByBuilds(globalThis as { [OBSERVING]?: { isOn: boolean } });

function sharedByBuilds(holder: { [OBSERVING]?: { isOn: boolean } }): { isOn: boolean } {
  holder[OBSERVING] ??= { isOn: false };
  return holder[OBSERVING];
}

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

  /** Whether what begins now is a decision that nobody enforces. To be read before anything is awaited. */
  get isObserving(): boolean {
    return observing.isOn;
  }

  /** Calls a verifier for a decision that nobody enforces. */
  observing<T>(verify: () => T): T {
    observing.isOn = true;
    try {
      return verify();
    } finally {
      observing.isOn = false;
    }
  }

  /** A verifier accepted a token. */
  accepted(identity: TokenFacts, cached: boolean, startedAt: number, isObserved = observing.isOn): void {
    if (!this.#isHeard(decisions)) return;
    this.#publish(decisions, new Decision('accepted', this.#since(startedAt), isObserved, identity, { cached }));
  }

  /** A verifier refused a token. An error that is no refusal is not a decision. */
  rejected(error: unknown, startedAt: number, isObserved = observing.isOn): void {
    if (!(error instanceof CutoverError) || !this.#isHeard(decisions)) return;
    this.#refusal(error, this.#since(startedAt), isObserved);
  }

  /** An entry point refused a request. Not published again where a verifier, or an entry point in front, has published it. */
  refused(error: unknown, isObserved = false): void {
    const isNews = error instanceof CutoverError && !(ANNOUNCED in error);
    if (isNews && this.#isHeard(decisions)) this.#refusal(error, 0, isObserved);
  }

  /** A request had no credentials, and needs none. */
  anonymous(isObserved = false): void {
    if (this.#isHeard(decisions)) this.#publish(decisions, new Decision('anonymous', 0, isObserved));
  }

  /** The authentication in use found another user than this, as only observing finds out. */
  mismatch(identity: TokenFacts): void {
    if (this.#isHeard(decisions)) this.#publish(decisions, new Decision('mismatch', 0, true, identity));
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

  #refusal(error: CutoverError, durationMs: number, isObserved: boolean): void {
    // Without effect on an error that is frozen.
    Reflect.defineProperty(error, ANNOUNCED, { value: true });
    this.#publish(decisions, new Decision('rejected', durationMs, isObserved, error, { code: error.code }));
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
  // Not enumerable: nothing that logs or copies a verifier needs it.
  Object.defineProperty(verifier, ANNOUNCER, { value: announcer });
}

/** The announcer of a verifier of this package, of either build. For one of the application's own: to the channels alone. */
export function announcerOf(verifier: object): Announcer {
  const lent: Announcer | undefined = Object.getOwnPropertyDescriptor(verifier, ANNOUNCER)?.value;
  return lent ?? new Announcer(undefined, () => 0);
}
