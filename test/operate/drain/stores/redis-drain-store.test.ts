import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../src/clock.js';
import { ConfigurationError } from '../../../../src/errors.js';
import { isDrainRecord } from '../../../../src/operate/drain/report/stored-values.js';
import { createRedisDrainStore } from '../../../../src/operate/drain/stores/redis-drain-store.js';
import { startRedis } from '../../../support/redis-server.js';
import { HAS } from '../../../support/tools.js';
import { sketchOf } from '../count/sketches.js';
import { LEGACY_POOL, recordOf, runOf } from '../support.js';
import { drainStoreContract } from './drain-store-contract.js';

const NOON = Date.UTC(2026, 0, 15, 12);

const connect = async (url: string) => {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => {});
  await client.connect();
  return client;
};

let server: Awaited<ReturnType<typeof startRedis>>;
let client: Awaited<ReturnType<typeof connect>>;
let other: Redis;
beforeAll(async () => {
  if (!HAS.redis) return;
  server = await startRedis();
  client = await connect(server.url);
  other = new Redis(server.url, { enableOfflineQueue: true });
});
afterAll(async () => {
  if (!HAS.redis) return;
  client.destroy();
  other.disconnect();
  await server.stop();
});

const available = { available: HAS.redis };
drainStoreContract('node-redis', (place) => createRedisDrainStore({ client, keyPrefix: `${place}:` }), available);
drainStoreContract('ioredis', (place) => createRedisDrainStore({ client: other, keyPrefix: `${place}:` }), available);

