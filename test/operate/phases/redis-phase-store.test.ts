import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore } from '../../../src/legacy-id/redis.js';
import { createRedisPhaseStore } from '../../../src/operate/phases/redis-phase-store.js';
import { startRedis } from '../../support/redis-server.js';
import { HAS } from '../../support/tools.js';
import { phaseStoreContract } from './phase-store-contract.js';

let server: Awaited<ReturnType<typeof startRedis>>;
let client: Awaited<ReturnType<typeof connect>>;
let other: Redis;
const connect = async (url: string) => {
  const made = createClient({ url, disableOfflineQueue: true });
  made.on('error', () => {});
  return made.connect();
};
beforeAll(async () => {
  if (!HAS.redis) return;
  server = await startRedis();
  client = await connect(server.url);
  other = new Redis(server.url);
});
afterAll(async () => {
  if (!HAS.redis) return;
  client.destroy();
  other.disconnect();
  await server.stop();
});

let places = 0;
phaseStoreContract(
  'Redis',
  async () => {
    places += 1;
    const keyPrefix = `place-${places}:`;
    const key = `${keyPrefix}phases`;
    return {
      store: createRedisPhaseStore({ client, keyPrefix }),
      // Other instances may use another client.
      other: createRedisPhaseStore({ client: other, keyPrefix }),
      put: async (text) => void (await (text === undefined ? client.del(key) : client.set(key, text))),
    };
  },
  HAS.redis,
);

describe.skipIf(!HAS.redis)('phases in Redis', () => {
  it('stand beside the mapping, without an expiry', async () => {
    await createRedisPhaseStore({ client }).write({});
    await createRedisStore({ client }).set('sub', 'legacy');
    expect((await client.keys('cognito-cutover:*')).sort()).toEqual(['cognito-cutover:phases', 'cognito-cutover:sub']);
    expect(await client.ttl('cognito-cutover:phases')).toBe(-1);
  });

  it('cannot tell while the server is away', async () => {
    const own = await startRedis();
    const ownClient = await connect(own.url);
    const store = createRedisPhaseStore({ client: ownClient });
    await own.stop();
    await expect(store.read()).rejects.toThrow();
    await expect(store.write({})).rejects.toThrow();
    ownClient.destroy();
  });
});

it.each([
  ['client', {}],
  ['client', { client: { get: () => {} } }],
  ['keyPrefix', { client: new Map(), keyPrefix: 5 }],
  ['key', { client: new Map(), key: 'phases' }],
])('names a wrong %s', (option, given) => {
  expect(() => createRedisPhaseStore(given as never)).toThrow(expect.objectContaining({ option }));
});
