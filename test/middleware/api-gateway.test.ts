import type { APIGatewayRequestAuthorizerEvent, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ApiGatewayAuthorizer,
  type ApiGatewayAuthorizerEvent,
  type ApiGatewayOptions,
  createApiGatewayAuthorizer,
} from '../../middleware/api-gateway.js';
import { ConfigurationError, CutoverError } from '../../src/errors.js';
import { createTestPools, type TestPerson, type TestPools } from '../../src/testing/index.js';
import type { CutoverVerifier } from '../../src/verify/types.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';

const ARN = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef123';

let pools: TestPools;
let verifier: CutoverVerifier;
let anna: TestPerson;

beforeAll(async () => {
  pools = await createTestPools({ serve: false });
  verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
  });
  anna = pools.person();
});
afterAll(() => pools.close());

const authorizer = (options: ApiGatewayOptions = {}) => createApiGatewayAuthorizer({ verifier, ...options });

/** The parts of an event that the authorizer reads; real ones carry much more. */
function asEvent<E extends ApiGatewayAuthorizerEvent>(part: unknown): E {
  return part as E;
}

const tokenEvent = (authorizationToken: string, path = 'test/GET/orders/7') => ({
  type: 'TOKEN' as const,
  methodArn: `${ARN}/${path}`,
  authorizationToken,
});

const requestEvent = (part: object, path = 'test/GET/orders/7') =>
  asEvent<APIGatewayRequestAuthorizerEvent>({
    type: 'REQUEST',
    methodArn: `${ARN}/${path}`,
    headers: {},
    multiValueHeaders: {},
    queryStringParameters: {},
    requestContext: { path: '/orders/7' },
    ...part,
  });

const httpEvent = (part: object) =>
  asEvent<APIGatewayRequestAuthorizerEventV2>({
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${ARN}/$default/GET/orders/7`,
    headers: {},
    requestContext: { http: { method: 'GET' } },
    ...part,
  });

const socketEvent = (part: object) =>
  requestEvent({ requestContext: { connectionId: 'abc=', eventType: 'CONNECT' }, ...part }, 'prod/$connect');

const bearer = (token: string) => `Bearer ${token}`;

describe('every kind of event', () => {
  const cases: readonly (readonly [
    string,
    (token: string) => ApiGatewayAuthorizerEvent,
    ApiGatewayOptions,
    string | null,
  ])[] = [
    ['REST TOKEN', (token) => tokenEvent(bearer(token)), {}, 'test/*/*'],
    ['REST REQUEST', (token) => requestEvent({ headers: { Authorization: bearer(token) } }), {}, 'test/*/*'],
    [
      'REST REQUEST with lists of headers',
      (token) => requestEvent({ headers: null, multiValueHeaders: { AUTHORIZATION: [bearer(token)] } }),
      {},
      'test/*/*',
    ],
    ['WebSocket', (token) => socketEvent({ headers: { Authorization: bearer(token) } }), {}, 'prod/*'],
    [
      'WebSocket with the token in the query',
      (token) => socketEvent({ queryStringParameters: { token } }),
      { getToken: (event) => event.queryStringParameters?.['token'] },
      'prod/*',
    ],
    [
      'HTTP API, IAM',
      (token) => httpEvent({ headers: { authorization: bearer(token) }, identitySource: [bearer(token)] }),
      { httpApiAnswer: 'iam' },
      '$default/*/*',
    ],
    [
      'HTTP API, simple',
      (token) => httpEvent({ headers: { authorization: bearer(token) }, identitySource: [bearer(token)] }),
      {},
      null,
    ],
  ];

  const ask = (handler: ApiGatewayAuthorizer, event: ApiGatewayAuthorizerEvent) =>
    handler(asEvent<APIGatewayRequestAuthorizerEventV2>(event));

  it.each(cases)('%s: the legacy id for tokens of both pools', async (_name, event, options, resource) => {
    const handler = authorizer(options);
    for (const user of [anna.legacy, anna.new]) {
      const answer = await ask(handler, event(user.accessToken()));
      expect(answer.context).toMatchObject({ userId: anna.userId, sub: user.sub });
      if (resource === null) expect(answer).toMatchObject({ isAuthorized: true });
      else {
        expect(answer).toMatchObject({
          principalId: anna.userId,
          policyDocument: {
            Version: '2012-10-17',
            Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${ARN}/${resource}` }],
          },
        });
      }
    }
  });

  it.each(cases)('%s: a bad token is refused, without a word of it', async (_name, event, options, resource) => {
    const token = anna.legacy.accessToken({ client_id: 'another' });
    const answer = ask(authorizer(options), event(token));
    if (resource === null) {
      expect(await answer).toEqual({ isAuthorized: false, context: { error: 'ERR_CLIENT_NOT_ALLOWED' } });
    } else if (options.httpApiAnswer === 'iam') {
      expect(await answer).toMatchObject({
        principalId: 'refused',
        policyDocument: { Statement: [{ Effect: 'Deny', Resource: `${ARN}/${resource}` }] },
        context: { error: 'ERR_CLIENT_NOT_ALLOWED' },
      });
    } else {
      // The one message that REST and WebSocket APIs answer with 401, and do not cache.
      await expect(answer).rejects.toThrow(/^Unauthorized$/);
    }
  });

  it.each(cases)(
    '%s: a user who is not mapped is forbidden, not unauthorised',
    async (_name, event, options, resource) => {
      const answer = await ask(authorizer(options), event(pools.person({ mapped: false }).new.accessToken()));
      expect(answer.context).toEqual({ error: 'ERR_LEGACY_ID_MISSING' });
      if (resource === null) expect(answer).toMatchObject({ isAuthorized: false });
      else expect(answer).toMatchObject({ policyDocument: { Statement: [{ Effect: 'Deny' }] } });
    },
  );

  it.each(cases)('%s: an outage is never a refusal, which would be cached', async (_name, event, options) => {
    const outage = createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: { ...pools.newPool.options },
      tokenUse: 'any',
      legacyId: {
        resolve: () => {
          throw new Error('down');
        },
      },
    });
    const handler = createApiGatewayAuthorizer({ verifier: outage, ...options });
    const answer = ask(handler, event(pools.person({ mapped: false }).new.accessToken()));
    await expect(answer).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE' });
    await expect(answer).rejects.not.toThrow(/^Unauthorized$/);
  });

  it.each(cases)('%s: no token', async (_name, _event, options, resource) => {
    const without: Readonly<Record<string, ApiGatewayAuthorizerEvent>> = {
      'REST TOKEN': tokenEvent(''),
      'WebSocket with the token in the query': socketEvent({}),
    };
    const event = without[_name] ?? (resource?.startsWith('test') ? requestEvent({}) : undefined);
    const answer = ask(
      authorizer(options),
      event ?? (options.httpApiAnswer || !resource ? httpEvent({}) : socketEvent({})),
    );
    if (resource === null) {
      expect(await answer).toEqual({ isAuthorized: false, context: { error: 'ERR_TOKEN_MISSING' } });
    } else if (options.httpApiAnswer === 'iam') expect((await answer).context).toEqual({ error: 'ERR_TOKEN_MISSING' });
    else await expect(answer).rejects.toThrow(/^Unauthorized$/);
  });
});

