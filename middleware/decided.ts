import type { Request } from 'express';
import type { CutoverIdentity } from '../src/verify/types.js';

/** What was decided about a request. */
export type CutoverDecision =
  | { readonly outcome: 'accepted'; readonly identity: CutoverIdentity }
  /** No credentials, and none required. */
  | { readonly outcome: 'anonymous' }
  /** `error` is a {@link CutoverError}, or what `getToken` or `compare` threw. */
  | { readonly outcome: 'refused'; readonly error: unknown }
  /** In observe mode: accepted, but `compare` named another user, `expected`. */
  | { readonly outcome: 'mismatch'; readonly identity: CutoverIdentity; readonly expected: string }
  /** In observe mode: not judged, because the largest number of decisions was under way. */
  | { readonly outcome: 'skipped' };

export type Report = (decision: CutoverDecision, req: Request) => void;

/** What the guards after a `cutoverAuth` need to know of it. */
export interface Supervision {
  readonly realm: string;
  readonly report: Report;
}

/** An observing `cutoverAuth` that a request passed. */
export interface Observation {
  readonly report: Report;
  /** The identity that it would have accepted. */
  readonly found: CutoverIdentity | undefined | PromiseLike<CutoverIdentity | undefined>;
}

/** What the `cutoverAuth`s in front have decided about one request. */
export interface Decided {
  /** Of the last one that enforces. It stays once it is set: no observing one after it can loosen what it decided. */
  readonly enforcing: Supervision | undefined;
  /** The user it accepted. */
  readonly identity: CutoverIdentity | undefined;
  readonly observations: readonly Observation[];
}

const KEY = Symbol.for('cognito-cutover.decided/1');
const NONE: readonly Observation[] = Object.freeze([]);

/**
 * What was decided, by request. Guards trust nothing else, because any middleware can write `req.auth`. The map is a
 * property of the global object: the ESM and the CommonJS build of this package may both be loaded, one with the
 * `cutoverAuth` and the other with the guard.
 */
const decisions = sharedByBuilds(globalThis as Holder);

interface Holder {
  [KEY]?: WeakMap<Request, Decided>;
}

function sharedByBuilds(holder: Holder): WeakMap<Request, Decided> {
  holder[KEY] ??= new WeakMap();
  return holder[KEY];
}

export function decidedAbout(req: Request): Decided | undefined {
  return decisions.get(req);
}

/** Records what an enforcing `cutoverAuth` decided. `identity` is `undefined` where it did not accept the request. */
export function enforce(req: Request, enforcing: Supervision, identity: CutoverIdentity | undefined): void {
  decisions.set(req, { enforcing, identity, observations: decisions.get(req)?.observations ?? NONE });
}

/**
 * Removes an identity from `req.auth` that a `cutoverAuth` put there, because another one after it has refused the request or
 * found no user. A handler that runs all the same must not see it.
 */
export function withdraw(req: Request): void {
  const { identity, observations = NONE } = decisions.get(req) ?? {};
  const isOurs = req.auth === identity || observations.some(({ found }) => found === req.auth);
  if (isOurs) Reflect.deleteProperty(req, 'auth');
}

/** Records that an observing `cutoverAuth` ran, and what it found unless it skipped the request. */
export function observe(req: Request, observation?: Observation): void {
  const { enforcing, identity, observations = NONE } = decisions.get(req) ?? {};
  const all = observation === undefined ? observations : [...observations, observation];
  decisions.set(req, { enforcing, identity, observations: all });
}
