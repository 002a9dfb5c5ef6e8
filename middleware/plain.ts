import type { IncomingMessage, OutgoingMessage } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { asError } from '../src/http/challenge.js';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { authOf } from './core/auth-of.js';
import { type Guards, guardsOf, judgeByRule } from './core/guard-rules.js';
import { asProperty, CONTINUE, type Decide, type Host, nodeResponse, Refusal, type Verdict } from './core/host.js';
import { checkCalled } from './core/uncalled.js';
import { type AuthOptions, createDecider } from './core.js';

export { bearerToken, type RequestHeaders } from '../src/http/bearer.js';
export { type CutoverHttpError, refusalHeaders } from '../src/http/challenge.js';
export type { CutoverDecision } from './core/decided.js';
export type { LegacyTokenHeaders } from './core/legacy-token-headers.js';
export { type ReadinessRoute, type ReadinessRouteOptions, readiness } from './readiness-route.js';

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the options of the middleware itself. */
export type CutoverAuthOptions = AuthOptions<Request>;

const NODE = { keyOf: (req: Request) => req, ofKey: (key: object) => key as Request, bearerOf: (req: Request) => req };
const EXPRESS: Host<Request, OutgoingMessage> = { ...NODE, ...asProperty, ...nodeResponse };

/**
 * Express middleware that puts the identity of the request's token on `req.auth`.
 *
 * A refused request ends in `next(error)` with a {@link CutoverHttpError}, which Express's own error handler answers with the
 * right status and headers. The headers are on the response already, for error handlers that do not know of them.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 * @see RFC 6750 section 3
 */
export function cutoverAuth(options: CutoverAuthOptions): RequestHandler;
export function cutoverAuth(options: CutoverAuthOptions, ...more: readonly unknown[]): RequestHandler {
  checkCalled('cutoverAuth', 'app.use(cutoverAuth({…}))', [options, ...more]);
  return handlerOf(createDecider(EXPRESS, options));
}

function handlerOf(decide: Decide<Request, Response>): RequestHandler {
  return (req, res, next) => {
    const verdict = decide(req, res);
    if (!isThenable(verdict)) return proceed(verdict, next);
    // Express catches what the handlers after next() throw. Nothing here may end the process.
    verdict
      .then((decided) => proceed(decided, next))
      .catch((reason: unknown) => next(asError(reason)))
      .catch(() => {});
  };
}

function proceed(verdict: Verdict, next: NextFunction): void {
  if (verdict === CONTINUE) next();
  else if (verdict instanceof Refusal) next(verdict.error);
}

const guards = guardsOf<RequestHandler>(
  (rule) => handlerOf((req, res) => judgeByRule(rule, EXPRESS, req, res)),
  (call) => `app.get('/…', ${call}, …)`,
);
/** Lets a request through when its token has every one of these scopes; an ID token has none. Mount it after `cutoverAuth`. */
export const requireScope: Guards<RequestHandler>['requireScope'] = guards.requireScope;
/** As {@link requireScope}, for a token that has at least one of them. */
export const requireAnyScope: Guards<RequestHandler>['requireAnyScope'] = guards.requireAnyScope;
/** Lets a request through when its user is in every one of these groups of the pool that signed the token. */
export const requireGroup: Guards<RequestHandler>['requireGroup'] = guards.requireGroup;
/** As {@link requireGroup}, for a user who is in at least one of them. */
export const requireAnyGroup: Guards<RequestHandler>['requireAnyGroup'] = guards.requireAnyGroup;
/** Lets a request through when its token is a user's, not a machine's (client credentials). */
export const requireUser: Guards<RequestHandler>['requireUser'] = guards.requireUser;

/**
 * The identity that the `cutoverAuth` in front of this route has accepted. Unlike `req.auth`, it is never absent, and no other
 * middleware can have written it. In `observe` mode it is the identity that the first observing `cutoverAuth` found at once.
 *
 * @throws {@link CutoverHttpError} 401 for a request without credentials, or the refusal that an error handler has let through
 */
export function getAuth(req: IncomingMessage): CutoverIdentity {
  return authOf(req);
}
