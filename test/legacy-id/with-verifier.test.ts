import express from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutoverAuth } from '../../middleware/express.js';
import { cached } from '../../src/legacy-id/cached.js';
import { adminGetUserResolver, type CognitoResolverOptions } from '../../src/legacy-id/cognito.js';
import { guarded } from '../../src/legacy-id/guarded.js';
import { chain, type LegacyIdResolver } from '../../src/legacy-id/resolver.js';
import { storeResolver } from '../../src/legacy-id/store.js';
import { createTestPools, type TestPools, type TestUser } from '../../src/testing/index.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';
import { amount } from '../support/amount.js';
import { sdkClient, started } from '../support/cognito-simulator/testing.js';

const USERS = amount(200, 500);

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

/** A verifier that reads the attribute of users whose token carries nothing, and what it asked of the pool. */
async function setUp(users: readonly TestUser[], options: Partial<CognitoResolverOptions> = {}) {
  const { userPoolId } = pools.newPool;
  const { simulator } = await started({
    pools: [
      {
        id: userPoolId,
        customAttributes: ['legacy_sub'],
        users: users.map(({ sub, username }) => ({ sub, username })),
      },
    ],
  });
  const client = sdkClient(simulator.endpoint);
  const seen = { atOnce: 0, most: 0 };
  client.middlewareStack.add((next) => async (args) => {
    seen.atOnce += 1;
    seen.most = Math.max(seen.most, seen.atOnce);
    try {
      return await next(args);
    } finally {
      seen.atOnce -= 1;
    }
  });
  const resolve = adminGetUserResolver({ userPoolId, client, ...options });
  const store = new Map<string, string>();
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    legacyId: { resolve: chain(storeResolver(store), resolve), resolveTimeoutMs: 30_000 },
  });
  const lookups = () => simulator.stats.of('AdminGetUser').attempts;
  return { simulator, verifier, store, lookups, seen };
}

