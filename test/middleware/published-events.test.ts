import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import express, { type RequestHandler } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createApiGatewayAuthorizer } from '../../middleware/api-gateway.js';
import { cutoverAuth, getAuth, requireGroup, requireScope } from '../../middleware/express.js';
import type { CutoverEvent, DecisionEvent, LegacyIdQuery } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';
import { bearer, httpEvent, requestEvent } from './api-gateway-events.js';

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

/** A verifier, and what it and everybody around it publishes: on the channel, and to its `onEvent`. */
function setUp() {
  const published: DecisionEvent[] = [];
  const told: CutoverEvent[] = [];
  const subscriber = (message: unknown) => published.push(message as DecisionEvent);
  subscribe('cognito-cutover:decision', subscriber);
  onTestFinished(() => {
    unsubscribe('cognito-cutover:decision', subscriber);
  });
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    onEvent: (event) => told.push(event),
  });
  /** What was published, in short. The same must have been told to `onEvent`. */
  const inShort = () => {
    expect(told).toEqual(published);
    return published.map(({ outcome, code }) => (code === undefined ? outcome : `${outcome} ${code}`));
  };
  return { verifier, published, inShort };
}

async function call(handlers: readonly RequestHandler[], headers: Record<string, string>): Promise<number> {
  const app = express();
  app.use(...handlers, (_req, res) => {
    res.json({});
  });
  app.use(((_error, _req, res, _next) => res.status(400).json({})) satisfies express.ErrorRequestHandler);
  return (await request(app).get('/').set(headers)).status;
}

const authorization = (token: string) => ({ Authorization: bearer(token) });

describe('an enforcing cutoverAuth', () => {
  it('leaves it to the verifier to publish what becomes of a token', async () => {
    const { verifier, inShort } = setUp();
    const handlers = [cutoverAuth({ verifier })];
    await call(handlers, authorization(pools.person().legacy.accessToken()));
    await call(handlers, authorization('not.a.token'));
    expect(inShort()).toEqual(['accepted', 'rejected ERR_TOKEN_MALFORMED']);
  });

  it('publishes what no verifier has seen', async () => {
    const { verifier, published, inShort } = setUp();
    const token = pools.person().legacy.accessToken();
    await call([cutoverAuth({ verifier })], {});
    await call([cutoverAuth({ verifier, credentialsRequired: false })], {});
    const twice: RequestHandler = (req, _res, next) => {
      req.rawHeaders.push('Authorization', bearer(token));
      next();
    };
    await call([twice, cutoverAuth({ verifier })], authorization(token));
    expect(inShort()).toEqual(['rejected ERR_TOKEN_MISSING', 'anonymous', 'rejected ERR_CREDENTIALS_AMBIGUOUS']);
    expect(published[0]).toEqual({
      ...{ type: 'rejected', outcome: 'rejected', code: 'ERR_TOKEN_MISSING', durationMs: 0 },
    });
  });

  it('is not repeated by a handler or guard that finds nobody after an error handler let the request through', async () => {
    const { verifier, inShort } = setUp();
    const forgiving: express.ErrorRequestHandler = (_error, _req, _res, next) => next();
    const handler: RequestHandler = (req, res) => {
      expect(() => getAuth(req)).toThrow();
      res.json({});
    };
    const app = express().use(cutoverAuth({ verifier }), forgiving, handler);
    await request(app).get('/');
    await request(app).get('/').set(authorization('x'));
    expect(inShort()).toEqual(['rejected ERR_TOKEN_MISSING', 'rejected ERR_TOKEN_MALFORMED']);
  });
});

it.each([
  ['ERR_INSUFFICIENT_SCOPE', requireScope('orders/write')],
  ['ERR_GROUP_REQUIRED', requireGroup('staff')],
])('a guard publishes its %s, with the client', async (code, guard) => {
  const { verifier, published, inShort } = setUp();
  const token = pools.person().legacy.accessToken();
  await call([cutoverAuth({ verifier }), guard], authorization(token));
  expect(inShort()).toEqual(['accepted', `rejected ${code}`]);
  const { userPoolId, clientId } = pools.legacyPool;
  expect(published[1]).toMatchObject({ pool: 'legacy', userPoolId, clientId, tokenUse: 'access', durationMs: 0 });
});