describe('the context', () => {
  it('holds text only, lists separated by spaces', async () => {
    const token = pools.newPool.accessToken({
      sub: anna.new.sub,
      legacy_sub: anna.userId,
      scope: 'orders/read orders/write',
      'cognito:groups': ['admins', 'ünï,cödé'],
    });
    const { context } = await authorizer()(tokenEvent(bearer(token)));
    expect(context).toEqual({
      userId: anna.userId,
      pool: 'new',
      sub: anna.new.sub,
      clientId: pools.newPool.clientId,
      scopes: 'orders/read orders/write',
      groups: 'admins ünï,cödé',
      expiresAt: expect.stringMatching(/^\d{10}$/),
    });
  });

  it('holds empty text where there is nothing', async () => {
    const { context } = await authorizer()(tokenEvent(bearer(anna.new.idToken())));
    expect(context).toMatchObject({ scopes: '', groups: '' });
  });

  it('is the client for machine tokens', async () => {
    const { context, principalId } = await authorizer()(tokenEvent(bearer(pools.newPool.machineToken())));
    expect(context).toMatchObject({ userId: pools.newPool.clientId });
    expect(principalId).toBe(pools.newPool.clientId);
  });
});

describe('the cache of API Gateway', () => {
  it.each(['test/GET/orders/7', 'test/POST/', 'test/DELETE/a/b/c', 'test-invoke-stage/GET/', 'v1/GET/orders/v1/GET'])(
    'a policy for %s covers the whole stage and no other',
    async (path) => {
      const answer = await authorizer()(tokenEvent(bearer(anna.new.accessToken()), path));
      const [stage] = path.split('/');
      expect(answer.policyDocument.Statement).toEqual([
        expect.objectContaining({ Resource: `${ARN}/${stage}/*/*`, Effect: 'Allow' }),
      ]);
    },
  );

  it('a policy of a REST API ends with the token', async () => {
    const exp = Math.floor(Date.now() / 1000) + 30;
    const until = `${new Date(exp * 1000).toISOString().slice(0, 19)}Z`;
    const token = bearer(pools.newPool.accessToken({ legacy_sub: anna.userId, exp }));
    for (const event of [tokenEvent(token), requestEvent({ headers: { Authorization: token } })]) {
      const answer = await authorizer()(event);
      expect(answer.policyDocument.Statement[0]?.Condition).toEqual({
        DateLessThanIfExists: { 'aws:CurrentTime': until },
      });
    }
  });

  it('a refusal, a WebSocket and an HTTP API have no condition', async () => {
    const unmapped = bearer(pools.person({ mapped: false }).new.accessToken());
    const good = bearer(anna.new.accessToken());
    const http = httpEvent({ headers: { authorization: good } });
    const answers = [
      await authorizer()(tokenEvent(unmapped)),
      await authorizer()(socketEvent({ headers: { Authorization: good } })),
      await authorizer({ httpApiAnswer: 'iam' })(http),
    ];
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain('Condition');
  });

  it('an HTTP API that caches by anything but the token is an error of the configuration', async () => {
    const token = bearer(anna.new.accessToken());
    const event = (identitySource: unknown) => httpEvent({ headers: { authorization: token }, identitySource });
    await expect(authorizer()(event(['203.0.113.7']))).rejects.toThrow('identity source');
    await expect(authorizer()(event(['203.0.113.7', token]))).resolves.toMatchObject({ isAuthorized: true });
    await expect(authorizer()(event(undefined))).resolves.toMatchObject({ isAuthorized: true });
  });
});

