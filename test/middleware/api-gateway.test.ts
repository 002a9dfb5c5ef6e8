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
import { FakeClock } from '../support/fake-clock.js';
import {
  ARN,
  asEvent,
  bearer,
  httpEvent,
  httpEventV1,
  requestEvent,
  socketEvent,
  tokenEvent,
} from './api-gateway-events.js';

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
      'HTTP API, payload format 1.0',
      (token) => httpEventV1({ headers: { Authorization: bearer(token) }, identitySource: bearer(token) }),
      { httpApiAnswer: 'simple' },
      'test/*/*',
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
    } else if (_name.startsWith('HTTP API')) {
      // An HTTP API answers 500 to whatever is thrown.
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
      'HTTP API, payload format 1.0': httpEventV1({}),
    };
    const event = without[_name] ?? (resource?.startsWith('test') ? requestEvent({}) : undefined);
    const answer = ask(
      authorizer(options),
      event ?? (options.httpApiAnswer || !resource ? httpEvent({}) : socketEvent({})),
    );
    if (resource === null) {
      expect(await answer).toEqual({ isAuthorized: false, context: { error: 'ERR_TOKEN_MISSING' } });
    } else if (options.httpApiAnswer !== undefined)
      expect((await answer).context).toEqual({ error: 'ERR_TOKEN_MISSING' });
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
      kind: 'user',
      pool: 'new',
      sub: anna.new.sub,
      clientId: pools.newPool.clientId,
      tokenUse: 'access',
      scopes: 'orders/read orders/write',
      groups: 'admins ünï,cödé',
      expiresAt: expect.stringMatching(/^\d{10}$/),
    });
  });

  it('holds empty text where there is nothing', async () => {
    const { context } = await authorizer()(tokenEvent(bearer(anna.new.idToken())));
    expect(context).toMatchObject({ scopes: '', groups: '', tokenUse: 'id' });
  });

  it('is the client for machine tokens', async () => {
    const { context, principalId } = await authorizer()(tokenEvent(bearer(pools.newPool.machineToken())));
    expect(context).toMatchObject({ userId: pools.newPool.clientId, kind: 'machine' });
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

  const conditionOf = (seconds: number) => ({
    DateLessThanIfExists: { 'aws:CurrentTime': `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` },
  });

  it.each([
    ['5 s, the default', {}, 5],
    ['none', { clockToleranceSeconds: 0 }, 0],
    ['a minute', { clockToleranceSeconds: 60 }, 60],
    ['a part of a second, rounded up', { clockToleranceSeconds: 0.5 }, 1],
  ])('a policy of a REST API ends with the token and the tolerance: %s', async (_name, options, tolerance) => {
    const exp = Math.floor(Date.now() / 1000) + 30;
    const token = bearer(pools.newPool.accessToken({ legacy_sub: anna.userId, exp }));
    for (const event of [tokenEvent(token), requestEvent({ headers: { Authorization: token } })]) {
      const answer = await authorizer(options)(event);
      expect(answer.policyDocument.Statement[0]?.Condition).toEqual(conditionOf(exp + tolerance));
    }
  });

  it.each([
    ['made before, with the default', 5, () => ({ verifier: createCutoverVerifier(rules()) })],
    [
      'made before, with a tolerance of its own that is repeated',
      90,
      () => ({
        verifier: createCutoverVerifier({ ...rules(), clockToleranceSeconds: 90 }),
        clockToleranceSeconds: 90,
      }),
    ],
    ['made here, with the default', 5, () => rules()],
    ['made here, with another', 90, () => ({ ...rules(), clockToleranceSeconds: 90 })],
  ])('never denies at once what a verifier accepts within its tolerance (%s)', async (_name, tolerance, options) => {
    const handler = createApiGatewayAuthorizer(options());
    const exp = clock.seconds - tolerance + 1;
    const answer = await handler(
      tokenEvent(bearer(pools.newPool.accessToken({ legacy_sub: anna.userId, iat: exp - 60, exp }))),
    );
    expect(answer.policyDocument.Statement[0]?.Condition).toEqual(conditionOf(clock.seconds + 1));
    const old = bearer(pools.newPool.accessToken({ legacy_sub: anna.userId, iat: exp - 60, exp: exp - 1 }));
    await expect(handler(tokenEvent(old))).rejects.toThrow(/^Unauthorized$/);
  });
  const clock = new FakeClock();
  const rules = () => ({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any' as const,
    clock,
  });

  it('a policy ends at the last moment that can be named, if its token never does', async () => {
    const token = pools.newPool.accessToken({ legacy_sub: anna.userId, exp: 1e300 });
    const answer = await authorizer()(tokenEvent(bearer(token)));
    expect(JSON.stringify(answer.policyDocument)).toContain('"9999-12-31T23:59:59Z"');
  });

  it('a refusal, a WebSocket and an HTTP API have no condition', async () => {
    const unmapped = bearer(pools.person({ mapped: false }).new.accessToken());
    const good = bearer(anna.new.accessToken());
    const http = httpEvent({ headers: { authorization: good } });
    const answers = [
      await authorizer()(tokenEvent(unmapped)),
      await authorizer()(socketEvent({ headers: { Authorization: good } })),
      await authorizer({ httpApiAnswer: 'iam' })(http),
      await authorizer()(httpEventV1({ headers: { Authorization: good } })),
    ];
    for (const answer of answers) expect(JSON.stringify(answer)).not.toContain('Condition');
  });

  it('an HTTP API that caches by anything but the token is an error of the configuration', async () => {
    const token = bearer(anna.new.accessToken());
    const event = (identitySource: unknown) => httpEvent({ headers: { authorization: token }, identitySource });
    await expect(authorizer()(event(['203.0.113.7']))).rejects.toThrow('identity source');
    await expect(authorizer()(event(['203.0.113.7', token]))).resolves.toMatchObject({ isAuthorized: true });
    await expect(authorizer()(event(undefined))).resolves.toMatchObject({ isAuthorized: true });
    // Payload format 1.0 has them in one string.
    const eventV1 = (identitySource: unknown) => httpEventV1({ headers: { authorization: token }, identitySource });
    await expect(authorizer()(eventV1('203.0.113.7'))).rejects.toThrow('identity source');
    for (const source of [`203.0.113.7,${token}`, undefined, ''])
      await expect(authorizer()(eventV1(source))).resolves.toMatchObject({ principalId: anna.userId });
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
    ['an ARN with a wildcard for one character', { ...tokenEvent('Bearer x'), methodArn: `${ARN}/tes?/GET/` }],
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
    ['clockToleranceSeconds', { clockToleranceSeconds: 301 }],
    ['clockToleranceSeconds', { clockToleranceSeconds: '5' }],
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
