import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
  APIGatewayTokenAuthorizerEvent,
} from 'aws-lambda';
import { CutoverError } from '../src/errors.js';
import { checkFunction, checkOneOf, isPlainObject, refuse } from '../src/options.js';
import type { CutoverIdentity } from '../src/verify/types.js';
import { bearerToken } from './bearer.js';
import { type VerifierSource, verifierOf } from './verifier-source.js';

/** Events of REST APIs (`TOKEN` and `REQUEST`), WebSocket APIs and HTTP APIs with payload format 2.0. */
export type ApiGatewayAuthorizerEvent =
  | APIGatewayTokenAuthorizerEvent
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayRequestAuthorizerEventV2;

/** What the integration behind the gateway gets: all text, as REST and WebSocket APIs pass on nothing else. */
export interface ApiGatewayAuthorizerContext {
  /** The legacy id. */
  readonly userId: string;
  readonly pool: 'legacy' | 'new';
  readonly sub: string;
  readonly clientId: string;
  /** Separated by spaces, which no scope holds. */
  readonly scopes: string;
  /** Separated by spaces, which no group name holds. */
  readonly groups: string;
  /** When the token expires, seconds since the epoch: a cached answer may outlive it. */
  readonly expiresAt: string;
}

/** Context of a refusal: the code alone, for access logs (`$context.authorizer.error`). */
export interface ApiGatewayRefusalContext {
  readonly error: string;
}

export type ApiGatewaySimpleAnswer = APIGatewaySimpleAuthorizerWithContextResult<
  ApiGatewayAuthorizerContext | ApiGatewayRefusalContext
>;

