import { createParamDecorator } from '@nestjs/common';
import type { Request } from 'express';
import { ConfigurationError } from '../src/errors.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { authOf } from './core/auth-of.js';
import { guardsOf, judgeByRule } from './core/guard-rules.js';
import { type AuthOptions, createDecider } from './core.js';
import { activate, answering } from './nest/activate.js';
import * as host from './nest/nest-host.js';
import { refuseUncalled } from './nest/refuse-uncalled.js';

export { bearerToken, type RequestHeaders } from '../src/http/bearer.js';
export { refusalHeaders } from '../src/http/challenge.js';
export type { CutoverDecision } from './core/decided.js';
export type { CutoverCanActivate, CutoverContext } from './nest/nest-host.js';
/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the options of the guard itself. */
export type CutoverAuthOptions = AuthOptions<Request>;

/**
 * A guard that accepts tokens of both pools, and puts the identity on `req.auth`; handlers get it with `@Auth()`. To be extended
 * where Nest creates the guard, for example because its options come from a provider; otherwise {@link cutoverGuard} does.
 *
 * A refused request ends in the exception of Nest for its status (`UnauthorizedException`, `ForbiddenException`, …), whose `cause`
 * is the {@link CutoverError}. The response has its `WWW-Authenticate` or `Retry-After` already.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export class CutoverGuard implements host.CutoverCanActivate {
  readonly #decide: host.DecideInNest;

  constructor(options: CutoverAuthOptions) {
    if (options !== undefined) this.#decide = createDecider(host.NEST, options as never);
    else throw new ConfigurationError('CutoverGuard', 'was created without options. Pass cutoverGuard({…})');
  }

  canActivate(context: host.CutoverContext): Promise<boolean> {
    return activate(this.#decide, context);
  }
}

/** A {@link CutoverGuard} with the options of `cutoverAuth`: `app.useGlobalGuards(cutoverGuard({…}))`. */
export const cutoverGuard = (options: CutoverAuthOptions): CutoverGuard => new CutoverGuard(options);

const guards = guardsOf<host.CutoverCanActivate>(
  (rule) => ({ canActivate: (context) => activate((req, res) => judgeByRule(rule, host.NEST, req, res), context) }),
  (call) => `@UseGuards(${call})`,
);
/** Lets a request through when its token has every one of these scopes. Use it after {@link cutoverGuard}. */
export const requireScope = guards.requireScope;
/** As {@link requireScope}, for a token that has at least one of them. */
export const requireAnyScope = guards.requireAnyScope;
/** Lets a request through when its user is in every one of these groups of the pool that signed the token. */
export const requireGroup = guards.requireGroup;
/** As {@link requireGroup}, for a user who is in at least one of them. */
export const requireAnyGroup = guards.requireAnyGroup;
/** Lets a request through when its token is a user's, not a machine's (client credentials). */
export const requireUser = guards.requireUser;

/**
 * The identity that the guard, or a `cutoverAuth`, has accepted for a request of Express or Fastify.
 *
 * @throws `UnauthorizedException` for a request that was let through without credentials; an `Error` where neither ran before
 */
export const getAuth = (request: object): CutoverIdentity => answering(() => authOf(host.nodeRequestOf(request)));

/** A parameter of a handler, {@link getAuth} of its request: `list(@Auth() auth: CutoverIdentity)`. */
export const Auth: () => ParameterDecorator = createParamDecorator((_data: unknown, context: host.CutoverContext) =>
  getAuth(host.exchangeOf(context).req),
);

refuseUncalled({ CutoverGuard, cutoverGuard, ...guards });
