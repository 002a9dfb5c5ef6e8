import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { ConfigurationError, CutoverError } from '../src/errors.js';
import { bearerTokenOf, missingToken } from '../src/http/bearer.js';
import { asError, checkRealm } from '../src/http/challenge.js';
import { type Announcer, announcerOf } from '../src/operate/announcer.js';
import { checkBoolean, checkFunction, checkOneOf } from '../src/options.js';
import { isThenable, tell } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import {
  accept,
  acceptNobody,
  type CutoverDecision,
  decidedAbout,
  type Report,
  refusalOf,
  type Supervision,
  takesHeaders,
} from './decided.js';
import { checkLegacyTokenHeaders, type LegacyTokenHeaders } from './legacy-token-headers.js';
import { observer, textOrNone } from './observe.js';
import { checkProperty } from './property.js';
import { checkCalled } from './uncalled.js';
import {
  checkIdentity,
  checkOptionNames,
  type VerifierSource,
  type Verify,
  verifierOf,
  verifyOf,
} from './verifier-source.js';

interface MiddlewareOptions {
  /**
   * `false` lets requests without credentials through, with `req.auth` absent; never one with bad credentials.
   * @defaultValue true
   */
  readonly credentialsRequired?: boolean;
  /**
   * Reads the token from the request. Must return it synchronously; `undefined` and `''` mean that there is none.
   * @defaultValue the `Authorization` header with the scheme `Bearer`; any other scheme counts as no credentials
   */
  readonly getToken?: (req: Request) => string | undefined;
  /**
   * The property of the request that gets the identity. For applications whose `req.auth` belongs to something else: import from
   * `cognito-cutover/express/plain`, which declares no `req.auth`, and read the identity with `getAuth(req)`.
   * @defaultValue `'auth'`
   */
  readonly property?: string;
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
  /**
   * Headers on answers to requests with a legacy-pool token. Not sent in `observe` mode.
   * @defaultValue those that the verifier's phases announce; otherwise none
   */
  readonly legacyTokenHeaders?: LegacyTokenHeaders;
  /**
   * Called with every decision, and with every refusal by a guard after this middleware. Its exceptions and rejections are
   * ignored. Default: none.
   */
  readonly onDecision?: (decision: CutoverDecision, req: Request) => unknown;
}

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the middleware's own options. */
export type CutoverAuthOptions = MiddlewareOptions & VerifierSource;

const OWN_OPTIONS = [
  'credentialsRequired',
  'getToken',
  'property',
  'realm',
  'mode',
  'compare',
  'legacyTokenHeaders',
  'onDecision',
] as const satisfies readonly (keyof MiddlewareOptions)[];

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
  return authHandler(options);
}

/** What of a request is handed to `getToken`, or read for its token: not Node's request where a framework wraps it. */
type View = (req: Request) => Request;

/** {@link cutoverAuth}, for adapters to other frameworks as well. */
export function authHandler(options: CutoverAuthOptions, view: View = (req) => req): RequestHandler {
  checkOptionNames(options, OWN_OPTIONS);
  const { credentialsRequired, getToken, property, realm, mode, compare, legacyTokenHeaders, onDecision, ...source } =
    options;
  const verifier = verifierOf(source);
  const isObserving = checkOneOf('mode', mode, ['enforce', 'observe'], 'enforce') === 'observe';
  const announcer = announcerOf(verifier);
  const report = reporter(onDecision, announcer, isObserving);
  const supervision = {
    realm: checkRealm(realm),
    report,
    property: checkProperty(property),
    missing: missingOf(getToken, view),
  };
  const tokenOf = tokenSource(getToken, credentialsRequired, view, supervision.missing);
  checkFunction('compare', compare);
  if (compare !== undefined && !isObserving) throw new ConfigurationError('compare', "needs mode: 'observe'");
  const announceLegacy = checkLegacyTokenHeaders(legacyTokenHeaders, verifier.phases);
  const verify = verifyOf(verifier);
  return isObserving
    ? observer({
        tokenOf,
        verify: (token) => announcer.observing(() => verify(token)),
        report,
        property: supervision.property,
        compare,
      })
    : enforcer({ tokenOf, verify, supervision, announceLegacy });
}

