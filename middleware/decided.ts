import type { OutgoingMessage } from 'node:http';
import type { Request } from 'express';
import type { CutoverError } from '../src/errors.js';
import { CutoverHttpError, refusalHeaders } from '../src/http/challenge.js';
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
  /** The property of the request that gets the identity. */
  readonly property: string;
  /** Why a request is anonymous. */
  readonly missing: (req: Request) => CutoverError;
}

/** An observing `cutoverAuth` that a request passed. */
export interface Observation {
  readonly report: Report;
  readonly property: string;
  /** The identity that it would have accepted; `undefined` for an anonymous request, and later for a token that is refused. */
  readonly found: CutoverIdentity | undefined | PromiseLike<CutoverIdentity | undefined>;
}

/** What the `cutoverAuth`s in front have decided about one request. */
export interface Decided {
  /** Of the last one that enforces. It stays once it is set: no observing one after it can loosen what it decided. */
  readonly enforcing: Supervision | undefined;
  /** The user it accepted. */
  readonly identity: CutoverIdentity | undefined;
  /** Why it accepted nobody; `undefined` where the request is anonymous. */
  readonly refused: CutoverError | undefined;
  readonly observations: readonly Observation[];
  /** What was decided before, by one whose identity may be on another property. */
  readonly earlier: Decided | undefined;
  /** What the response was given because the request was refused. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

const KEY = Symbol.for('cognito-cutover.decided/2');
const NONE: readonly Observation[] = Object.freeze([]);
const UNDECIDED: Decided = Object.freeze({
  enforcing: undefined,
  identity: undefined,
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
  [KEY]?: WeakMap<Request, Decided>;
}

function sharedByBuilds(holder: Holder): WeakMap<Request, Decided> {
  holder[KEY] ??= new WeakMap();
  return holder[KEY];
}

export function decidedAbout(req: Request): Decided | undefined {
  return decisions.get(req);
}

/** Records whom an enforcing `cutoverAuth` accepted, and takes the headers of an earlier refusal off the response. */
export function accept(req: Request, res: OutgoingMessage, enforcing: Supervision, identity: CutoverIdentity): void {
  const earlier = decisions.get(req);
  if (earlier?.headers !== undefined) takeBack(res, earlier.headers);
  const observations = earlier === undefined ? NONE : earlier.observations;
  // The request of a socket may be judged again with every message: what the same property had before is over.
  const others = earlier?.enforcing?.property === enforcing.property ? earlier.earlier : earlier;
  decisions.set(req, { enforcing, identity, refused: undefined, observations, earlier: others, headers: undefined });
}

/**
 * Records that an enforcing `cutoverAuth` accepted nobody, and why if it refused the request. Who was accepted before is removed
 * from the request.
 */
export function acceptNobody(req: Request, enforcing: Supervision, refused?: CutoverError): void {
  withdraw(req);
  const { observations, headers } = decisions.get(req) ?? UNDECIDED;
  decisions.set(req, { ...UNDECIDED, enforcing, refused, observations, headers });
}

/**
 * Why there is no user where one is needed. Where an error handler has let a refused request through it is that refusal: an outage
 * must not become a 401 afterwards, which would sign people out.
 */
export function whyNobody({ refused }: Decided, { missing }: Supervision, req: Request): CutoverError {
  return refused ?? missing(req);
}

/**
 * Removes the identities from a request that a `cutoverAuth` put there, because another one after it has refused the request
 * or found no user. A handler that runs all the same must not see them.
 */
function withdraw(req: Request): void {
  const remove = (property: string, identity: unknown) => {
    if (identity !== undefined && Reflect.get(req, property) === identity) Reflect.deleteProperty(req, property);
  };
  for (let one = decisions.get(req); one !== undefined; one = one.earlier) {
    if (one.enforcing !== undefined) remove(one.enforcing.property, one.identity);
    for (const { property, found } of one.observations) remove(property, found);
  }
}

/** Records that an observing `cutoverAuth` ran, and what it found unless it refused or skipped the request. */
export function observe(req: Request, observation?: Observation): void {
  const decided = decisions.get(req) ?? UNDECIDED;
  const { observations } = decided;
  const all = observation === undefined ? observations : [...observations, observation];
  decisions.set(req, { ...decided, observations: all });
}

/**
 * A refusal as Express's error handling expects it. Its headers are put on the response already: an error handler of the
 * application, or of a framework around Express, may not know that errors carry headers.
 */
export function refusalOf(
  error: CutoverError,
  { realm }: Supervision,
  req: Request,
  res: OutgoingMessage | undefined,
  scope?: string,
): CutoverHttpError {
  const headers = refusalHeaders(error, realm, scope);
  if (takesHeaders(res)) {
    const decided = decisions.get(req) ?? UNDECIDED;
    if (decided.headers !== undefined) takeBack(res, decided.headers);
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    decisions.set(req, { ...decided, headers });
  }
  return new CutoverHttpError(error, headers);
}

/** `io.use` of Socket.IO is often given a middleware of Express with `{}` in place of a response. */
export function takesHeaders(res: OutgoingMessage | undefined): res is OutgoingMessage {
  return typeof res?.setHeader === 'function' && !res.headersSent;
}

function takeBack(res: OutgoingMessage, headers: Readonly<Record<string, string>>): void {
  if (!takesHeaders(res)) return;
  for (const [name, value] of Object.entries(headers)) if (res.getHeader(name) === value) res.removeHeader(name);
}
