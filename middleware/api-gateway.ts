import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewaySimpleAuthorizerWithContextResult,
  APIGatewayTokenAuthorizerEvent,
} from 'aws-lambda';
import { CutoverError, refusal } from '../src/errors.js';
import { asError } from '../src/http/challenge.js';
import { announcerOf } from '../src/operate/announcer.js';
import { checkFunction, checkOneOf } from '../src/options.js';
import { checkClockTolerance } from '../src/verify/settings.js';
import type { CutoverIdentity, VerifierOptions } from '../src/verify/types.js';
import {
  type ApiGatewayAuthorizerContext,
  answerThatFits,
  checkWholeIdentity,
} from './api-gateway/authorizer-context.js';
import {
  type ApiGatewayAuthorizerEvent,
  type ApiGatewayRequestEvent,
  checkIdentitySource,
  isOfHttpApi,
  type KnownEvent,
  recognise,
  resourceOf,
  tokenOf,
  tokenOfRequest,
} from './api-gateway/authorizer-event.js';
import { checkOptionNames, type RequestVerifier, verifierOf } from './core/verifier-source.js';

export type { ApiGatewayAuthorizerContext } from './api-gateway/authorizer-context.js';
export type { ApiGatewayAuthorizerEvent } from './api-gateway/authorizer-event.js';

/** Context of a refusal: the code alone, for access logs (`$context.authorizer.error`). */
export interface ApiGatewayRefusalContext {
  readonly error: string;
}

/** The simple response of an authorizer of an HTTP API. */
export type ApiGatewaySimpleAnswer = APIGatewaySimpleAuthorizerWithContextResult<
  ApiGatewayAuthorizerContext | ApiGatewayRefusalContext
>;

/** A Lambda handler. */
export interface ApiGatewayAuthorizer {
  (event: APIGatewayTokenAuthorizerEvent | APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult>;
  /** For payload format 2.0. `httpApiAnswer` decides which of the two. */
  (event: APIGatewayRequestAuthorizerEventV2): Promise<APIGatewayAuthorizerResult | ApiGatewaySimpleAnswer>;
}

/** Options of an authorizer, besides those of its verifier. */
export interface ApiGatewayOptions {
  /**
   * What an HTTP API with payload format 2.0 expects: must agree with its `EnableSimpleResponses`, which events do not
   * contain. With format 1.0 it is always a policy.
   * @defaultValue `'simple'`
   */
  readonly httpApiAnswer?: 'simple' | 'iam';
  /**
   * Reads the token from an event that carries a request, for example from a WebSocket's query string. `undefined` and `''`
   * mean that there is none. The authorizer's identity source must be what it reads.
   * @defaultValue the `Authorization` header with the scheme `Bearer`
   */
  readonly getToken?: (event: ApiGatewayRequestEvent) => string | undefined;
  /**
   * The verifier's `clockToleranceSeconds`, 0 to 300: a policy of a REST API ends that much later than its token, or its own
   * policy would deny a token that is accepted within the tolerance. Where the verifier is created here, it gets this value
   * too. Repeat here the value of an existing verifier that does not use the default.
   * @defaultValue 5, like the verifier's
   */
  readonly clockToleranceSeconds?: number;
}

/** A verifier, or the options to make one; and the options of the authorizer itself. */
export type ApiGatewayAuthorizerOptions = ApiGatewayOptions &
  ({ readonly verifier: RequestVerifier } | (VerifierOptions & { readonly verifier?: never }));

/**
 * A Lambda authorizer for tokens of both pools.
 *
 * - accepted: a policy for the whole stage (API Gateway reuses it for other methods), or `isAuthorized: true`
 * - 401 (no token, or a bad one): `Unauthorized` is thrown, which REST and WebSocket APIs answer with 401 and do not cache.
 *   HTTP APIs, with either payload format, answer 500 to any exception: they get a refusal, which they answer with 403
 * - 403 (not mapped): a policy that denies, or `isAuthorized: false`, with the code in the context
 * - 503 (keys or legacy id unavailable): the error is thrown. API Gateway answers 500 and caches nothing. The same happens
 *   when the verifier answers something that is not an identity
 *
 * @throws {@link ConfigurationError}
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export function createApiGatewayAuthorizer(options: ApiGatewayAuthorizerOptions): ApiGatewayAuthorizer {
  checkOptionNames(options, ['httpApiAnswer', 'getToken', 'clockToleranceSeconds']);
  const { httpApiAnswer, getToken, clockToleranceSeconds, ...source } = options;
  const isSimple = checkOneOf('httpApiAnswer', httpApiAnswer, ['simple', 'iam'], 'simple') === 'simple';
  const findToken = checkFunction('getToken', getToken) ?? tokenOfRequest;
  const toleranceSeconds = checkClockTolerance(clockToleranceSeconds);
  const verifier = verifierOf('verifier' in source ? source : { ...source, clockToleranceSeconds: toleranceSeconds });
  const announcer = announcerOf(verifier);

  const identify = async (event: KnownEvent): Promise<CutoverIdentity> => {
    // Awaited, because a promise that `getToken` returns by mistake could reject unhandled.
    const token: unknown = await (event.kind === 'token'
      ? tokenOf(event.event.authorizationToken)
      : findToken(event.event));
    if (token === undefined || token === null || token === '') throw refusal('ERR_TOKEN_MISSING');
    if (typeof token !== 'string') {
      throw new CutoverError('ERR_TOKEN_MALFORMED', 'getToken must return a string or undefined.');
    }
    checkIdentitySource(event, token);
    return checkWholeIdentity(await verifier.verify(token));
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
    const simple = event.kind === 'http-2.0' && isSimple;
    try {
      const identity = await identify(event);
      return answerThatFits(identity, (context) => {
        if (simple) return { isAuthorized: true, context };
        const answer = policy(identity.userId, 'Allow', resource, context);
        return endsWithToken(event) ? until(identity.expiresAt + toleranceSeconds, answer) : answer;
      });
    } catch (error) {
      announcer.refused(error);
      if (!(error instanceof CutoverError) || error.status >= 500) throw asError(error);
      const context = { error: error.code };
      if (simple) return { isAuthorized: false, context };
      if (error.status !== 403 && !isOfHttpApi(event)) throw new Error('Unauthorized');
      return policy('refused', 'Deny', resource, context);
    }
  }
  return authorize;
}

/**
 * A REST API evaluates the cached policy for every request, so a condition can end it. An open WebSocket is not closed, and
 * HTTP APIs are not known to evaluate conditions.
 */
function endsWithToken({ kind }: KnownEvent): boolean {
  return kind === 'token' || kind === 'request';
}

/** The last second that an IAM policy can name. */
const END_OF_TIME = Date.UTC(9999, 11, 31, 23, 59, 59);

function until(seconds: number, answer: APIGatewayAuthorizerResult): APIGatewayAuthorizerResult {
  const end = new Date(Math.min(Math.ceil(seconds) * 1000, END_OF_TIME)).toISOString();
  for (const statement of answer.policyDocument.Statement) {
    statement.Condition = { DateLessThanIfExists: { 'aws:CurrentTime': `${end.slice(0, 19)}Z` } };
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
