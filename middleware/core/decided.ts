import type { CutoverError } from '../../src/errors.js';
import { CutoverHttpError, refusalHeaders } from '../../src/http/challenge.js';
import type { CutoverIdentity } from '../../src/verify/types.js';
import type { Host, ResponseHeaders } from './host.js';

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

export type AnyHost = Host<object, unknown>;

/** What the guards after a `cutoverAuth` need to know of it. */
export interface Supervision {
  readonly host: AnyHost;
  readonly realm: string;
  /** Where the identity is put. */
  readonly property: string;
  report(decision: CutoverDecision, req: object): void;
  /** Why a request is anonymous. */
  missing(req: object): CutoverError;
}

/** An observing `cutoverAuth` that a request passed. */
export interface Observation {
  readonly by: Supervision;
  /** The identity that it would have accepted; `undefined` for an anonymous request, and later for a token that is refused. */
  readonly found: CutoverIdentity | undefined | PromiseLike<CutoverIdentity | undefined>;
}

/** What the `cutoverAuth`s in front have decided about one request. */
export interface Decided {
  /** The last one that enforces. It stays once it is set: no observing one after it can loosen what it decided. */
  readonly enforcing: Supervision | undefined;
  /** The user it accepted. */
  readonly identity: CutoverIdentity | undefined;
  /**
   * Request and response of one that accepted nobody. Not of one that accepted: values of a WeakMap that lead to their key cost the
   * garbage collector more than the whole decision.
   */
  readonly req: object | undefined;
  readonly res: unknown;
  /** Why it accepted nobody: the refusal, or what the verifier or `getToken` threw. `undefined` where the request is anonymous. */
  readonly refused: object | undefined;
  readonly observations: readonly Observation[];
  /** What was decided before, by one whose identity may be on another property. */
  readonly earlier: Decided | undefined;
  /** What the response was given because the request was refused. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

const KEY = Symbol.for('cognito-cutover.decided/4');
const NONE: readonly Observation[] = Object.freeze([]);
const UNDECIDED: Decided = Object.freeze({
  enforcing: undefined,
  identity: undefined,
  req: undefined,
  res: undefined,
  refused: undefined,
  observations: NONE,
  earlier: undefined,
  headers: undefined,
});

/**
 * What was decided, by request. Guards trust nothing else, because any middleware can write `req.auth`. The map is a
 * property of the global object: the ESM and the CommonJS build of this package may both be loaded, one with the
 * `cutoverAuth` and the other with the guard.
 */
const decisions = sharedByBuilds(globalThis as Holder);

interface Holder {
  [KEY]?: WeakMap<object, Decided>;
}

function sharedByBuilds(holder: Holder): WeakMap<object, Decided> {
  holder[KEY] ??= new WeakMap();
  return holder[KEY];
}

/** @param key of the request, as its host has it */
export function decidedAbout(key: object): Decided | undefined {
  return decisions.get(key);
}

/** Records whom an enforcing `cutoverAuth` accepted, and takes the headers of an earlier refusal off the response. */
export function accept(enforcing: Supervision, req: object, res: unknown, identity: CutoverIdentity): void {
  const key = enforcing.host.keyOf(req);
  const before = decisions.get(key);
  if (before?.headers !== undefined) takeBack(enforcing.host.headersOf(res), before.headers);
  const observations = before === undefined ? NONE : before.observations;
  // The request of a socket may be judged again with every message: what the same place had before is over.
  const isSamePlace = before?.enforcing?.property === enforcing.property && before.enforcing.host === enforcing.host;
  const earlier = isSamePlace ? before.earlier : before;
  decisions.set(key, {
    enforcing,
    identity,
    req: undefined,
    res: undefined,
    refused: undefined,
    observations,
    earlier,
    headers: undefined,
  });
}

/**
 * Records that an enforcing `cutoverAuth` accepted nobody, and why if it refused the request. Who was accepted before is removed
 * from the request.
 */
export function acceptNobody(enforcing: Supervision, req: object, res: unknown, refused?: object): void {
  const key = enforcing.host.keyOf(req);
  const before = decisions.get(key);
  const { observations, headers } = before ?? UNDECIDED;
  decisions.set(key, { ...UNDECIDED, enforcing, req, res, refused, observations, headers });
  withdraw(before, enforcing.host, req);
}

/**
 * Why there is no user where one is needed. Where an error handler has let a refused request through it is that refusal, or the fault
 * that ended the decision: neither an outage nor a fault must become a 401 afterwards, which would sign people out.
 */
export function whyNobody({ refused, req }: Decided, { missing }: Supervision): object {
  return refused ?? missing(req ?? {});
}

/**
 * Removes the identities from a request that a `cutoverAuth` put there, because another one after it has refused the request
 * or found no user. A handler that runs all the same must not see them.
 */
function withdraw(last: Decided | undefined, host: AnyHost, req: object): void {
  const remove = (by: Supervision, identity: unknown) => {
    try {
      const theirs = requestOf(by, host, req);
      const isThere = theirs !== undefined && identity !== undefined && by.host.get(theirs, by.property) === identity;
      if (isThere) by.host.remove(theirs, by.property);
    } catch {
      // The application has replaced the place, by a getter that throws or by `ctx.state = null`: the identity is not there.
    }
  };
  for (let one = last; one !== undefined; one = one.earlier) {
    if (one.enforcing !== undefined) remove(one.enforcing, one.identity);
    for (const { by, found } of one.observations) remove(by, found);
  }
}

/** A request of `host`, as the framework of another `cutoverAuth` has it. */
export function requestOf(by: Supervision, host: AnyHost, req: object): object | undefined {
  return by.host === host ? req : by.host.ofKey(host.keyOf(req));
}

/** Records that an observing `cutoverAuth` ran, and what it found unless it refused or skipped the request. */
export function observe(key: object, observation?: Observation): void {
  const decided = decisions.get(key) ?? UNDECIDED;
  const { observations } = decided;
  const all = observation === undefined ? observations : [...observations, observation];
  decisions.set(key, { ...decided, observations: all });
}

/**
 * A refusal with the status and headers of its answer. The headers are put on the response already: an error handler of the
 * application, or of a framework around this one, may not know that errors carry headers.
 */
export function refusalOf(
  error: CutoverError,
  { realm }: Supervision,
  key: object,
  response: ResponseHeaders | undefined,
  scope?: string,
): CutoverHttpError {
  const headers = refusalHeaders(error, realm, scope);
  if (response !== undefined) {
    const decided = decisions.get(key) ?? UNDECIDED;
    if (decided.headers !== undefined) takeBack(response, decided.headers);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    decisions.set(key, { ...decided, headers });
  }
  return new CutoverHttpError(error, headers);
}

function takeBack(response: ResponseHeaders | undefined, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (response?.getHeader(name) === value) response.removeHeader(name);
  }
}
