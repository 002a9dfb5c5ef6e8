import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ConfigurationError, CutoverError, refusal } from '../src/errors.js';
import { checkBoolean, checkFunction, checkOneOf, isPlainObject, refuse } from '../src/options.js';
import { isThenable, tell } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { bearerToken } from './bearer.js';
import { asError, CutoverHttpError, DEFAULT_REALM, isQuotable, refusalHeaders } from './challenge.js';
import { type CutoverDecision, decidedAbout, enforce, type Report, type Supervision, withdraw } from './decided.js';
import { checkLegacyTokenHeaders, type LegacyTokenHeaders } from './legacy-token-headers.js';
import { observer, textOrNone } from './observe.js';
import { checkIdentity, type VerifierSource, type Verify, verifierOf, verifyOf } from './verifier-source.js';

export { requireAnyGroup, requireAnyScope, requireGroup, requireScope, requireUser } from './guards.js';
export type { CutoverDecision, CutoverHttpError, LegacyTokenHeaders };

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

interface MiddlewareOptions {
  /**
   * `false` lets requests without credentials through, with `req.auth` unset; never one with bad credentials.
   * @defaultValue true
   */
  readonly credentialsRequired?: boolean;
  /**
   * Reads the token from the request. Must return it synchronously; `undefined` and `''` mean that there is none.
   * @defaultValue the `Authorization` header with the scheme `Bearer`; any other scheme counts as no credentials
   */
  readonly getToken?: (req: Request) => string | undefined;
  /** `realm` of the challenges: printable ASCII without `"` and `\`. @defaultValue `'api'` */
  readonly realm?: string;
  /**
   * `'observe'` refuses nothing, does not change the response and delays no request, in the guards too: a dry run in
   * production. Decisions go to `onDecision`, and to the verifier's `onEvent`. What has to be waited for is decided in
   * parallel to the request, at most 1000 at a time. `req.auth` is set for tokens that are accepted at once, unless another
   * middleware has set it already. It does not loosen what another `cutoverAuth` enforces.
   * @defaultValue `'enforce'`
   */
  readonly mode?: 'enforce' | 'observe';
  /**
   * With `mode: 'observe'`: the user id that the authentication in use found. Mount this after that authentication. A token of another user is reported as `mismatch`. `undefined`: nothing to compare.
   * Default: none.
   */
  readonly compare?: (req: Request) => string | undefined;
  /** Headers on answers to requests with a legacy-pool token. Not sent in `observe` mode. Default: none. */
  readonly legacyTokenHeaders?: LegacyTokenHeaders;
  /**
   * Called with every decision, and with every refusal by a guard after this middleware. Its exceptions and rejections are
   * ignored. Default: none.
   */
  readonly onDecision?: (decision: CutoverDecision, req: Request) => unknown;
}

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the middleware's own options. */
export type CutoverAuthOptions = MiddlewareOptions & VerifierSource;

/**
 * Express middleware that puts the identity of the request's token on `req.auth`.
 *
 * A refused request ends in `next(error)` with a {@link CutoverHttpError}, which Express's own error handler answers with the
 * right status and headers.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 * @see RFC 6750 section 3
 */
export function cutoverAuth(options: CutoverAuthOptions): RequestHandler {
  if (!isPlainObject(options)) refuse('options', 'an object', options);
  const { credentialsRequired, getToken, realm, mode, compare, legacyTokenHeaders, onDecision, ...source } = options;
  const tokenOf = tokenSource(getToken, credentialsRequired);
  const supervision = { realm: checkRealm(realm), report: reporter(onDecision) };
  const isObserving = checkOneOf('mode', mode, ['enforce', 'observe'], 'enforce') === 'observe';
  checkFunction('compare', compare);
  if (compare !== undefined && !isObserving) throw new ConfigurationError('compare', "needs mode: 'observe'");
  const announceLegacy = checkLegacyTokenHeaders(legacyTokenHeaders);
  const verify = verifyOf(verifierOf(source));
  return isObserving
    ? observer({ tokenOf, verify, report: supervision.report, compare })
    : enforcer({ tokenOf, verify, supervision, announceLegacy });
}

interface EnforcerParts {
  readonly tokenOf: (req: Request) => string | undefined;
  readonly verify: Verify;
  readonly supervision: Supervision;
  readonly announceLegacy: ((res: Response) => void) | undefined;
}

function enforcer({ tokenOf, verify, supervision, announceLegacy }: EnforcerParts): RequestHandler {
  const accept = (identity: CutoverIdentity, req: Request, res: Response, next: NextFunction) => {
    enforce(req, supervision, identity);
    req.auth = identity;
    supervision.report({ outcome: 'accepted', identity }, req);
    if (announceLegacy !== undefined && identity.pool === 'legacy' && !res.headersSent) announceLegacy(res);
    next();
  };

  const refuseRequest = (reason: unknown, req: Request, next: NextFunction) => {
    const error = asError(reason);
    withdraw(req);
    enforce(req, supervision, undefined);
    supervision.report({ outcome: 'refused', error }, req);
    if (!(error instanceof CutoverError)) next(error);
    else next(new CutoverHttpError(error, refusalHeaders(error, supervision.realm)));
  };

  const decideLater = async (pending: PromiseLike<unknown>, req: Request, res: Response, next: NextFunction) => {
    let identity: CutoverIdentity;
    try {
      identity = checkIdentity(await pending);
    } catch (error) {
      // The request may have been answered meanwhile, for example by a time limit of the application. Then it is over.
      if (!res.writableEnded) refuseRequest(error, req, next);
      return;
    }
    if (!res.writableEnded) accept(identity, req, res, next);
  };

  return (req, res, next) => {
    let identity: CutoverIdentity;
    try {
      const token = tokenOf(req);
      if (token === undefined) {
        // Anonymous here. A user whom an enforcing cutoverAuth in front has accepted stays accepted.
        if (decidedAbout(req)?.enforcing === undefined) {
          withdraw(req);
          enforce(req, supervision, undefined);
        }
        supervision.report({ outcome: 'anonymous' }, req);
        return next();
      }
      const outcome = verify(token);
      if (isThenable(outcome)) {
        // Express catches what the handlers after next() throw. Nothing here may end the process.
        decideLater(outcome, req, res, next)
          .catch((reason: unknown) => next(asError(reason)))
          .catch(() => {});
        return;
      }
      identity = checkIdentity(outcome);
    } catch (error) {
      return refuseRequest(error, req, next);
    }
    accept(identity, req, res, next);
  };
}

/** The token of a request, or `undefined` where it has none and none is required. */
function tokenSource(
  getToken: MiddlewareOptions['getToken'],
  credentialsRequired: unknown,
): (req: Request) => string | undefined {
  const isRequired = checkBoolean('credentialsRequired', credentialsRequired, true);
  const ask: (req: Request) => unknown = checkFunction('getToken', getToken) ?? bearerToken;
  return (req) => {
    const token = textOrNone('getToken', ask(req));
    if (token !== undefined && token !== '') return token;
    if (isRequired) throw refusal('ERR_TOKEN_MISSING');
    return undefined;
  };
}

function checkRealm(realm: unknown = DEFAULT_REALM): string {
  return isQuotable(realm) ? realm : refuse('realm', 'printable ASCII without " and \\', realm);
}

function reporter(onDecision: MiddlewareOptions['onDecision']): Report {
  const listener = checkFunction('onDecision', onDecision);
  if (listener === undefined) return () => {};
  return (decision, req) => tell((one) => listener(one, req), decision);
}
