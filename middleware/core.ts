import { ConfigurationError, CutoverError } from '../src/errors.js';
import { bearerTokenOf, missingToken } from '../src/http/bearer.js';
import { asError, checkRealm } from '../src/http/challenge.js';
import { type Announcer, announcerOf } from '../src/operate/announcer.js';
import { checkBoolean, checkFunction, checkOneOf } from '../src/options.js';
import { isThenable, tell } from '../src/thenable.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import {
  type AnyHost,
  accept,
  acceptNobody,
  type CutoverDecision,
  decidedAbout,
  refusalOf,
  type Supervision,
} from './core/decided.js';
import {
  ANSWERED,
  CONTINUE,
  type Decide,
  type Host,
  Refusal,
  type ResponseHeaders,
  type Verdict,
} from './core/host.js';
import { checkLegacyTokenHeaders, type LegacyTokenHeaders } from './core/legacy-token-headers.js';
import { observer, textOrNone } from './core/observe.js';
import { checkProperty } from './core/property.js';
import {
  checkIdentity,
  checkOptionNames,
  type VerifierSource,
  type Verify,
  verifierOf,
  verifyOf,
} from './core/verifier-source.js';

interface MiddlewareOptions<Req> {
  /**
   * `false` lets requests without credentials through, with no identity; never one with bad credentials.
   * @defaultValue true
   */
  readonly credentialsRequired?: boolean;
  /**
   * Reads the token from the request. Must return it synchronously; `undefined` and `''` mean that there is none.
   * @defaultValue the `Authorization` header with the scheme `Bearer`; any other scheme counts as no credentials
   */
  readonly getToken?: (req: Req) => string | undefined;
  /**
   * Under which name the framework keeps the identity: with Express a property of the request. For applications whose `req.auth` belongs
   * to something else: import from `cognito-cutover/express/plain`, which declares no `req.auth`, and read the identity with `getAuth(req)`.
   * @defaultValue `'auth'`
   */
  readonly property?: string;
  /** `realm` of the challenges: printable ASCII without `"` and `\`. @defaultValue `'api'` */
  readonly realm?: string;
  /**
   * `'observe'` refuses nothing, does not change the response and delays no request, in the guards too: a dry run in
   * production. Decisions go to `onDecision`, and to the verifier's `onEvent`. What has to be waited for is decided in
   * parallel to the request, at most 1000 at a time. The identity is set for tokens that are accepted at once, unless another
   * middleware has set it already. It does not loosen what another `cutoverAuth` enforces.
   * @defaultValue `'enforce'`
   */
  readonly mode?: 'enforce' | 'observe';
  /**
   * With `mode: 'observe'`: the user id that the authentication in use found. Mount this after that authentication. A token of another user is reported as `mismatch`. `undefined`: nothing to compare.
   * Default: none.
   */
  readonly compare?: (req: Req) => string | undefined;
  /**
   * Headers on answers to requests with a legacy-pool token. Not sent in `observe` mode.
   * @defaultValue those that the verifier's phases announce; otherwise none
   */
  readonly legacyTokenHeaders?: LegacyTokenHeaders;
  /**
   * Called with every decision, and with every refusal by a guard after this middleware. Its exceptions and rejections are
   * ignored. Default: none.
   */
  readonly onDecision?: (decision: CutoverDecision, req: Req) => unknown;
}

/** A verifier, or the options of {@link createCutoverVerifier} to make one; and the options of the middleware itself. */
export type AuthOptions<Req> = MiddlewareOptions<Req> & VerifierSource;

const OWN_OPTIONS = [
  'credentialsRequired',
  'getToken',
  'property',
  'realm',
  'mode',
  'compare',
  'legacyTokenHeaders',
  'onDecision',
] as const satisfies readonly (keyof MiddlewareOptions<unknown>)[];