describe.skipIf(!HAS.redis)('createRedisDrainStore', () => {
  const run = runOf({ startedAt: NOON, reportedAt: NOON });
  const record = (users: number) =>
    recordOf({
      tokens: users,
      users: `${sketchOf(0, users)}`,
      hours: [{ hour: 3, tokens: users, users: `${sketchOf(0, users)}` }],
    });
  const keysOf = async (prefix: string) =>
    (await client.keys(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();

  it('lets Redis count what it merged', async () => {
    const store = createRedisDrainStore({ client, keyPrefix: 'count:' });
    await store.write(run, [record(20_000)]);
    const counted = await client.pfCount(`count:{drain}:2026-01-15:${LEGACY_POOL}:all:many`);
    expect(counted).toBe(sketchOf(0, 20_000).count);
  });

  it('keeps no more for a fleet of which each instance saw few users', async () => {
    const instances = 20;
    for (let n = 0; n < instances; n += 1) {
      const store = createRedisDrainStore({ client, keyPrefix: 'fleet:' });
      const users = `${sketchOf(n * 900, (n + 1) * 900)}`;
      await store.write({ ...run, run: `run-${n}` }, [recordOf({ run: `run-${n}`, users })]);
    }
    const key = `fleet:{drain}:2026-01-15:${LEGACY_POOL}:all`;
    expect(await client.sCard(`${key}:few`)).toBeLessThan(2_000);
    const { records } = await createRedisDrainStore({ client, keyPrefix: 'fleet:' }).read('1970-01-01');
    expect(records.find((one) => one.instance === 'all')?.users).toBe(`${sketchOf(0, instances * 900)}`);
  });

  it('mixes up no users of instances that write at the same time, though their processes have one id', async () => {
    const [one, two] = [1, 2].map(() => createRedisDrainStore({ client, keyPrefix: 'containers:' }));
    const users = (from: number) => recordOf({ run: `run-${from}`, users: `${sketchOf(from, from + 20_000)}` });
    await Promise.all([
      one?.write({ ...run, run: 'run-0' }, [users(0)]),
      two?.write({ ...run, run: 'run-20000' }, [users(20_000)]),
    ]);
    expect(await client.pfCount(`containers:{drain}:2026-01-15:${LEGACY_POOL}:all:many`)).toBe(
      sketchOf(0, 40_000).count,
    );
  });

  it('lets what was counted expire, and never an instance', async () => {
    const store = createRedisDrainStore({ client, keyPrefix: 'expiry:', retentionDays: 30 });
    await store.write(run, [record(5), recordOf({ ...record(3_000), day: '2026-01-14' })]);
    const ttls = await Promise.all(
      (await keysOf('expiry:')).map(async (key) => [
        key.replace('{drain}:', '').replace(LEGACY_POOL, 'P'),
        await client.ttl(`expiry:${key}`),
      ]),
    );
    const days = (count: number) => count * 86_400;
    expect(Object.fromEntries(ttls)).toEqual({
      instances: -1,
      days: -1,
      '2026-01-14': days(32),
      '2026-01-14:P:all:many': days(32),
      '2026-01-14:P:h3:many': days(10),
      '2026-01-15': days(32),
      '2026-01-15:P:all:few': days(32),
      '2026-01-15:P:h3:few': days(10),
    });
  });

  it('gives up the names of runs that ended as they should, and of days, once their counts have expired', async () => {
    const store = createRedisDrainStore({ client, keyPrefix: 'prune:', retentionDays: 30 });
    await store.write({ ...run, endedAt: NOON }, [record(5)]);
    await store.write(runOf({ run: 'r2', startedAt: NOON, reportedAt: NOON }), []);
    for (let day = 1; day <= 33; day += 1) {
      const at = NOON + day * DAY_MS;
      await store.write(runOf({ instance: 'api-2', startedAt: NOON + 1, reportedAt: at }), [
        recordOf({ instance: 'api-2', day: new Date(at).toISOString().slice(0, 10) }),
      ]);
    }
    expect((await store.read('1970-01-01')).instances.map((one) => one.run).sort()).toEqual(['r1', 'r2']);
    expect((await store.read('1970-01-01')).instances.map((one) => one.instance).sort()).toEqual(['api-1', 'api-2']);
    const days = await client.sMembers('prune:{drain}:days');
    expect([days.length, [...days].sort()[0]]).toEqual([32, '2026-01-17']);
  });

  it('gives up nothing because of a clock that is years ahead', async () => {
    const store = createRedisDrainStore({ client, keyPrefix: 'ahead:', retentionDays: 30 });
    await store.write({ ...run, endedAt: NOON }, [record(5)]);
    const ahead = NOON + 900 * DAY_MS;
    const other = runOf({ instance: 'api-2', startedAt: NOON, reportedAt: ahead });
    await store.write(other, [recordOf({ instance: 'api-2', day: '2028-07-03' })]);
    await store.write({ ...other, reportedAt: NOON + DAY_MS }, []);
    const { instances, records } = await store.read('1970-01-01');
    expect(instances.map((one) => one.instance).sort()).toEqual(['api-1', 'api-2']);
    expect(records.map(({ day }) => day)).toContain('2026-01-15');
  });

  it('begins anew after Redis lost everything, and writes its users again', async () => {
    const store = createRedisDrainStore({ client, keyPrefix: 'lost:' });
    await store.write(run, [record(5)]);
    await client.del((await keysOf('lost:')).map((key) => `lost:${key}`));
    await store.write({ ...run, reportedAt: NOON + 60_000 }, [record(5)]);
    const { since, records } = await store.read('1970-01-01');
    expect(since).toBe(NOON + 60_000);
    expect(records.map(({ users }) => users)).toContain(`${sketchOf(0, 5)}`);
  });

  it('begins anew after Redis has evicted the instances: one that is silent is no longer known', async () => {
    const store = createRedisDrainStore({ client, keyPrefix: 'evicted:' });
    await store.write(runOf({ instance: 'silent', startedAt: NOON, reportedAt: NOON }), [record(5)]);
    await client.del('evicted:{drain}:instances');
    await store.write({ ...run, reportedAt: NOON + 60_000 }, []);
    const { since, instances } = await store.read('1970-01-01');
    expect(since).toBe(NOON + 60_000);
    expect(instances.map(({ instance }) => instance)).toEqual(['api-1']);
  });

  it('passes on what it cannot parse, so that the reader says so', async () => {
    const store = createRedisDrainStore({ client, keyPrefix: 'odd:' });
    await store.write(run, [record(5)]);
    await client.hSet('odd:{drain}:instances', 'x', 'no JSON');
    await client.hSet('odd:{drain}:2026-01-15', 'x', 'no JSON');
    const broken = { ...recordOf(), hours: [null], clients: [null] };
    await client.hSet('odd:{drain}:2026-01-15', 'y', JSON.stringify(broken));
    await client.sAdd(`odd:{drain}:2026-01-15:${LEGACY_POOL}:all:few`, 'no number');
    const { instances, records } = await store.read('1970-01-01');
    expect(instances).toContain('no JSON');
    expect(records).toContain('no JSON');
    expect(records.filter((one) => !isDrainRecord(one))).toHaveLength(3);
    await store.write(run, [recordOf({ ...record(3_000), day: '2026-01-14' })]);
    await client.sAdd(`odd:{drain}:2026-01-14:${LEGACY_POOL}:all:few`, '-1');
    expect((await store.read('1970-01-01')).records.filter((one) => !isDrainRecord(one))).toHaveLength(4);
    await client.set(`odd:{drain}:2026-01-15:${LEGACY_POOL}:h3:many`, 'HYLLnot');
    expect((await store.read('1970-01-01')).records.filter((one) => !isDrainRecord(one))).toHaveLength(4);
  });

  it('rejects while Redis is away, and writes again afterwards', async () => {
    const own = await startRedis();
    const ownClient = await connect(own.url);
    const store = createRedisDrainStore({ client: ownClient });
    await own.stop();
    await expect(store.write(run, [record(5)])).rejects.toThrow();
    await expect(store.read('1970-01-01')).rejects.toThrow();
    await expect(store.forget('api-1')).rejects.toThrow();
    const again = await startRedis(own.port);
    await expect
      .poll(() =>
        store.write(run, [record(5)]).then(
          () => 'written',
          () => 'away',
        ),
      )
      .toBe('written');
    expect((await store.read('1970-01-01')).instances).toEqual([run]);
    ownClient.destroy();
    await again.stop();
  });
});

it.each([
  {},
  { client: undefined },
  { client: new Map() },
  { client: { sendCommand() {}, masters: [] } },
  { client: { sendCommand() {} }, keyPrefix: 1 },
  { client: { sendCommand() {} }, retentionDays: 0 },
  { client: { sendCommand() {} }, prefix: 'x' },
])('createRedisDrainStore refuses the options %j', (options) => {
  expect(() => Reflect.apply(createRedisDrainStore, undefined, [options])).toThrow(ConfigurationError);
});
