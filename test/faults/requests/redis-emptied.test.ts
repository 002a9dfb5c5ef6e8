import { createClient } from 'redis';
import { expect } from 'vitest';
import { HOUR_MS } from '../../../src/clock.js';
import { UserSketch } from '../../../src/operate/drain/count/user-sketch.js';
import { createRedisDrainStore } from '../../../src/operate/drain/stores/redis-drain-store.js';
import { sketchOf } from '../../operate/drain/count/sketches.js';
import { recordOf, runOf } from '../../operate/drain/support.js';
import { startRedis } from '../../support/redis-server.js';
import { fault } from '../fault.js';

const NOON = Date.UTC(2026, 0, 15, 12);

fault(
  'Redis loses what several instances have counted',
  'the users of all instances are counted again, and within an hour also those that an older copy of the data lacks',
  async ({ onTestFinished }) => {
    const server = await startRedis();
    const client = createClient({ url: server.url, disableOfflineQueue: true });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(async () => {
      client.destroy();
      await server.stop();
    });
    const instances = ['api-1', 'api-2', 'api-3'].map((instance, n) => ({
      store: createRedisDrainStore({ client }),
      run: runOf({ instance, run: instance, startedAt: NOON, reportedAt: NOON }),
      record: (tokens: number) =>
        recordOf({ instance, run: instance, tokens, users: `${sketchOf(n * 1_000, (n + 1) * 1_000)}` }),
    }));
    const users = async () => {
      const { records } = await instances[0]!.store.read('2026-01-15');
      return UserSketch.parse(records.find(({ instance }) => instance === 'all')?.users ?? '')?.count ?? 0;
    };
    const writeAll = async (tokens: number) => {
      for (const { store, run, record } of instances) await store.write(run, [record(tokens)]);
    };
    await writeAll(1_000);
    const before = await users();
    await client.flushAll();
    for (const { run } of instances) Object.assign(run, { reportedAt: NOON + 60_000 });
    await writeAll(1_001);
    expect(await users()).toBe(before);

    // An older snapshot, or a replica that took over: the store is as old as before, but lacks what was written last.
    for (const key of await client.keys('*:few')) await client.del(key);
    for (const key of await client.keys('*:many')) await client.del(key);
    for (const { run } of instances) Object.assign(run, { reportedAt: NOON + HOUR_MS });
    await writeAll(1_002);
    expect(await users()).toBe(before);
    expect(before).toBeGreaterThan(2_900);
  },
  { needs: 'redis' },
);