/** A Lambda handler. */
export interface ApiGatewayAuthorizer {
  (event: APIGatewayTokenAuthorizerEvent | APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult>;
  /** `httpApiAnswer` decides which of the two. */
  (event: APIGatewayRequestAuthorizerEventV2): Promise<APIGatewayAuthorizerResult | ApiGatewaySimpleAnswer>;
}

export interface ApiGatewayOptions {
  /**
   * What an HTTP API expects: must agree with its `EnableSimpleResponses`, which events do not tell.
   * @defaultValue `'simple'`
   */
  readonly httpApiAnswer?: 'simple' | 'iam';
  /**
   * Where the token is, for events that carry a request, such as a WebSocket's query string. `undefined` and `''` mean that
   * there is none. What it reads must be the authorizer's identity source.
   * @defaultValue the `Authorization` header with the scheme `Bearer`
   */
  readonly getToken?: (
    event: APIGatewayRequestAuthorizerEvent | APIGatewayRequestAuthorizerEventV2,
  ) => string | undefined;
}

/** A verifier, or the options to make one; and the options of the authorizer itself. */
export type ApiGatewayAuthorizerOptions = ApiGatewayOptions & VerifierSource;

/**
 * A Lambda authorizer for tokens of both pools.
 *
 * - accepted: a policy for the whole stage (API Gateway reuses it for other methods), or `isAuthorized: true`
 * - 401 (no token, a bad one): `Unauthorized` is thrown, which REST and WebSocket APIs answer with 401 and do not cache. HTTP
 *   APIs get a refusal, which they answer with 403
 * - 403 (not mapped): a policy that denies, or `isAuthorized: false`, with the code in the context
 * - 503 (keys or legacy id unavailable): the error is thrown. API Gateway answers 500 and caches nothing
 *
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export function createApiGatewayAuthorizer(options: ApiGatewayAuthorizerOptions): ApiGatewayAuthorizer {
  if (!isPlainObject(options)) refuse('options', 'an object', options);
  const { httpApiAnswer, getToken, ...source } = options;
  const isSimple = checkOneOf('httpApiAnswer', httpApiAnswer, ['simple', 'iam'], 'simple') === 'simple';
  const findToken = checkFunction('getToken', getToken) ?? tokenOfRequest;
  const verifier = verifierOf(source);

  const identify = async (event: KnownEvent): Promise<CutoverIdentity> => {
    const token = event.kind === 'token' ? tokenOf(event.event.authorizationToken) : findToken(event.event);
    if (token === undefined || token === '')
      throw new CutoverError('ERR_TOKEN_MISSING', 'The request carries no token.');
    if (event.kind === 'http') checkIdentitySource(event.event.identitySource, token);
    return verifier.verify(token);
  };

  async function authorize(
    given: APIGatewayTokenAuthorizerEvent | APIGatewayRequestAuthorizerEvent,
  ): Promise<APIGatewayAuthorizerResult>;
  async function authorize(
    given: APIGatewayRequestAuthorizerEventV2,
  ): Promise<APIGatewayAuthorizerResult | ApiGatewaySimpleAnswer>;
  async function authorize(
    given: ApiGatewayAuthorizerEvent,
  ): Promise<APIGatewayAuthorizerResult | ApiGatewaySimpleAnswer> {
    const event = recognise(given);
    const resource = resourceOf(event);
    const simple = event.kind === 'http' && isSimple;
    try {
      const identity = await identify(event);
      const context = contextOf(identity);
      return simple ? { isAuthorized: true, context } : allow(event, resource, identity, context);
    } catch (error) {
      if (!(error instanceof CutoverError) || error.status >= 500) throw error;
      const context = { error: error.code };
      if (simple) return { isAuthorized: false, context };
      if (error.status !== 403 && event.kind !== 'http') throw new Error('Unauthorized');
      return policy('refused', 'Deny', resource, context);
    }
  }
  return authorize;
}

type KnownEvent =
  | { readonly kind: 'token'; readonly event: APIGatewayTokenAuthorizerEvent }
  | { readonly kind: 'request' | 'websocket'; readonly event: APIGatewayRequestAuthorizerEvent }
  | { readonly kind: 'http'; readonly event: APIGatewayRequestAuthorizerEventV2 };

function recognise(event: ApiGatewayAuthorizerEvent): KnownEvent {
  switch (event?.type) {
    case 'TOKEN':
      return { kind: 'token', event };
    case 'REQUEST':
      if ('routeArn' in event) return { kind: 'http', event };
      return { kind: typeof event.requestContext?.connectionId === 'string' ? 'websocket' : 'request', event };
    default:
      throw notAnEvent();
  }
}

function notAnEvent(): TypeError {
  return new TypeError('This is not an event of an API Gateway authorizer.');
}

/**
 * Everything in the stage: API Gateway caches the policy and holds it against later requests for other methods and paths. A
 * WebSocket's has no method in its ARN.
 */
function resourceOf({ kind, event }: KnownEvent): string {
  const arn: unknown = kind === 'http' ? event.routeArn : event.methodArn;
  const stage = typeof arn === 'string' ? /^arn:[^:]+:execute-api:[^:]*:[^:]*:[^/*]+\/[^/*]+(?=\/)/.exec(arn) : null;
  if (stage === null) throw notAnEvent();
  return kind === 'websocket' ? `${stage[0]}/*` : `${stage[0]}/*/*`;
}

function allow(
  { kind, event }: KnownEvent,
  resource: string,
  identity: CutoverIdentity,
  context: ApiGatewayAuthorizerContext,
): APIGatewayAuthorizerResult {
  const answer = policy(identity.userId, 'Allow', resource, context);
  // A REST API evaluates the cached policy anew for every request, so that this ends with the token. An open WebSocket is
  // not cut off, and HTTP APIs are not known to evaluate conditions.
  if (kind === 'token' || (kind === 'request' && !('version' in event))) {
    const expiresAt = `${new Date(identity.expiresAt * 1000).toISOString().slice(0, 19)}Z`;
    for (const statement of answer.policyDocument.Statement) {
      statement.Condition = { DateLessThanIfExists: { 'aws:CurrentTime': expiresAt } };
    }
  }
  return answer;
}

function policy(
  principalId: string,
  effect: 'Allow' | 'Deny',
  resource: string,
  context: ApiGatewayAuthorizerContext | ApiGatewayRefusalContext,
): APIGatewayAuthorizerResult {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
    },
    context: { ...context },
  };
}

function contextOf(identity: CutoverIdentity): ApiGatewayAuthorizerContext {
  const { userId, pool, sub, clientId, scopes, groups, expiresAt } = identity;
  return { userId, pool, sub, clientId, scopes: scopes.join(' '), groups: groups.join(' '), expiresAt: `${expiresAt}` };
}

function tokenOf(authorization: unknown): string | undefined {
  return typeof authorization === 'string' ? bearerToken({ headers: { authorization } }) : undefined;
}

function tokenOfRequest(
  event: APIGatewayRequestAuthorizerEvent | APIGatewayRequestAuthorizerEventV2,
): string | undefined {
  // REST and WebSocket APIs keep only the last of several equal headers in `headers`.
  const repeated = 'multiValueHeaders' in event ? authorizationIn(event.multiValueHeaders) : [];
  const values = repeated.length > 0 ? repeated : authorizationIn(event.headers);
  return bearerToken({
    headers: { authorization: values[0] },
    rawHeaders: values.flatMap((value) => ['authorization', value]),
    url: Object.hasOwn(event.queryStringParameters ?? {}, 'access_token') ? '?access_token=' : '',
  });
}

/** Header names come in any case from REST APIs, in lower case from HTTP APIs. */
function authorizationIn(
  headers: Readonly<Record<string, string | string[] | undefined>> | null | undefined,
): string[] {
  return Object.entries(headers ?? {})
    .filter(([name]) => name.toLowerCase() === 'authorization')
    .flatMap(([, value]) => value ?? []);
}

/**
 * The identity source is the key of the cache. One that does not hold the token would hand one caller's answer to another.
 * Only HTTP APIs tell it; it is absent where nothing is cached by it.
 */
function checkIdentitySource(identitySource: unknown, token: string): void {
  const sources: readonly unknown[] = Array.isArray(identitySource) ? identitySource : [];
  if (sources.length > 0 && !sources.some((source) => typeof source === 'string' && source.includes(token))) {
    throw new Error('The identity source of the authorizer does not hold the token, by which answers are cached.');
  }
}