describe('credentials', () => {
  it.each([
    ['two headers', { multiValueHeaders: { Authorization: ['Bearer a', 'Bearer b'] } }],
    [
      'a header twice, in different case',
      { headers: { Authorization: 'Bearer a', authorization: 'Bearer b' }, multiValueHeaders: null },
    ],
    [
      'a header and a query parameter',
      { headers: { Authorization: 'Bearer a' }, queryStringParameters: { access_token: 'b' }, multiValueHeaders: null },
    ],
    ['another scheme', { headers: { Authorization: 'Basic dTpw' }, multiValueHeaders: null }],
    ['no token behind the scheme', { headers: { Authorization: 'Bearer ' }, multiValueHeaders: null }],
  ])('%s: unauthorised', async (_name, part) => {
    await expect(authorizer()(requestEvent(part))).rejects.toThrow(/^Unauthorized$/);
  });

  it('one good token among two is not good enough', async () => {
    const good = bearer(anna.new.accessToken());
    const event = requestEvent({ multiValueHeaders: { Authorization: [good, good] } });
    await expect(authorizer()(event)).rejects.toThrow(/^Unauthorized$/);
  });
});

describe('what is not an event', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'TOKEN'],
    ['another type', { type: 'COGNITO', methodArn: `${ARN}/test/GET/` }],
    ['no ARN', { type: 'TOKEN', authorizationToken: 'Bearer x' }],
    ['another service', { ...tokenEvent('Bearer x'), methodArn: 'arn:aws:lambda:eu-west-1:123456789012:function/x/y' }],
    ['an ARN with a wildcard', { ...tokenEvent('Bearer x'), methodArn: 'arn:aws:execute-api:eu-west-1:1:*/test/GET/' }],
    ['an ARN without a stage', { ...tokenEvent('Bearer x'), methodArn: ARN }],
    ['a route without an ARN', { version: '2.0', type: 'REQUEST', routeArn: null }],
  ])('%s: an error that API Gateway answers with 500', async (_name, event) => {
    await expect(authorizer()(asEvent<APIGatewayRequestAuthorizerEvent>(event))).rejects.toThrow(
      'not an event of an API Gateway authorizer',
    );
  });
});

describe('options', () => {
  it('makes a verifier from the options of one', async () => {
    const handler = createApiGatewayAuthorizer({
      legacyPool: pools.legacyPool.options,
      newPool: pools.newPool.options,
      tokenUse: 'access',
    });
    const answer = await handler(tokenEvent(bearer(anna.new.accessToken())));
    expect(answer.context).toMatchObject({ userId: anna.userId });
    await expect(handler(tokenEvent(bearer(anna.new.idToken())))).rejects.toThrow(/^Unauthorized$/);
  });

  it.each([
    ['httpApiAnswer', { httpApiAnswer: 'SIMPLE' }],
    ['getToken', { getToken: 'authorization' }],
    ['verifier', { verifier: {} }],
    ['tokenUse', { tokenUse: 'access' }],
  ])('%s wrong: named', (option, wrong) => {
    const options = { verifier, ...wrong } as Parameters<typeof createApiGatewayAuthorizer>[0];
    expect(() => createApiGatewayAuthorizer(options)).toThrow(ConfigurationError);
    expect(() => createApiGatewayAuthorizer(options)).toThrow(option);
  });

  it('a fault in getToken is an error, not a refusal', async () => {
    const handler = authorizer({
      getToken: () => {
        throw new RangeError('mine');
      },
    });
    await expect(handler(requestEvent({}))).rejects.toThrow(RangeError);
    const refusing = authorizer({
      getToken: () => {
        throw new CutoverError('ERR_TOKEN_MALFORMED', 'x');
      },
    });
    await expect(refusing(requestEvent({}))).rejects.toThrow(/^Unauthorized$/);
  });
});
