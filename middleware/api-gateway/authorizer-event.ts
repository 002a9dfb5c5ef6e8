import type {
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewayTokenAuthorizerEvent,
} from 'aws-lambda';
import { authorizationValues, bearerTokenOf } from '../../src/http/bearer.js';

/** Events of REST APIs (`TOKEN` and `REQUEST`), WebSocket APIs and HTTP APIs with either payload format. */
export type ApiGatewayAuthorizerEvent =
  | APIGatewayTokenAuthorizerEvent
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayRequestAuthorizerEventV2;

/** Where `getToken` reads: an event that carries a request. */
export type ApiGatewayRequestEvent = APIGatewayRequestAuthorizerEvent | APIGatewayRequestAuthorizerEventV2;

/** An event with the kind of API that sent it. `http-1.0` and `http-2.0` are an HTTP API's two payload formats. */
export type KnownEvent =
  | { readonly kind: 'token'; readonly event: APIGatewayTokenAuthorizerEvent }
  | { readonly kind: 'request' | 'websocket' | 'http-1.0'; readonly event: APIGatewayRequestAuthorizerEvent }
  | { readonly kind: 'http-2.0'; readonly event: APIGatewayRequestAuthorizerEventV2 };

/**
 * Events of REST and WebSocket APIs have no `version`, those of HTTP APIs have one; with format 1.0 that is the only
 * difference.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export function recognise(event: ApiGatewayAuthorizerEvent): KnownEvent {
  switch (event?.type) {
    case 'TOKEN':
      return { kind: 'token', event };
    case 'REQUEST':
      if ('routeArn' in event) return { kind: 'http-2.0', event };
      if ('version' in event) return { kind: 'http-1.0', event };
      return { kind: typeof event.requestContext?.connectionId === 'string' ? 'websocket' : 'request', event };
    default:
      throw notAnEvent();
  }
}

export function isOfHttpApi({ kind }: KnownEvent): boolean {
  return kind === 'http-1.0' || kind === 'http-2.0';
}

function notAnEvent(): TypeError {
  return new TypeError('This is not an event of an API Gateway authorizer.');
}

/**
 * Everything in the stage: API Gateway caches the policy and applies it to later requests for other methods and paths. The
 * ARN of a WebSocket has no method.
 */
export function resourceOf({ kind, event }: KnownEvent): string {
  const arn: unknown = kind === 'http-2.0' ? event.routeArn : event.methodArn;
  const stage =
    typeof arn === 'string' ? /^arn:[^:*?]+:execute-api:[^:*?]*:[^:*?]*:[^/*?]+\/[^/*?]+(?=\/)/.exec(arn) : null;
  if (stage === null) throw notAnEvent();
  return kind === 'websocket' ? `${stage[0]}/*` : `${stage[0]}/*/*`;
}

/** The token of a `TOKEN` event. */
export function tokenOf(authorization: unknown): string | undefined {
  return typeof authorization === 'string' ? bearerTokenOf({ headers: { authorization } }) : undefined;
}

/** The token of the `Authorization` header of an event that carries a request. */
export function tokenOfRequest(event: ApiGatewayRequestEvent): string | undefined {
  // REST and WebSocket APIs keep only the last of several equal headers in `headers`.
  const repeated = 'multiValueHeaders' in event ? authorizationValues(event.multiValueHeaders) : [];
  const values = repeated.length > 0 ? repeated : authorizationValues(event.headers);
  return bearerTokenOf({
    headers: { authorization: values[0] },
    rawHeaders: values.flatMap((value) => ['authorization', value]),
    url: hasTokenInQuery(event) ? '?access_token=' : '',
  });
}

function hasTokenInQuery(event: ApiGatewayRequestEvent): boolean {
  const { queryStringParameters, multiValueQueryStringParameters } = event as Partial<APIGatewayRequestAuthorizerEvent>;
  return [queryStringParameters, multiValueQueryStringParameters].some((one) =>
    Object.hasOwn(one ?? {}, 'access_token'),
  );
}

/**
 * The identity source is the cache key. One that does not contain the token would give one caller's answer to another. Only
 * HTTP APIs send it, as a list or as one string; it is absent where nothing is cached by it.
 */
export function checkIdentitySource(known: KnownEvent, token: string): void {
  if (!isOfHttpApi(known)) return;
  const { identitySource } = known.event as { readonly identitySource?: unknown };
  const sources: readonly unknown[] = Array.isArray(identitySource) ? identitySource : [identitySource];
  const texts = sources.filter((source) => typeof source === 'string' && source !== '') as string[];
  if (texts.length > 0 && !texts.some((source) => source.includes(token))) {
    throw new Error(
      'The identity source of the authorizer, by which API Gateway caches answers, does not contain the token.',
    );
  }
}
