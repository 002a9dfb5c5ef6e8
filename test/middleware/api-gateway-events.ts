import type { APIGatewayRequestAuthorizerEvent, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import type { ApiGatewayAuthorizerEvent } from '../../middleware/api-gateway.js';

export const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef123';

/** The parts of an event that the authorizer reads; real ones carry much more. */
export function asEvent<E extends ApiGatewayAuthorizerEvent>(part: unknown): E {
  return part as E;
}

export const tokenEvent = (authorizationToken: string, path = 'test/GET/orders/7') => ({
  type: 'TOKEN' as const,
  methodArn: `${ARN}/${path}`,
  authorizationToken,
});

export const requestEvent = (part: object, path = 'test/GET/orders/7') =>
  asEvent<APIGatewayRequestAuthorizerEvent>({
    type: 'REQUEST',
    methodArn: `${ARN}/${path}`,
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: {},
    requestContext: { path: '/orders/7' },
    ...part,
  });

export const httpEvent = (part: object) =>
  asEvent<APIGatewayRequestAuthorizerEventV2>({
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${ARN}/$default/GET/orders/7`,
    headers: {},
    requestContext: { http: { method: 'GET' } },
    ...part,
  });

/** As an HTTP API sends it with payload format 1.0: only `version` tells it from a REST API's. */
export const httpEventV1 = (part: object) =>
  requestEvent({ version: '1.0', resource: '/orders/{id}', path: '/orders/7', httpMethod: 'GET', ...part });

export const socketEvent = (part: object) =>
  requestEvent({ requestContext: { connectionId: 'abc=', eventType: 'CONNECT' }, ...part }, 'prod/$connect');

export const bearer = (token: string) => `Bearer ${token}`;
