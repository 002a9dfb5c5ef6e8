import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { createRedisStore } from '../../src/legacy-id/redis.js';
import { startRedis } from '../support/redis-server.js';
import { HAS } from '../support/tools.js';
import { storeContract } from './store-contract.js';

const connect = async (url: string) => {
  const client = createClient({ url, disableOfflineQueue: true });
  // The client reconnects by itself; an 'error' that nobody listens to would end the process.
  client.on('error', () => {});
  await client.connect();
  return client;
};

let server: Awaited<ReturnType<typeof startRedis>>;
let client: Awaited<ReturnType<typeof connect>>;
beforeAll(async () => {
  if (!HAS.redis) return;
  server = await startRedis();
  client = await connect(server.url);
});
afterAll(async () => {
  if (!HAS.redis) return;
  client.destroy();
  await server.stop();
});

storeContract('Redis', async () => createRedisStore({ client }), { available: HAS.redis });

describe.skipIf(!HAS.redis)('createRedisStore', () => {
  it('writes many users at once, of one named twice the last legacy id, and deletes many', async () => {
    const store = createRedisStore({ client });
    const users = Array.from({ length: 2_500 }, () => [randomUUID(), randomUUID()] as const);
    const [first] = users[0] ?? [''];
    await store.setMany([...users, [first, 'the last word']]);
    expect(await store.get(first)).toBe('the last word');
    for (const [sub, legacyId] of users.slice(1)) expect(await store.get(sub)).toBe(legacyId);

    await store.deleteMany([...users.slice(1).map(([sub]) => sub), 'never there', 'never there']);
    expect(await store.get(first)).toBe('the last word');
    for (const [sub] of users.slice(1, 100)) expect((await store.get(sub)) ?? undefined).toBeUndefined();
  });

  it('keeps its keys under a prefix, without an expiry', async () => {
    await createRedisStore({ client }).set('a', 'one');
    await createRedisStore({ client, keyPrefix: 'other:' }).set('a', 'two');
    expect(await client.get('cognito-cutover:a')).toBe('one');
    expect(await client.get('other:a')).toBe('two');
    expect(await client.ttl('other:a')).toBe(-1);
  });

  it('never takes an outage for "no such user", and works again afterwards', async () => {
    const own = await startRedis();
    const ownClient = await connect(own.url);
    const store = createRedisStore({ client: ownClient });
    await own.stop();
    await expect(store.get('a')).rejects.toThrow();
    await expect(store.set('a', 'b')).rejects.toThrow();
    await expect(store.setMany([['a', 'b']])).rejects.toThrow();

    const again = await startRedis(own.port);
    await expect.poll(() => store.get('a').catch(() => 'still away')).toBeNull();
    ownClient.destroy();
    await again.stop();
  });

  it.each([
    {},
    { client: undefined },
    { client: { get() {} } },
    { client: new Map(), keyPrefix: 1 },
    { client: new Map(), prefix: 'x' },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(createRedisStore, undefined, [options])).toThrow(ConfigurationError);
  });
});