/**
 * The `cutoverAuth` of a framework: decides about each of its requests.
 *
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function createDecider<Req extends object, Res>(
  host: Host<Req, Res>,
  options: AuthOptions<Req>,
): Decide<Req, Res> {
  checkOptionNames(options, OWN_OPTIONS);
  const { credentialsRequired, getToken, property, realm, mode, compare, legacyTokenHeaders, onDecision, ...source } =
    options;
  const verifier = verifierOf(source);
  const isObserving = checkOneOf('mode', mode, ['enforce', 'observe'], 'enforce') === 'observe';
  const announcer = announcerOf(verifier);
  const supervision: Supervision = {
    host: host as AnyHost,
    realm: checkRealm(realm),
    report: reporter(onDecision, announcer, isObserving),
    property: checkProperty(property),
    missing: missingOf(host, getToken),
  };
  const tokenOf = tokenSource(host, getToken, credentialsRequired, supervision);
  checkFunction('compare', compare);
  if (compare !== undefined && !isObserving) throw new ConfigurationError('compare', "needs mode: 'observe'");
  const announceLegacy = checkLegacyTokenHeaders(legacyTokenHeaders, verifier.phases);
  const verify = verifyOf(verifier);
  if (!isObserving) return enforcer({ host, tokenOf, verify, supervision, announceLegacy });
  const observing = (token: string) => announcer.observing(() => verify(token));
  const watch = observer({ tokenOf, verify: observing, supervision, compare });
  return (req) => {
    watch(req);
    return CONTINUE;
  };
}

interface EnforcerParts<Req extends object, Res> {
  readonly host: Host<Req, Res>;
  readonly tokenOf: (req: Req) => string | undefined;
  readonly verify: Verify;
  readonly supervision: Supervision;
  readonly announceLegacy: ((response: ResponseHeaders) => void) | undefined;
}

function enforcer<Req extends object, Res>(parts: EnforcerParts<Req, Res>): Decide<Req, Res> {
  const { host, tokenOf, verify, supervision, announceLegacy } = parts;
  const { property, report } = supervision;

  const acceptRequest = (identity: CutoverIdentity, req: Req, res: Res): Verdict => {
    try {
      host.set(req, property, identity);
    } catch (error) {
      return refuseRequest(error, req, res);
    }
    accept(supervision, req, res, identity);
    report({ outcome: 'accepted', identity }, req);
    if (announceLegacy !== undefined && identity.pool === 'legacy') {
      const response = host.headersOf(res);
      if (response !== undefined) announceLegacy(response);
    }
    return CONTINUE;
  };

  const refuseRequest = (reason: unknown, req: Req, res: Res): Verdict => {
    const error = asError(reason);
    const refused = error instanceof CutoverError ? error : undefined;
    acceptNobody(supervision, req, res, error);
    report({ outcome: 'refused', error }, req);
    if (refused === undefined) return new Refusal(error);
    return new Refusal(refusalOf(refused, supervision, host.keyOf(req), host.headersOf(res)));
  };

  const decideLater = async (pending: PromiseLike<unknown>, req: Req, res: Res): Promise<Verdict> => {
    let identity: CutoverIdentity;
    try {
      identity = checkIdentity(await pending);
    } catch (error) {
      // The request may have been answered meanwhile, for example by a time limit of the application. Then it is over.
      return host.isAnswered(res) ? ANSWERED : refuseRequest(error, req, res);
    }
    return host.isAnswered(res) ? ANSWERED : acceptRequest(identity, req, res);
  };

  return (req, res) => {
    let identity: CutoverIdentity;
    try {
      const token = tokenOf(req);
      if (token === undefined) {
        // Anonymous here. A user whom another enforcing cutoverAuth in front has accepted stays accepted; one whom this has
        // accepted is of an earlier request, whose object a server uses again.
        const before = decidedAbout(host.keyOf(req))?.enforcing;
        if (before === undefined || before === supervision) acceptNobody(supervision, req, res);
        report({ outcome: 'anonymous' }, req);
        return CONTINUE;
      }
      const outcome = verify(token);
      if (isThenable(outcome)) return decideLater(outcome, req, res);
      identity = checkIdentity(outcome);
    } catch (error) {
      return refuseRequest(error, req, res);
    }
    return acceptRequest(identity, req, res);
  };
}

type Missing = Supervision['missing'];

/** The token of a request, or `undefined` where it has none and none is required. */
function tokenSource<Req extends object>(
  host: Host<Req, never>,
  getToken: MiddlewareOptions<Req>['getToken'],
  credentialsRequired: unknown,
  { missing }: { readonly missing: Missing },
): (req: Req) => string | undefined {
  const isRequired = checkBoolean('credentialsRequired', credentialsRequired, true);
  const ask: (req: Req) => unknown =
    checkFunction('getToken', getToken) ?? ((req) => bearerTokenOf(host.bearerOf(req)));
  return (req) => {
    const token = textOrNone('getToken', ask(req));
    if (token !== undefined && token !== '') return token;
    if (isRequired) throw missing(req);
    return undefined;
  };
}

function missingOf<Req extends object>(host: Host<Req, never>, getToken: MiddlewareOptions<Req>['getToken']): Missing {
  return getToken === undefined
    ? (req) => missingToken(host.bearerOf(req as Req).headers.authorization)
    : () => new CutoverError('ERR_TOKEN_MISSING', 'The request carries no token where getToken looks for it.');
}

/** Reports a decision to `onDecision`, and publishes what no verifier has seen. */
function reporter<Req>(
  onDecision: MiddlewareOptions<Req>['onDecision'],
  announcer: Announcer,
  isObserving: boolean,
): Supervision['report'] {
  const listener = checkFunction('onDecision', onDecision);
  return (decision, req) => {
    if (decision.outcome === 'refused') announcer.refused(decision.error, isObserving);
    else if (decision.outcome === 'mismatch') announcer.mismatch(decision.identity);
    else if (decision.outcome === 'anonymous') announcer.anonymous(isObserving);
    if (listener !== undefined) tell((one) => listener(one, req as Req), decision);
  };
}
