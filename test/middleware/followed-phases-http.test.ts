import { join } from 'node:path';
import express, { type RequestHandler } from 'express';
import type { RedisClientType } from 'redis';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CutoverDecision, cutoverAuth } from '../../middleware/express.js';
import { cutoverGuard } from '../../middleware/nest.js';
import {
  type CutoverVerifier,
  createCutoverVerifier,
  createFilePhaseStore,
  createPhases,
  type PhasePlan,
  type Phases,
} from '../../src/index.js';
import { createRedisPhaseStore } from '../../src/stores/redis-stores.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { folder } from '../support/folder.js';
import { startRedis } from '../support/redis-server.js';
import { run as runSample, sampleOf } from '../support/samples.js';
import { HAS } from '../support/tools.js';

vi.spyOn(console, 'error').mockImplementation(() => {});

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const at = (seconds: number) => new Date(NOW + seconds * 1_000);
const options = () => ({
  legacyPool: pools.legacyPool.options,
  newPool: pools.newPool.options,
  tokenUse: 'access' as const,
});

/** Phases in a file, as the `phase` command writes it. */
async function startPhases(plan: PhasePlan = {}) {
  const store = createFilePhaseStore({ path: join(folder(), 'phases.json') });
  await store.write(plan);
  const phases = createPhases({ source: store });
  onTestFinished(() => phases.close());
  const set = async (next: PhasePlan) => {
    await store.write(next);
    await phases.refresh();
  };
  await phases.ready();
  return { phases, set };
}

function app(...handlers: RequestHandler[]) {
  const made = express();
  made.use(...handlers, (req, res) => {
    res.json(req.auth);
  });
  return made;
}

/** What a client sees: the status, and what the headers announce. */
async function seen(made: express.Express, token: string) {
  const { status, headers } = await request(made).get('/').set('Authorization', `Bearer ${token}`);
  const { deprecation, sunset, link } = headers;
  return { status, deprecation, sunset, link };
}
const SILENT = { deprecation: undefined, sunset: undefined, link: undefined };

it('an API goes through all phases and back, without a restart', async () => {
  const { phases, set } = await startPhases();
  const made = app(cutoverAuth({ ...options(), legacyTokens: phases }));
  const [announceFrom, acceptSignInsBefore, acceptUntil] = [at(-60), at(-30), at(3_600)];
  const deprecation = `@${announceFrom.getTime() / 1_000}`;
  const sunset = acceptUntil.toUTCString();
  const anna = pools.person();
  const old = anna.legacy.accessToken({ auth_time: NOW / 1_000 - 600 });
  const recent = anna.legacy.accessToken({ auth_time: NOW / 1_000 - 10 });
  const other = anna.new.accessToken();
  const all = async () => [await seen(made, old), await seen(made, recent), await seen(made, other)];
  const accepted = { status: 200, ...SILENT };
  const refused = { status: 401, ...SILENT };

  expect(await all()).toEqual([accepted, accepted, accepted]);
  await set({ announceFrom });
  const deprecated = { ...accepted, deprecation };
  expect(await all()).toEqual([deprecated, deprecated, accepted]);
  await set({ announceFrom, acceptUntil });
  const ending = { ...deprecated, sunset };
  expect(await all()).toEqual([ending, ending, accepted]);
  await set({ announceFrom, acceptSignInsBefore, acceptUntil });
  expect(await all()).toEqual([ending, refused, accepted]);
  await set({ announceFrom, acceptSignInsBefore, acceptUntil: at(-1) });
  expect(await all()).toEqual([refused, refused, accepted]);
  await set({ announceFrom });
  expect(await all()).toEqual([deprecated, deprecated, accepted]);
  await set({});
  expect(await all()).toEqual([accepted, accepted, accepted]);
});

describe('legacyTokenHeaders beside phases', () => {
  const link = 'https://developer.example.com/new-sign-in';
  const linked = `<${link}>; rel="deprecation"; type="text/html"`;

  it('link is sent with what the phases announce', async () => {
    const { phases, set } = await startPhases();
    const verifier = createCutoverVerifier({ ...options(), legacyTokens: phases });
    const made = app(cutoverAuth({ verifier, legacyTokenHeaders: { link } }));
    const token = pools.legacyPool.accessToken();
    expect(await seen(made, token)).toEqual({ status: 200, ...SILENT });
    await set({ announceFrom: new Date(0) });
    expect(await seen(made, token)).toMatchObject({ deprecation: '@0', sunset: undefined, link: linked });
  });

  it('dates given there take the place of both', async () => {
    const { phases } = await startPhases({ announceFrom: new Date(0), acceptUntil: at(60) });
    const made = app(
      cutoverAuth({ ...options(), legacyTokens: phases, legacyTokenHeaders: { deprecation: at(3_600), link } }),
    );
    expect(await seen(made, pools.legacyPool.accessToken())).toEqual({
      status: 200,
      deprecation: `@${NOW / 1_000 + 3_600}`,
      sunset: undefined,
      link: linked,
    });
  });

  it('a verifier of the application passes its phases on', async () => {
    const { phases } = await startPhases({ announceFrom: new Date(0) });
    const inner = createCutoverVerifier({ ...options(), legacyTokens: phases });
    const verify = (token: string) => inner.verify(token);
    const token = pools.legacyPool.accessToken();
    const wrapped = (verifier: Parameters<typeof cutoverAuth>[0]['verifier'] & object) =>
      seen(app(cutoverAuth({ verifier })), token);
    expect(await wrapped({ verify, phases })).toMatchObject({ status: 200, deprecation: '@0' });
    expect(await wrapped({ verify })).toMatchObject({ status: 200, deprecation: undefined });
  });
});