interface EnforcerParts {
  readonly tokenOf: (req: Request) => string | undefined;
  readonly verify: Verify;
  readonly supervision: Supervision;
  readonly announceLegacy: ((res: Response) => void) | undefined;
}

function enforcer({ tokenOf, verify, supervision, announceLegacy }: EnforcerParts): RequestHandler {
  const { property, report } = supervision;

  const acceptRequest = (identity: CutoverIdentity, req: Request, res: Response, next: NextFunction) => {
    accept(req, res, supervision, identity);
    (req as unknown as Record<string, unknown>)[property] = identity;
    report({ outcome: 'accepted', identity }, req);
    if (announceLegacy !== undefined && identity.pool === 'legacy' && takesHeaders(res)) announceLegacy(res);
    next();
  };

  const refuseRequest = (reason: unknown, req: Request, res: Response, next: NextFunction) => {
    const error = asError(reason);
    const refused = error instanceof CutoverError ? error : undefined;
    acceptNobody(req, supervision, refused);
    report({ outcome: 'refused', error }, req);
    next(refused === undefined ? error : refusalOf(refused, supervision, req, res));
  };

  const decideLater = async (pending: PromiseLike<unknown>, req: Request, res: Response, next: NextFunction) => {
    let identity: CutoverIdentity;
    try {
      identity = checkIdentity(await pending);
    } catch (error) {
      // The request may have been answered meanwhile, for example by a time limit of the application. Then it is over.
      if (!res.writableEnded) refuseRequest(error, req, res, next);
      return;
    }
    if (!res.writableEnded) acceptRequest(identity, req, res, next);
  };

  return (req, res, next) => {
    let identity: CutoverIdentity;
    try {
      const token = tokenOf(req);
      if (token === undefined) {
        // Anonymous here. A user whom another enforcing cutoverAuth in front has accepted stays accepted; one whom this has
        // accepted is of an earlier request, whose object a server uses again.
        const before = decidedAbout(req)?.enforcing;
        if (before === undefined || before === supervision) acceptNobody(req, supervision);
        report({ outcome: 'anonymous' }, req);
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
      return refuseRequest(error, req, res, next);
    }
    acceptRequest(identity, req, res, next);
  };
}

/** The token of a request, or `undefined` where it has none and none is required. */
function tokenSource(
  getToken: MiddlewareOptions['getToken'],
  credentialsRequired: unknown,
  view: View,
  missing: Supervision['missing'],
): (req: Request) => string | undefined {
  const isRequired = checkBoolean('credentialsRequired', credentialsRequired, true);
  const ask: (req: Request) => unknown = checkFunction('getToken', getToken) ?? bearerTokenOf;
  return (req) => {
    const token = textOrNone('getToken', ask(view(req)));
    if (token !== undefined && token !== '') return token;
    if (isRequired) throw missing(req);
    return undefined;
  };
}

function missingOf(getToken: MiddlewareOptions['getToken'], view: View): Supervision['missing'] {
  return getToken === undefined
    ? (req) => missingToken(view(req).headers.authorization)
    : () => new CutoverError('ERR_TOKEN_MISSING', 'The request carries no token where getToken looks for it.');
}

/** Reports a decision to `onDecision`, and publishes what no verifier has seen. */
function reporter(onDecision: MiddlewareOptions['onDecision'], announcer: Announcer, isObserving: boolean): Report {
  const listener = checkFunction('onDecision', onDecision);
  return (decision, req) => {
    if (decision.outcome === 'refused') announcer.refused(decision.error, isObserving);
    else if (decision.outcome === 'mismatch') announcer.mismatch(decision.identity);
    else if (decision.outcome === 'anonymous') announcer.anonymous(isObserving);
    if (listener !== undefined) tell((one) => listener(one, req), decision);
  };
}
