import type { NextFunction, Request, RequestHandler } from 'express';
import { CutoverError } from '../src/errors.js';
import { checkFunction, checkOneOf, isPlainObject, refuse } from '../src/options.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { bearerToken } from './bearer.js';
import { CutoverHttpError, DEFAULT_REALM, isQuotable, isScopeToken, refusalHeaders } from './challenge.js';
import { checkLegacyTokenHeaders, type LegacyTokenHeaders } from './legacy-token-headers.js';
import { type VerifierSource, verifierOf } from './verifier-source.js';

export type { CutoverHttpError, LegacyTokenHeaders };

declare global {
  namespace Express {
    interface Request {
      /**
       * Whose token the request carries, once `cutoverAuth` has accepted it. Absent, whatever the type says, on requests
       * without credentials where `credentialsRequired` is false, and in `observe` mode where the token was not accepted.
       */
      auth: CutoverIdentity;
    }
  }
}

/** What was decided about a request. */
export type CutoverDecision =
  | { readonly outcome: 'accepted'; readonly identity: CutoverIdentity }
  /** No credentials, and none required. */
  | { readonly outcome: 'anonymous' }
  /** `error` is a {@link CutoverError}, or what `getToken` threw. */
  | { readonly outcome: 'refused'; readonly error: unknown };

interface MiddlewareOptions {
  /**
   * `false` lets requests without credentials through, `req.auth` left unset; never one with bad credentials.
   * @defaultValue true
   */
  readonly credentialsRequired?: boolean;
  /**
   * Where the token is. Answers it without waiting; `undefined` and `''` mean that there is none.
   * @defaultValue the `Authorization` header with the scheme `Bearer`; any other scheme counts as no credentials
   */
  readonly getToken?: (req: Request) => string | undefined;
  /** `realm` of the challenges: printable ASCII without `"` and `\`. @defaultValue `'api'` */
  readonly realm?: string;
  /**
   * `'observe'` refuses nothing and leaves the answer untouched, in `requireScope` and `requireGroup` too: a dry run in
   * production. Decisions go to `onDecision`, and to the verifier's `onEvent`. `req.auth` is set for accepted tokens unless
   * another middleware has set it already.
   * @defaultValue `'enforce'`
   */
  readonly mode?: 'enforce' | 'observe';
  /** Headers on answers to requests with a legacy-pool token. Not sent in `observe` mode. Default: none. */
  readonly legacyTokenHeaders?: LegacyTokenHeaders;
  /**
   * Called with every decision, and with every refusal by a `requireScope` or `requireGroup` behind this middleware. What it
   * throws is ignored. Default: none.
   */
  readonly onDecision?: (decision: CutoverDecision, req: Request) => void;
}

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the middleware's own options. */
export type CutoverAuthOptions = MiddlewareOptions & VerifierSource;

/** What the guards behind a `cutoverAuth` need to know of it. */
interface Supervision {
  readonly observe: boolean;
  readonly realm: string;
  readonly report: (decision: CutoverDecision, req: Request) => void;
  /** In observe mode, whose token it is: `req.auth` may be another middleware's. */
  readonly observed?: CutoverIdentity;
}

/** Holds the requests whose `cutoverAuth` is not one of plain defaults: most applications pay nothing for it. */
const supervised = new WeakMap<Request, Supervision>();

/**
 * Express middleware that puts the identity behind the request's token on `req.auth`.
 *
 * A refused request ends in `next(error)` with a {@link CutoverHttpError}, which Express's own error handler answers with the
 * right status and headers.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 * @see RFC 6750 section 3
 */
export function cutoverAuth(options: CutoverAuthOptions): RequestHandler {
  if (!isPlainObject(options)) refuse('options', 'an object', options);
  const { credentialsRequired = true, getToken, realm, mode, legacyTokenHeaders, onDecision, ...source } = options;
  if (typeof credentialsRequired !== 'boolean') refuse('credentialsRequired', 'true or false', credentialsRequired);
  const tokenOf = tokenSource(getToken);
  const supervision = supervisionOf(mode, realm, onDecision);
  const announceLegacy = checkLegacyTokenHeaders(legacyTokenHeaders);
  const verifier = verifierOf(source);
  const verify = verifier.verifyEagerly?.bind(verifier) ?? verifier.verify.bind(verifier);

  const accept: Accept = (identity, req, res, next) => {
    if (supervision !== undefined) {
      supervision.report({ outcome: 'accepted', identity }, req);
      if (supervision.observe) {
        supervised.set(req, { ...supervision, observed: identity });
        req.auth ??= identity;
        return next();
      }
    }
    req.auth = identity;
    if (identity.pool === 'legacy') announceLegacy?.(res);
    next();
  };

  return (req, res, next) => {
    if (supervision !== undefined) supervised.set(req, supervision);
    // An enforcing middleware behind an observing one has the last word on its routes.
    else supervised.delete(req);

    let decision: CutoverIdentity | Promise<CutoverIdentity>;
    try {
      const token = tokenOf(req);
      if (token === undefined) {
        if (credentialsRequired) throw tokenMissing();
        supervision?.report({ outcome: 'anonymous' }, req);
        return next();
      }
      decision = verify(token);
    } catch (error) {
      return turnAway(error, req, next);
    }
    if (!(decision instanceof Promise)) return accept(decision, req, res, next);
    decision.then(
      (identity) => accept(identity, req, res, next),
      (error: unknown) => turnAway(error, req, next),
    );
  };
}