describe('an observing cutoverAuth', () => {
  it('publishes a user that is not the one of the authentication in use, and refusals', async () => {
    const { verifier, published, inShort } = setUp();
    const observe = (expected?: string) => [cutoverAuth({ verifier, mode: 'observe', compare: () => expected })];
    const { legacy } = pools.person();
    const token = legacy.accessToken();
    await call(observe('somebody else'), authorization(token));
    await call(observe(legacy.sub), authorization(token));
    await call(observe(), {});
    await call([...observe(), requireScope('orders/write')], authorization(token));
    await vi.waitFor(() => expect(published).toHaveLength(6));
    expect(inShort()).toEqual([
      ...['accepted', 'mismatch', 'accepted', 'rejected ERR_TOKEN_MISSING'],
      ...['accepted', 'rejected ERR_INSUFFICIENT_SCOPE'],
    ]);
    expect(published[1]).toMatchObject({ pool: 'legacy', clientId: pools.legacyPool.clientId, kind: 'user' });
    expect(JSON.stringify(published)).not.toContain('somebody else');
    expect(published.map(({ mode }) => mode)).toEqual(Array(6).fill('observe'));
  });

  it('publishes a refusal once, also where guards follow that could not have been reached', async () => {
    const { verifier, inShort } = setUp();
    const handlers = [cutoverAuth({ verifier, mode: 'observe' }), requireScope('orders/write'), requireGroup('staff')];
    await call(handlers, authorization('not.a.token'));
    await call(handlers, {});
    const later = { verify: async (token: string) => verifier.verify(token) };
    await call([cutoverAuth({ verifier: later, mode: 'observe' }), ...handlers.slice(1)], authorization('x'));
    expect(inShort()).toEqual([
      ...['rejected ERR_TOKEN_MALFORMED', 'rejected ERR_TOKEN_MISSING', 'rejected ERR_TOKEN_MALFORMED'],
    ]);
  });

  it('is told apart from an enforcing one, also where the decision comes later', async () => {
    const { published } = setUp();
    const resolve = async ({ sub }: LegacyIdQuery) => (sub.startsWith('0') ? undefined : sub);
    const verifier = createCutoverVerifier({
      newPool: pools.newPool.options,
      tokenUse: 'access',
      legacyId: { resolve },
      cache: false,
    });
    for (const first of ['0', '1']) {
      const token = pools.newPool.accessToken({ sub: `${first}0000000-0000-4000-8000-000000000000` });
      await call([cutoverAuth({ verifier, mode: 'observe' }), cutoverAuth({ verifier })], authorization(token));
    }
    await vi.waitFor(() => expect(published).toHaveLength(4));
    const outcomes = published.map(({ outcome, mode = 'enforce' }) => `${mode} ${outcome}`);
    expect(outcomes.toSorted()).toEqual([
      ...['enforce accepted', 'enforce rejected', 'observe accepted', 'observe rejected'],
    ]);
  });
});

it("with an application's own verifier, what that refuses is published on the channel", async () => {
  const { verifier, published } = setUp();
  const own = { verify: (token: string) => verifier.verify(token) };
  await call([cutoverAuth({ verifier: own })], authorization('x'));
  await call([cutoverAuth({ verifier: own })], {});
  expect(published).toMatchObject([{ code: 'ERR_TOKEN_MALFORMED' }, { code: 'ERR_TOKEN_MISSING' }]);
});

it('the API Gateway authorizer publishes what no verifier has seen', async () => {
  const { verifier, inShort } = setUp();
  const authorize = createApiGatewayAuthorizer({ verifier });
  await authorize(httpEvent({ headers: {} }) as never);
  await authorize(httpEvent({ headers: { authorization: bearer('x') } }) as never);
  await expect(authorize(requestEvent({ headers: {} }) as never)).rejects.toThrow('Unauthorized');
  const missing = 'rejected ERR_TOKEN_MISSING';
  expect(inShort()).toEqual([missing, 'rejected ERR_TOKEN_MALFORMED', missing]);
});

it('a subscriber that throws changes no answer', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
  const { verifier } = setUp();
  const faulty = () => {
    throw new Error('full disk');
  };
  subscribe('cognito-cutover:decision', faulty);
  onTestFinished(() => {
    unsubscribe('cognito-cutover:decision', faulty);
    warned.mockRestore();
  });
  expect(await call([cutoverAuth({ verifier })], authorization(pools.person().new.accessToken()))).toBe(200);
});

it("what an application's own verifier asks ours in observe mode is not taken for a refusal", async () => {
  const { verifier, published } = setUp();
  const own = { verify: async (token: string) => verifier.verify(token) };
  await call([cutoverAuth({ verifier: own, mode: 'observe' }), cutoverAuth({ verifier: own })], authorization('x'));
  expect(published).toMatchObject([{ code: 'ERR_TOKEN_MALFORMED', mode: 'observe' }, { code: 'ERR_TOKEN_MALFORMED' }]);
  expect(published[1]).not.toHaveProperty('mode');
});
