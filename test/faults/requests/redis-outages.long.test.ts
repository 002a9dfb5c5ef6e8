import { createServer } from 'node:http';
import express from 'express';
import { createClient } from 'redis';
import { expect, onTestFinished } from 'vitest';
import { cutoverAuth } from '../../../middleware/express.js';
import { cached } from '../../../src/legacy-id/cached.js';
import { guarded } from '../../../src/legacy-id/guarded.js';
import { createRedisStore } from '../../../src/legacy-id/redis.js';
import { storeResolver } from '../../../src/legacy-id/store.js';
import { createRedisOnceStore } from '../../../src/once/redis-once-store.js';
import { createDrainMonitor } from '../../../src/operate/drain/drain-monitor.js';
import { createRedisDrainStore } from '../../../src/operate/drain/stores/redis-drain-store.js';
import { createPhases } from '../../../src/operate/phases/phases.js';
import { createRedisPhaseStore } from '../../../src/operate/phases/redis-phase-store.js';
import { createTestPools } from '../../../src/testing/index.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import { noteProcessFaults } from '../../support/process-faults.js';
import { startRedis } from '../../support/redis-server.js';
import { fault } from '../fault.js';
import { listenForTest } from './broken-servers.js';

const faults = noteProcessFaults();
const PEOPLE = 40;

/** An API with everything that can be in Redis in Redis, and people who use it all the time. */
async function startApi() {
  let server = await startRedis();
  const { port, url } = server;
  const socket = { reconnectStrategy: 50 };
  const client = createClient({ url, disableOfflineQueue: true, socket });
  client.on('error', () => {});
  await client.connect();
  const pools = await createTestPools({ serve: false });
  let waiting = 0;
  const get = async (key: string) => {
    waiting += 1;
    return client.get(key).finally(() => {
      waiting -= 1;
    });
  };
  const { set, del } = { set: client.set.bind(client), del: client.del.bind(client) };
  const store = createRedisStore({ client: { get, set, del } });
  const people = Array.from({ length: PEOPLE }, () => pools.person({ mapped: false }));
  const fill = () => store.setMany(people.map(({ new: { sub }, userId }) => [sub, userId] as const));
  await fill();
  const phaseStore = createRedisPhaseStore({ client });
  const phases = createPhases({ source: phaseStore, initial: {}, pollSeconds: 1 });
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    cache: false,
    legacyTokens: phases,
    legacyId: {
      resolve: cached(guarded(storeResolver(store), { openSeconds: 1, timeoutMs: 300 }), {
        ttlSeconds: 0,
        missingTtlSeconds: 0,
      }),
      resolveTimeoutMs: 500,
    },
  });
  const drainErrors: Error[] = [];
  const drain = createDrainMonitor({
    store: createRedisDrainStore({ client }),
    instance: 'api',
    flushSeconds: 0.1,
    onError: (error) => drainErrors.push(error),
  });
  const app = express();
  app.use(cutoverAuth({ verifier }));
  app.get('/', (req, res) => {
    res.json(req.auth?.userId);
  });
  // No connection is closed as idle when a busy machine stalls.
  const api = createServer({ keepAliveTimeout: 120_000 }, app);
  const address = `http://127.0.0.1:${await listenForTest(api)}/`;
  onTestFinished(async () => {
    server.resume();
    await drain.close();
    phases.close();
    client.destroy();
    await server.stop();
    await pools.close();
  });

  const seen = new Map<string, number>();
  const ask = async (n: number) => {
    const person = people[n % PEOPLE]!;
    const side = n % 3 === 0 ? person.legacy : person.new;
    const headers = { authorization: `Bearer ${side.accessToken()}` };
    const answer = await fetch(address, { headers }).catch(({ cause }) => {
      throw new Error(`no answer: ${cause?.code} ${cause?.message}`);
    });
    const body = await answer.text();
    const isRight = body === JSON.stringify(person.userId);
    const what = answer.status === 200 ? (isRight ? 'right' : 'WRONG') : `${answer.status}`;
    const key = `${n % 3 === 0 ? 'legacy' : 'new'} ${what}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  };
  let n = 0;
  return {
    waiting: () => waiting,
    drain,
    drainErrors,
    phases,
    store,
    fill,
    once: createRedisOnceStore({ client }),
    /** What became of some requests, eight at a time. */
    async load(rounds: number) {
      seen.clear();
      for (let round = 0; round < rounds; round += 1) {
        await Promise.all(Array.from({ length: 8 }, () => ask(n++)));
      }
      return Object.fromEntries([...seen].sort());
    },
    server: () => server,
    async restart() {
      server = await startRedis(port);
    },
  };
}

const onlyKinds = (answers: object, ...kinds: string[]) => expect(Object.keys(answers).sort()).toEqual(kinds.sort());

fault(
  'Redis is killed under load and comes back',
  'a legacy id that cannot be looked up is 503, never another identity; legacy tokens are accepted throughout; all recover by themselves',
  async () => {
    const api = await startApi();
    onlyKinds(await api.load(20), 'legacy right', 'new right');
    await api.server().stop();
    onlyKinds(await api.load(40), 'legacy right', 'new 503');
    await expect(api.once.claim('a', Date.now() / 1000 + 60)).rejects.toThrow();
    await expect(api.phases.refresh()).rejects.toThrow();
    await expect.poll(() => api.drainErrors.length).toBeGreaterThan(0);
    expect((await api.drain.report()).safeToClose).toBe(false);
    await api.restart();
    await expect
      .poll(() =>
        api.fill().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await expect
      .poll(async () => Object.keys(await api.load(5)).sort(), { timeout: 20_000 })
      .toEqual(['legacy right', 'new right']);
    await expect
      .poll(() =>
        api.drain.flush().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    expect(await api.once.claim('a', Date.now() / 1000 + 60)).toBe(true);
    expect(faults).toEqual([]);
  },
  { needs: 'redis' },
);

fault(
  'Redis keeps its connections and answers nothing (SIGSTOP)',
  'the same as for a Redis that is gone; requests wait no longer than the time limit, and what waits for Redis stays bounded',
  async () => {
    const api = await startApi();
    onlyKinds(await api.load(20), 'legacy right', 'new right');
    api.server().pause();
    onlyKinds(await api.load(40), 'legacy right', 'new 503');
    // Those that ran into the time limit, and probes since. Not one per request: there were 213 that asked.
    expect(api.waiting()).toBeLessThan(30);
    api.server().resume();
    await expect
      .poll(async () => Object.keys(await api.load(5)).sort(), { timeout: 20_000 })
      .toEqual(['legacy right', 'new right']);
    await api.drain.flush();
    expect(faults).toEqual([]);
  },
  { needs: 'redis' },
);
