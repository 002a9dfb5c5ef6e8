import type { Context, MiddlewareHandler, Next } from 'hono';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { authOf } from './core/auth-of.js';
import { guardsOf, judgeByRule } from './core/guard-rules.js';
import { CONTINUE, type Decide, Refusal, type Verdict } from './core/host.js';
import { checkCalled } from './core/uncalled.js';
import { type AuthOptions, createDecider } from './core.js';
import { answerable, HONO } from './hono/hono-host.js';

export { bearerToken, type RequestHeaders } from '../src/http/bearer.js';
export { type CutoverHttpError, refusalHeaders } from '../src/http/challenge.js';
export type { CutoverDecision } from './core/decided.js';
export type { LegacyTokenHeaders } from './core/legacy-token-headers.js';

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the options of the middleware itself. */
export type CutoverAuthOptions = AuthOptions<Context>;
/** For `new Hono<{ Variables: CutoverVariables }>()`: the type of `c.get('auth')`, which is absent on requests without credentials. */
export interface CutoverVariables {
  auth?: CutoverIdentity;
}
/** A middleware of Hono. */
export type CutoverMiddleware = MiddlewareHandler<{ Variables: CutoverVariables }>;

/**
 * Hono middleware that puts the identity of the request's token in the context, for `c.get('auth')`.
 *
 * A refused request ends in a {@link CutoverHttpError}, which is thrown and which Hono answers with the right status and headers.
 * An `app.onError` of yours gets it, with the headers in the context already; `error.getResponse()` is Hono's answer.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function cutoverAuth(options: CutoverAuthOptions): CutoverMiddleware;
export function cutoverAuth(options: CutoverAuthOptions, ...more: readonly unknown[]): CutoverMiddleware {
  checkCalled('cutoverAuth', 'app.use(cutoverAuth({…}))', [options, ...more]);
  return middlewareOf(createDecider(HONO, options));
}

function middlewareOf(decide: Decide<Context, Context>): CutoverMiddleware {
  return (c, next) => {
    const verdict = decide(c, c);
    return isThenable(verdict) ? verdict.then((decided) => proceed(decided, next)) : proceed(verdict, next);
  };
}

function proceed(verdict: Verdict, next: Next): Promise<void> {
  if (verdict instanceof Refusal) return Promise.reject(answerable(verdict.error));
  return verdict === CONTINUE ? next() : Promise.resolve();
}

const guards = guardsOf<CutoverMiddleware>(
  (rule) => middlewareOf((c) => judgeByRule(rule, HONO, c, c)),
  (call) => `app.get('/…', ${call}, …)`,
);
/** Middleware behind `cutoverAuth`: each lets a request through when its token, or its user, has what is required. */
export const { requireScope, requireAnyScope, requireGroup, requireAnyGroup, requireUser } = guards;

/**
 * The identity that the `cutoverAuth` in front of this route has accepted, whatever is in the context.
 *
 * @throws {@link CutoverHttpError} 401 for a request without credentials; an `Error` where no `cutoverAuth` ran before
 */
export function getAuth(c: Context): CutoverIdentity {
  try {
    return authOf(c);
  } catch (error) {
    throw answerable(error);
  }
}
