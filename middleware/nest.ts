import { type OutgoingMessage, STATUS_CODES } from 'node:http';
import {
  BadRequestException,
  createParamDecorator,
  ForbiddenException,
  HttpException,
  ServiceUnavailableException,
  UnauthorizedException,
} from '@nestjs/common';
import type { Request, RequestHandler, Response } from 'express';
import { ConfigurationError, sentenceOf } from '../src/errors.js';
import { CutoverHttpError } from '../src/http/challenge.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { authHandler, type CutoverAuthOptions } from './cutover-auth.js';
import { authOf } from './get-auth.js';
import * as guards from './guards.js';
import { uncalled } from './uncalled.js';

export { bearerToken, type RequestHeaders } from '../src/http/bearer.js';
export { refusalHeaders } from '../src/http/challenge.js';
export type { CutoverDecision } from './decided.js';
export type { CutoverAuthOptions };

/** What is needed of Nest's `ExecutionContext`. */
export interface CutoverContext {
  getType(): string;
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown };
}

/** A guard of Nest: for `@UseGuards()`, `app.useGlobalGuards()` and `APP_GUARD`. */
export interface CutoverCanActivate {
  canActivate(context: CutoverContext): Promise<boolean>;
}

/**
 * A guard that accepts tokens of both pools, and puts the identity on `req.auth`; handlers get it with `@Auth()`. To be extended
 * where Nest creates the guard, for example because its options come from a provider; otherwise {@link cutoverGuard} does.
 *
 * A refused request ends in the exception of Nest for its status (`UnauthorizedException`, `ForbiddenException`,
 * `BadRequestException`, `ServiceUnavailableException`), whose `cause` is the {@link CutoverError}. The response has its
 * `WWW-Authenticate` or `Retry-After` already.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export class CutoverGuard implements CutoverCanActivate {
  readonly #handler: RequestHandler;

  constructor(options: CutoverAuthOptions) {
    if (options === undefined) {
      throw new ConfigurationError('CutoverGuard', 'was created without options. Pass cutoverGuard({…})');
    }
    this.#handler = authHandler(options, (req) => inFastify.get(req)?.request ?? req);
  }

  canActivate(context: CutoverContext): Promise<boolean> {
    return activate(this.#handler, context);
  }
}

/**
 * A {@link CutoverGuard} with these options, which are those of `cutoverAuth`.
 *
 * @example
 * app.useGlobalGuards(cutoverGuard({ legacyPool, newPool, tokenUse: 'access' }));
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function cutoverGuard(options: CutoverAuthOptions): CutoverGuard {
  return new CutoverGuard(options);
}

/** Lets a request through when its token has every one of `scopes`. Use it after {@link cutoverGuard}. */
export function requireScope(...scopes: readonly string[]): CutoverCanActivate {
  return guardOf(guards.requireScope(...scopes));
}

/** As {@link requireScope}, for a token that has at least one of `scopes`. */
export function requireAnyScope(...scopes: readonly string[]): CutoverCanActivate {
  return guardOf(guards.requireAnyScope(...scopes));
}

/** Lets a request through when its user is in every one of `groups` of the pool that signed the token. */
export function requireGroup(...groups: readonly string[]): CutoverCanActivate {
  return guardOf(guards.requireGroup(...groups));
}

/** As {@link requireGroup}, for a user who is in at least one of `groups`. */
export function requireAnyGroup(...groups: readonly string[]): CutoverCanActivate {
  return guardOf(guards.requireAnyGroup(...groups));
}

/** Lets a request through when its token is a user's, not a machine's (client credentials). */
export function requireUser(): CutoverCanActivate {
  return guardOf(guards.requireUser());
}

/**
 * The identity that the guard, or a `cutoverAuth`, has accepted for a request of Express or Fastify.
 *
 * @throws `UnauthorizedException` for a request that was let through without credentials; an `Error` where neither ran before
 */
