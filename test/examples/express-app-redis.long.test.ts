import { once } from 'node:events';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisDrainStore } from '../../src/stores/redis-stores.js';
import { startRedis } from '../support/redis-server.js';
import { HAS } from '../support/tools.js';
import { start, started } from './express-app-process.js';

describe('the example and Redis', () => {
  it.skipIf(!HAS.redis)('shares one connection where the phases and the count are in the same Redis', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const child = start({ PHASES: redis.url, DRAIN: redis.url });
    const { address, tokens } = await started(child);
    const [legacy] = tokens;
    expect((await fetch(`${address}/me`, { headers: { authorization: `Bearer ${legacy}` } })).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);

    const client = createClient({ url: redis.url });
    await client.connect();
    onTestFinished(() => client.destroy());
    const { instances, records } = await createRedisDrainStore({ client }).read('2020-01-01');
    expect(instances).toMatchObject([{ endedAt: expect.any(Number) }]);
    expect(records.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(1);
  });

  it('starts without Redis: who does not depend on it is served', async () => {
    const child = start({ PHASES: 'redis://127.0.0.1:1', DRAIN: 'redis://127.0.0.1:1' });
    child.stderr?.resume();
    const { address, tokens } = await started(child);
    const [legacy, moved] = tokens;
    const get = (token: string | undefined) =>
      fetch(`${address}/me`, { headers: { authorization: `Bearer ${token}` } });
    expect((await get(moved)).status).toBe(200);
    // Whether the legacy pool is closed is not known.
    expect((await get(legacy)).status).toBe(503);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