describe('a verifier with a store and the user pool behind it', () => {
  it('finds the legacy id in whichever has it', async () => {
    const [inStore, inPool, nowhere] = [1, 2, 3].map(() => pools.person({ mapped: false }));
    const { verifier, store, simulator } = await setUp([inStore!.new, inPool!.new, nowhere!.new]);
    store.set(inStore!.new.sub, inStore!.userId);
    simulator.pool(pools.newPool.userPoolId).user(inPool!.new.username)!.attributes['custom:legacy_sub'] =
      inPool!.userId;
    for (const person of [inStore!, inPool!]) {
      expect(await verifier.verify(person.new.accessToken())).toMatchObject({
        userId: person.userId,
        userIdSource: 'resolver',
      });
    }
    await expect(verifier.verify(nowhere!.new.accessToken())).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_MISSING' });
  });

  it(`asks the pool at most once per user in a flood of ${10 * USERS} requests of ${USERS} unmapped users`, async () => {
    const users = Array.from({ length: USERS }, () => pools.person({ mapped: false }).new);
    const tokens = users.map((user) => user.accessToken());
    const { verifier, lookups, seen } = await setUp(users, {
      guard: { maxConcurrent: 8, maxPerSecond: null, maxWaiting: 1_000, timeoutMs: 60_000 },
      cache: { timeoutMs: 60_000 },
    });
    const requests = Array.from({ length: 10 * USERS }, (_, n) => verifier.verify(tokens[n % USERS]!));
    const codes = (await Promise.allSettled(requests)).map(
      (result) => result.status === 'rejected' && result.reason.code,
    );
    expect(new Set(codes)).toEqual(new Set(['ERR_LEGACY_ID_MISSING']));
    expect(lookups()).toBe(USERS);
    expect(seen.most).toBe(8);
  }, 120_000);

  it('leaves most of the quota alone in such a flood if not told otherwise', async () => {
    const users = Array.from({ length: USERS }, () => pools.person({ mapped: false }).new);
    // Its limits on time are not what this is about: a busy machine would end lookups that wait.
    const { verifier, lookups, seen } = await setUp(users, {
      guard: { timeoutMs: 60_000 },
      cache: { timeoutMs: 60_000 },
    });
    const requests = await Promise.allSettled(users.map((user) => verifier.verify(user.accessToken())));
    const refused = requests.filter((result) => result.status === 'rejected' && result.reason.status === 503);
    // 8 at once and 50 who wait; everyone else comes back later.
    expect(lookups()).toBe(58);
    expect(refused).toHaveLength(USERS - 58);
    expect(refused[0]).toMatchObject({ reason: { code: 'ERR_LEGACY_ID_UNAVAILABLE', retryAfterSeconds: 3 } });
    expect(seen.most).toBeLessThanOrEqual(8);
  });

  it('with the pool down serves mapped users unchanged, and tells the others when to come back', async () => {
    const mapped = pools.person();
    const known = pools.person({ mapped: false });
    const unmapped = Array.from({ length: 10 }, () => pools.person({ mapped: false }).new);
    const { verifier, store, simulator, lookups } = await setUp(unmapped);
    store.set(known.new.sub, known.userId);
    simulator.faults.set([{ kind: 'internal-error' }]);
    const app = express();
    app.use(cutoverAuth({ verifier }));
    app.get('/', (req, res) => {
      res.json(req.auth?.userId);
    });
    const get = (user: TestUser) => request(app).get('/').auth(user.accessToken(), { type: 'bearer' });

    for (const user of unmapped.slice(0, 5)) expect((await get(user)).status).toBe(503);
    expect(lookups()).toBe(5);
    for (const user of unmapped) {
      const { status, headers } = await get(user);
      expect(status).toBe(503);
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(headers['retry-after'])).toBeLessThanOrEqual(10);
    }
    expect(lookups()).toBe(5);
    expect(await get(mapped.new)).toMatchObject({ status: 200, body: mapped.userId });
    expect(await get(mapped.legacy)).toMatchObject({ status: 200, body: mapped.userId });
    expect(await get(known.new)).toMatchObject({ status: 200, body: known.userId });
  });
});

it('a mapping that was corrected is in use at once, through every resolver in front of the store', async () => {
  const anna = pools.person({ mapped: false });
  const store = new Map([[anna.new.sub, '0b6a3f0e-5c3e-4a8e-9d7e-111111111111']]);
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    legacyId: { resolve: guarded(chain(() => undefined, cached(guarded(storeResolver(store))))) },
  });
  const token = anna.new.accessToken();
  expect((await verifier.verify(token)).userId).toBe('0b6a3f0e-5c3e-4a8e-9d7e-111111111111');
  store.set(anna.new.sub, anna.userId);
  verifier.forget(anna.new.sub);
  expect((await verifier.verify(token)).userId).toBe(anna.userId);
});

describe('a verifier whose own time limit is shorter than that of the lookups', () => {
  it('closes a silent source to everyone after a few of them, and says so at once', async () => {
    const asked: AbortSignal[] = [];
    const silent: LegacyIdResolver = ({ signal }) => {
      asked.push(signal);
      return new Promise(() => {});
    };
    const verifier = createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: pools.newPool.options,
      tokenUse: 'access',
      legacyId: { resolve: guarded(silent, { failuresToOpen: 2, openSeconds: 30 }), resolveTimeoutMs: 100 },
    });
    const app = express();
    app.use(cutoverAuth({ verifier }));
    const get = () =>
      request(app)
        .get('/')
        .auth(pools.person({ mapped: false }).new.accessToken(), { type: 'bearer' });
    for (let n = 0; n < 5; n++) expect((await get()).status).toBe(503);
    expect(asked).toHaveLength(2);
    expect(asked.every((signal) => signal.aborted)).toBe(true);
    expect(Number((await get()).headers['retry-after'])).toBeGreaterThan(25);
  });
});
