import type { Context, Middleware, Next } from 'koa';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { authOf } from './core/auth-of.js';
import { guardsOf, judgeByRule } from './core/guard-rules.js';
import * as host from './core/host.js';
import { checkCalled } from './core/uncalled.js';
import { type AuthOptions, createDecider } from './core.js';

export { bearerToken, type RequestHeaders } from '../src/http/bearer.js';
export { type CutoverHttpError, refusalHeaders } from '../src/http/challenge.js';
export type { CutoverDecision } from './core/decided.js';
export type { LegacyTokenHeaders } from './core/legacy-token-headers.js';

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the options of the middleware itself. */
export type CutoverAuthOptions = AuthOptions<Context>;

const { ofKey, link } = host.linkedBy<Context>('koa');
const KOA: host.Host<Context, Context> = {
  ...{ keyOf: ({ req }) => req, ofKey },
  bearerOf: ({ req: { headers, rawHeaders, url }, request }) => ({
    ...{ headers, rawHeaders, url, body: (request as { readonly body?: unknown }).body },
  }),
  get: ({ state }, property) => host.asProperty.get(state, property),
  set(ctx, property, identity) {
    link(ctx.req, ctx);
    host.asProperty.set(ctx.state, property, identity);
  },
  remove: ({ state }, property) => host.asProperty.remove(state, property),
  headersOf: ({ res }) => host.nodeResponse.headersOf(res),
  isAnswered: ({ res }) => host.nodeResponse.isAnswered(res),
};

/**
 * Koa middleware that puts the identity of the request's token on `ctx.state.auth`.
 *
 * A refused request ends in a {@link CutoverHttpError}, which is thrown and which Koa answers with the right status and headers.
 * A middleware in front that catches it finds the headers on the response already.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function cutoverAuth(options: CutoverAuthOptions): Middleware;
export function cutoverAuth(options: CutoverAuthOptions, ...more: readonly unknown[]): Middleware {
  checkCalled('cutoverAuth', 'app.use(cutoverAuth({…}))', [options, ...more]);
  return middlewareOf(createDecider(KOA, options));
}

function middlewareOf(decide: host.Decide<Context, Context>): Middleware {
  return (ctx, next) => {
    const verdict = decide(ctx, ctx);
    return isThenable(verdict) ? verdict.then((decided) => proceed(decided, next)) : proceed(verdict, next);
  };
}

function proceed(verdict: host.Verdict, next: Next): Promise<unknown> | undefined {
  host.throwRefusal(verdict);
  return verdict === host.CONTINUE ? next() : undefined;
}

const guards = guardsOf<Middleware>(
  (rule) => middlewareOf((ctx) => judgeByRule(rule, KOA, ctx, ctx)),
  (call) => `app.use(${call})`,
);
/** Middleware behind `cutoverAuth`: each lets a request through when its token, or its user, has what is required. */
export const { requireScope, requireAnyScope, requireGroup, requireAnyGroup, requireUser } = guards;

/**
 * The identity that the `cutoverAuth` in front has accepted, whatever is on `ctx.state.auth`.
 *
 * @throws {@link CutoverHttpError} 401 for a request without credentials; an `Error` where no `cutoverAuth` ran before
 */
export function getAuth(ctx: Pick<Context, 'req'>): CutoverIdentity {
  return authOf(ctx.req);
}