it("Nest's guard announces too", async () => {
  const { phases } = await startPhases({ announceFrom: new Date(0), acceptUntil: at(3_600) });
  const guard = cutoverGuard({ ...options(), legacyTokens: phases });
  const made = app(async (req, res, next) => {
    const http = { getRequest: () => req, getResponse: () => res };
    await guard.canActivate({ getType: () => 'http', switchToHttp: () => http });
    next();
  });
  const announced = { deprecation: '@0', sunset: at(3_600).toUTCString() };
  expect(await seen(made, pools.legacyPool.accessToken())).toMatchObject({ status: 200, ...announced });
});

it('observe mode tells whom the next phase would refuse, by app client, and changes nothing', async () => {
  const { phases } = await startPhases({ announceFrom: at(-60), acceptSignInsBefore: at(3_600) });
  const decisions: CutoverDecision[] = [];
  const dryRun = cutoverAuth({
    ...options(),
    legacyTokens: phases.next,
    mode: 'observe',
    onDecision: (decision) => decisions.push(decision),
  });
  const made = app(cutoverAuth({ ...options(), legacyTokens: phases }), dryRun);
  const old = pools.legacyPool.accessToken({ auth_time: NOW / 1_000 - 600 });
  const recent = pools.legacyPool.accessToken({ auth_time: NOW / 1_000 - 10 });
  for (const token of [old, recent, pools.newPool.accessToken({ legacy_sub: pools.person().userId })]) {
    expect(await seen(made, token)).toMatchObject({ status: 200 });
  }
  expect(decisions.map(({ outcome }) => outcome)).toEqual(['accepted', 'refused', 'accepted']);
  const [, refused] = decisions;
  expect(refused).toMatchObject({
    error: { code: 'ERR_LEGACY_POOL_CLOSED', clientId: pools.legacyPool.clientId, pool: 'legacy' },
  });
});

it('an observing cutoverAuth announces nothing', async () => {
  const { phases } = await startPhases({ announceFrom: new Date(0) });
  const made = app(cutoverAuth({ ...options(), legacyTokens: phases, mode: 'observe' }));
  expect(await seen(made, pools.legacyPool.accessToken())).toEqual({ status: 200, ...SILENT });
});

it('an API whose phases are not known answers 503 to legacy tokens, and serves the new pool', async () => {
  const source = async () => {
    throw new Error('secret address of the store');
  };
  const phases = createPhases({ source });
  onTestFinished(() => phases.close());
  const made = app(cutoverAuth({ ...options(), legacyTokens: phases }));
  const anna = pools.person();
  const response = await request(made).get('/').set('Authorization', `Bearer ${anna.legacy.accessToken()}`);
  expect([response.status, response.get('Retry-After')]).toEqual([503, '1']);
  expect(response.headers).not.toHaveProperty('www-authenticate');
  expect(response.text).not.toContain('secret');
  expect(await seen(made, anna.new.accessToken())).toMatchObject({ status: 200 });
});

describe('docs/phases.md', () => {
  const PAGE = 'docs/phases.md';

  it('counts by app client whom the next phase would refuse', async () => {
    const path = join(folder(), 'phases.json');
    await createFilePhaseStore({ path }).write({ announceFrom: at(-60), acceptSignInsBefore: at(3_600) });
    const code = sampleOf(PAGE, 'refusedNext', pools).replaceAll('/etc/orders/phases.json', path);
    const { app: made, refusedNext } = await runSample<{ app: express.Express; refusedNext: Map<string, number> }>(
      code,
    );
    made.get('/', (req, res) => void res.json(req.auth));
    for (const seconds of [600, 10, 5]) {
      const token = pools.legacyPool.accessToken({ auth_time: NOW / 1_000 - seconds });
      expect(await seen(made, token)).toMatchObject({ status: 200, deprecation: `@${NOW / 1_000 - 60}` });
    }
    expect([...refusedNext]).toEqual([[pools.legacyPool.clientId, 2]]);
  });

  it.skipIf(!HAS.redis)('follows a plan in Redis', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    vi.stubEnv('REDIS_URL', server.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const code = sampleOf(PAGE, 'createRedisPhaseStore', pools).replace(
      'await verifier.hydrate();',
      'export { client };$&',
    );
    const { client, phases, verifier } = await runSample<{
      client: RedisClientType;
      phases: Phases;
      verifier: CutoverVerifier;
    }>(code);
    onTestFinished(() => {
      phases.close();
      client.destroy();
    });
    const token = pools.legacyPool.accessToken();
    expect((await verifier.verify(token)).pool).toBe('legacy');
    await createRedisPhaseStore({ client }).write({ acceptUntil: at(-60) });
    await phases.refresh();
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'ERR_LEGACY_POOL_CLOSED' });
  });

  it.each(['createDynamoDbPhaseStore', 'pollSeconds: 5', 'config.internal'])(
    'has a sample with %s that runs',
    async (part) => {
      vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
      onTestFinished(() => void vi.unstubAllEnvs());
      vi.stubGlobal('fetch', async () => Response.json({}, { status: 503 }));
      onTestFinished(() => void vi.unstubAllGlobals());
      const code = sampleOf(PAGE, part, pools)
        .replace("region: 'eu-west-1'", "$&, endpoint: 'http://127.0.0.1:1'")
        .replace('/etc/orders/phases.json', '/nowhere/phases.json');
      const { phases } = await runSample<{ phases: Phases }>(code);
      onTestFinished(() => phases.close());
      expect((await phases.ready()).error).toBeInstanceOf(Error);
    },
  );
});