export function getAuth(request: object): CutoverIdentity {
  const req = nodeRequestOf(request);
  try {
    return authOf(req, inFastify.get(req)?.res ?? req.res);
  } catch (error) {
    throw exceptionOf(error);
  }
}

/**
 * A parameter of a handler: {@link getAuth} of its request.
 *
 * @example
 * @Get('orders')
 * list(@Auth() auth: CutoverIdentity) { return this.orders.of(auth.userId); }
 */
export const Auth: () => ParameterDecorator = createParamDecorator((_data: unknown, context: CutoverContext) =>
  getAuth(httpOf(context).req),
);

/** By Node's request, what Fastify made of it. Decisions are kept by Node's, which middleware gets under Fastify too. */
const inFastify = new WeakMap<object, { readonly request: Request; readonly res: OutgoingMessage }>();

/**
 * An application on Express may keep something else in `raw`, such as the bytes of a body: as the key of a decision, an object that
 * requests share would give one the user of another.
 */
function nodeRequestOf(request: object): Request {
  const { raw } = request as { readonly raw?: { readonly rawHeaders?: unknown } | null };
  return (Array.isArray(raw?.rawHeaders) ? raw : request) as Request;
}

function httpOf(context: CutoverContext): { req: Request; res: Response } {
  const type = context.getType();
  if (type !== 'http') {
    throw new Error(
      `cognito-cutover: this guard judges HTTP requests, and this is "${type}". Verify its token with verifier.verify() in a guard of your own`,
    );
  }
  const http = context.switchToHttp();
  const request = http.getRequest() as Request;
  const req = nodeRequestOf(request);
  if (req === request) return { req, res: http.getResponse() as Response };
  const { raw } = http.getResponse() as { readonly raw: Response };
  inFastify.set(req, { request, res: raw });
  return { req, res: raw };
}

function guardOf(handler: RequestHandler): CutoverCanActivate {
  return { canActivate: (context) => activate(handler, context) };
}

/** Runs a handler of Express as a guard. */
async function activate(handler: RequestHandler, context: CutoverContext): Promise<boolean> {
  const { req, res } = httpOf(context);
  await new Promise<void>((resolve, reject) => {
    handler(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(exceptionOf(error))));
  });
  return true;
}

const EXCEPTIONS = new Map([
  [400, BadRequestException],
  [401, UnauthorizedException],
  [403, ForbiddenException],
  [503, ServiceUnavailableException],
]);

/** A refusal as Nest's own exception: filters look for these, and Nest does not log them as faults. */
function exceptionOf(error: unknown): unknown {
  if (!(error instanceof CutoverHttpError)) return error;
  const { status, code, expose } = error;
  const message = expose ? error.message : sentenceOf(code);
  const body = { message, error: STATUS_CODES[status], statusCode: status, errorCode: code };
  const options = { cause: error, errorCode: code };
  const Exception = EXCEPTIONS.get(status);
  return Exception === undefined ? new HttpException(body, status, options) : new Exception(body, options);
}

// Among global guards, Nest skips functions without a word. Passed by mistake, these refuse every request instead.
const CALLS = new Map<{ readonly name: string }, string>([
  [CutoverGuard, 'new CutoverGuard({…})'],
  [cutoverGuard, 'cutoverGuard({…})'],
  [requireScope, "requireScope('…')"],
  [requireAnyScope, "requireAnyScope('…')"],
  [requireGroup, "requireGroup('…')"],
  [requireAnyGroup, "requireAnyGroup('…')"],
  [requireUser, 'requireUser()'],
]);
for (const [given, call] of CALLS) {
  const refuse = () => {
    throw uncalled(given.name, call);
  };
  Object.defineProperty(given, 'canActivate', {
    // A class that extends CutoverGuard is Nest's to create.
    get(this: unknown) {
      return this === given ? refuse : undefined;
    },
  });
}
