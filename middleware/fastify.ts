import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isThenable } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { authOf } from './core/auth-of.js';
import { guardsOf, judgeByRule } from './core/guard-rules.js';
import { CONTINUE, type Decide, Refusal, type Verdict } from './core/host.js';
import { outward, outwardly } from './core/outward.js';
import { checkCalled, uncalled } from './core/uncalled.js';
import { type AuthOptions, createDecider } from './core.js';
import { FASTIFY } from './fastify/fastify-host.js';

export { bearerToken, type RequestHeaders } from '../src/http/bearer.js';
export { type CutoverHttpError, refusalHeaders } from '../src/http/challenge.js';
export type { CutoverDecision } from './core/decided.js';
export type { LegacyTokenHeaders } from './core/legacy-token-headers.js';

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the options of the hook itself. */
export type CutoverAuthOptions = AuthOptions<FastifyRequest>;
/** A hook for `onRequest`, `preValidation` or `preHandler`; of servers with HTTP/2 too. */
export type CutoverHook = (request: Raw, reply: Raw, done: Done) => void;
/** A hook, and at the same time the plugin that adds it as `onRequest`. */
export type CutoverPlugin = CutoverHook & ((instance: FastifyInstance, options: object, done: Done) => void);
/** A request, or a reply: what leads to Node's own. */
type Raw = { readonly raw: object };
type Done = (error?: Error) => void;

/** As with `fastify-plugin`, the hook is added to the instance that the plugin is registered in, and not to a child of it. */
const AS_PLUGIN = { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'cognito-cutover' };

/**
 * Puts the identity of the request's token on `request.auth`. Register it before the plugins with your routes,
 * `app.register(cutoverAuth({…}))`, or use it as a hook of an instance or a route, `{ onRequest: cutoverAuth({…}) }`.
 *
 * A refused request ends in a {@link CutoverHttpError} for Fastify's error handler, or yours. Its headers are on the reply
 * already. With status 503 its `message` is general, because Fastify sends it: the details are in its `cause`.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function cutoverAuth(options: CutoverAuthOptions): CutoverPlugin;
export function cutoverAuth(options: CutoverAuthOptions, ...more: readonly unknown[]): CutoverPlugin {
  const [call, done] = ['app.register(cutoverAuth({…}))', more[1]];
  // Registered without being called. What a plugin throws ends the process, before app.ready() could say why.
  if (typeof done === 'function' && 'addHook' in options) return done(uncalled('cutoverAuth', call));
  checkCalled('cutoverAuth', call, [options, ...more]);
  const hook = hookOf(createDecider(FASTIFY, options));
  const either = (first: FastifyInstance | Raw, second: object, done: Done) => {
    if ('addHook' in first) done(void first.addHook('onRequest', hook));
    else hook(first, second as Raw, done);
  };
  return Object.assign(either, AS_PLUGIN);
}

function hookOf(decide: Decide<FastifyRequest, FastifyReply>): CutoverHook {
  return (request, reply, done) => {
    const verdict = decide(request as FastifyRequest, reply as FastifyReply);
    if (isThenable(verdict)) void verdict.then((decided) => proceed(decided, done), done);
    else proceed(verdict, done);
  };
}

function proceed(verdict: Verdict, done: Done): void {
  if (verdict === CONTINUE) done();
  else if (verdict instanceof Refusal) done(outward(verdict.error) as Error);
}

const guards = guardsOf<CutoverHook>(
  (rule) => hookOf((request, reply) => judgeByRule(rule, FASTIFY, request, reply)),
  (call) => `app.get('/…', { onRequest: ${call} }, …)`,
);
/** Hooks for routes behind `cutoverAuth`: each lets a request through when its token, or its user, has what is required. */
export const { requireScope, requireAnyScope, requireGroup, requireAnyGroup, requireUser } = guards;

/**
 * The identity that the `cutoverAuth` in front of this route has accepted, whatever is on `request.auth`.
 *
 * @throws {@link CutoverHttpError} 401 for a request without credentials; an `Error` where no `cutoverAuth` ran before
 */
export function getAuth(request: Raw): CutoverIdentity {
  return outwardly(() => authOf(request.raw));
}
