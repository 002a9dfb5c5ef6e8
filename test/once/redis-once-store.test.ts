import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisOnceStore } from '../../src/once/redis-once-store.js';
import { FakeClock } from '../support/fake-clock.js';
import { startRedis } from '../support/redis-server.js';
import { HAS } from '../support/tools.js';
import { inAnHour, onceStoreContract } from './once-store-contract.js';

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

onceStoreContract(
  'Redis',
  // One process with each client.
  () => ({ store: createRedisOnceStore({ client }), other: createRedisOnceStore({ client: other }) }),
  HAS.redis,
);

describe.skipIf(!HAS.redis)('a name in Redis', () => {
  it('is kept until its moment, by the difference to the own clock', async () => {
    const clock = new FakeClock(Date.UTC(2001, 0, 1));
    const until = clock.seconds + 1000;
    await createRedisOnceStore({ client, clock }).claim('kept', until);
    await createRedisOnceStore({ client: other, clock, keyPrefix: 'p:' }).claim('kept', until + 500);
    expect(await client.ttl('cognito-cutover:once:kept')).toBeOneOf([999, 1000]);
    expect(await client.ttl('p:kept')).toBeOneOf([1499, 1500]);
  });

  it('keeps its moment when it is asked for again', async () => {
    const clock = new FakeClock();
    const store = createRedisOnceStore({ client, clock });
    await store.claim('again', clock.seconds + 1000);
    await store.claim('again', clock.seconds + 9000);
    expect(await client.ttl('cognito-cutover:once:again')).toBeOneOf([999, 1000]);
  });

  it('can be claimed again once Redis has forgotten it', async () => {
    const store = createRedisOnceStore({ client });
    expect(await store.claim('gone', inAnHour())).toBe(true);
    await client.pExpire('cognito-cutover:once:gone', 0);
    expect(await store.claim('gone', inAnHour())).toBe(true);
  });

  it('cannot be claimed while the server is away', async () => {
    const own = await startRedis();
    const ownClient = await connect(own.url);
    const store = createRedisOnceStore({ client: ownClient });
    await own.stop();
    await expect(store.claim('away', inAnHour())).rejects.toThrow();
    ownClient.destroy();
  });

  it('cannot be claimed where the server has no room for it', async () => {
    const own = await startRedis();
    const ownClient = await connect(own.url);
    await ownClient.configSet({ maxmemory: '1', 'maxmemory-policy': 'noeviction' });
    await expect(createRedisOnceStore({ client: ownClient }).claim('full', inAnHour())).rejects.toThrow('OOM');
    ownClient.destroy();
    await own.stop();
  });
});

describe('the reply', () => {
  const claim = (reply: unknown) =>
    createRedisOnceStore({ client: { sendCommand: async (): Promise<unknown> => reply } }).claim('name', inAnHour());

  it.each([
    ['OK', 'OK', true],
    ['OK as bytes', Buffer.from('OK'), true],
    ['null', null, false],
  ])('%s says whether it is the first', async (_what, reply, isFirst) => {
    expect(await claim(reply)).toBe(isFirst);
  });

  it.each([undefined, 'QUEUED', '', 1, 0, true, false, [], {}, Buffer.from('ok')])('%j says nothing', async (reply) => {
    await expect(claim(reply)).rejects.toThrow('neither OK nor null');
  });
});

it.each([
  ['client', {}],
  ['client', { client: new Map() }],
  ['client', { client: { set: async () => 'OK' } }],
  ['keyPrefix', { client: { sendCommand: async (): Promise<unknown> => 'OK' }, keyPrefix: 5 }],
  ['prefix', { client: { sendCommand: async (): Promise<unknown> => 'OK' }, prefix: 'x' }],
])('names a wrong %s', (option, given) => {
  expect(() => createRedisOnceStore(given as never)).toThrow(expect.objectContaining({ option }));
});