type Accept = (identity: CutoverIdentity, ...rest: Parameters<RequestHandler>) => void;

/**
 * Lets a request through when its token has every one of `scopes`; an ID token has none. Belongs behind `cutoverAuth`.
 *
 * @throws {@link ConfigurationError} when no scope is given, or what is given is no scope
 * @see RFC 6749 section 3.3
 */
export function requireScope(...scopes: readonly string[]): RequestHandler {
  if (!scopes.every(isScopeToken) || scopes.length === 0) refuse('requireScope', 'one scope or more', scopes);
  const lacking = (identity: CutoverIdentity) =>
    hasAll(identity.scopes, scopes)
      ? undefined
      : new CutoverError('ERR_INSUFFICIENT_SCOPE', 'The token lacks a scope.', { pool: identity.pool });
  return guard(lacking, scopes.join(' '));
}

/**
 * Lets a request through when its user is in every one of `groups` of the pool that signed the token. Belongs behind
 * `cutoverAuth`.
 *
 * @throws {@link ConfigurationError} when no group is given, or a name is empty
 */
export function requireGroup(...groups: readonly string[]): RequestHandler {
  const named = groups.every((group) => typeof group === 'string' && group !== '');
  if (!named || groups.length === 0) refuse('requireGroup', 'one name of a group or more', groups);
  return guard((identity) =>
    hasAll(identity.groups, groups)
      ? undefined
      : new CutoverError('ERR_GROUP_REQUIRED', 'The user is not in the group required.', { pool: identity.pool }),
  );
}

function guard(refusalOf: (identity: CutoverIdentity) => CutoverError | undefined, scope?: string): RequestHandler {
  return (req, _res, next) => {
    const supervision = supervised.get(req);
    // The type has it always there; it is not where no cutoverAuth stands in front, or one that let an anonymous through.
    const identity: CutoverIdentity | undefined = supervision?.observe === true ? supervision.observed : req.auth;
    if (identity === undefined) return turnAway(tokenMissing(), req, next);
    const refusal = refusalOf(identity);
    if (refusal === undefined) next();
    else turnAway(refusal, req, next, scope);
  };
}

function turnAway(reason: unknown, req: Request, next: NextFunction, scope?: string): void {
  const supervision = supervised.get(req);
  supervision?.report({ outcome: 'refused', error: reason }, req);
  if (supervision?.observe === true) next();
  else if (!(reason instanceof CutoverError)) next(reason);
  else next(new CutoverHttpError(reason, refusalHeaders(reason, supervision?.realm ?? DEFAULT_REALM, scope)));
}

function tokenMissing(): CutoverError {
  return new CutoverError('ERR_TOKEN_MISSING', 'The request carries no token.');
}

function hasAll(held: readonly string[], wanted: readonly string[]): boolean {
  for (const one of wanted) if (!held.includes(one)) return false;
  return true;
}

function tokenSource(getToken: MiddlewareOptions['getToken']): (req: Request) => string | undefined {
  const ask = checkFunction('getToken', getToken);
  if (ask === undefined) return bearerToken;
  return (req) => {
    const token: unknown = ask(req);
    if (token === undefined || token === '') return undefined;
    if (typeof token === 'string') return token;
    throw new TypeError('getToken has to return a string or undefined, without waiting');
  };
}

function supervisionOf(
  mode: MiddlewareOptions['mode'],
  realm: unknown = DEFAULT_REALM,
  onDecision?: MiddlewareOptions['onDecision'],
): Supervision | undefined {
  const observe = checkOneOf('mode', mode, ['enforce', 'observe'], 'enforce') === 'observe';
  if (!isQuotable(realm)) refuse('realm', 'printable ASCII without " and \\', realm);
  checkFunction('onDecision', onDecision);
  if (!observe && onDecision === undefined && realm === DEFAULT_REALM) return undefined;
  const report: Supervision['report'] = (decision, req) => {
    try {
      onDecision?.(decision, req);
    } catch {
      // A report that fails must not change what happens to the request.
    }
  };
  return { observe, realm, report };
}
