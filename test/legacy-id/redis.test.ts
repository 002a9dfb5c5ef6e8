import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

/** How often each command was carried out. */
async function calls(): Promise<Record<string, number>> {
  const stats = `${await client.sendCommand(['INFO', 'commandstats'])}`;
  return Object.fromEntries([...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, n]) => [name, Number(n)]));
}

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

  it('writes and removes many users with one command each, where the client can', async () => {
    const store = createRedisStore({ client, keyPrefix: 'many:' });
    const users = Array.from({ length: 1_000 }, (_, n) => [`user-${n}`, randomUUID()] as const);
    await client.sendCommand(['CONFIG', 'RESETSTAT']);
    await store.setMany(users);
    await store.deleteMany(users.map(([sub]) => sub));
    await store.setMany([]);
    await store.deleteMany([]);
    expect(await calls()).toMatchObject({ mset: 1, unlink: 1 });
    expect(await calls()).not.toHaveProperty('set');
  });

  it('writes and removes them one by one where the server refuses the one command, and does not ask it again', async () => {
    await client.sendCommand('ACL SETUSER plain on >plain ~* -@all +get +set +del +client +hello +ping'.split(' '));
    const url = new URL(server.url);
    [url.username, url.password] = ['plain', 'plain'];
    const plain = await connect(url.href);
    onTestFinished(() => plain.destroy());
    const store = createRedisStore({ client: plain, keyPrefix: 'plain:' });
    await client.sendCommand(['CONFIG', 'RESETSTAT']);
    const users = [
      ['a', 'one'],
      ['b', 'two'],
      ['a', 'the last word'],
    ] as const;
    for (let round = 0; round < 2; round++) await store.setMany(users);
    expect(await store.get('a')).toBe('the last word');
    for (let round = 0; round < 2; round++) await store.deleteMany(['a', 'b', 'never there']);
    expect(await store.get('b')).toBeNull();
    expect(await calls()).toMatchObject({ set: 6, del: 6 });
    // Refused at once, so that it is not among the calls but among the rejected ones.
    expect(`${await client.sendCommand(['INFO', 'commandstats'])}`).toMatch(/cmdstat_mset:calls=0,.*rejected_calls=1/);
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
    { client: { get() {}, set() {}, del() {} }, keyPrefix: 1 },
    { client: new Map(), prefix: 'x' },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(createRedisStore, undefined, [options])).toThrow(ConfigurationError);
  });
});

/** A client in memory, as its users write one: nothing but the three methods, or more of them. */
function clientOf(more: (values: Map<string, string>, sent: string[]) => Record<string, unknown> = () => ({})) {
  const values = new Map<string, string>();
  const sent: string[] = [];
  const client = {
    get: async (key: string) => values.get(key) ?? null,
    async set(key: string, value: string) {
      sent.push('set');
      values.set(key, value);
    },
    async del(key: string) {
      sent.push('del');
      values.delete(key);
    },
    ...more(values, sent),
  };
  return { values, sent, store: createRedisStore({ client, keyPrefix: '' }) };
}

describe('the methods of other clients', () => {
  const USERS = [
    ['a', 'one'],
    ['b', 'two'],
  ] as const;

  it('are get, set and del, with one key each', async () => {
    const { values, sent, store } = clientOf();
    await store.setMany(USERS);
    expect([...values]).toEqual(USERS);
    await store.deleteMany(['a']);
    expect(sent).toEqual(['set', 'set', 'del']);
  });

  it('are mset with an object, and unlink with an array, as ioredis and GLIDE have them', async () => {
    const { values, sent, store } = clientOf((held, log) => ({
      async mset(pairs: Record<string, string>) {
        log.push('mset');
        for (const [key, value] of Object.entries(pairs)) held.set(key, value);
      },
      async unlink(keys: string[]) {
        log.push('unlink');
        for (const key of keys) held.delete(key);
      },
    }));
    await store.setMany([...USERS, ['__proto__', 'three'], ['a', 'the last word']]);
    expect(Object.fromEntries(values)).toEqual(
      Object.fromEntries([
        ['a', 'the last word'],
        ['b', 'two'],
        ['__proto__', 'three'],
      ]),
    );
    await store.deleteMany(['a', 'b']);
    expect([...values.keys()]).toEqual(['__proto__']);
    expect(sent).toEqual(['mset', 'unlink']);
  });

  it.each(["CROSSSLOT Keys in request don't hash to the same slot", "ERR unknown command 'MSET'"])(
    'are used one by one after %s',
    async (message) => {
      let asked = 0;
      const refuse = async () => {
        asked += 1;
        throw new Error(message);
      };
      const { values, store } = clientOf(() => ({ mSet: refuse, unlink: refuse }));
      await store.setMany(USERS);
      await store.setMany(USERS);
      expect([...values]).toEqual(USERS);
      await store.deleteMany(['a', 'b']);
      expect(values.size).toBe(0);
      expect(asked).toBe(2);
    },
  );

  it('fail with what the server says otherwise, and are tried together again', async () => {
    let asked = 0;
    const { sent, store } = clientOf(() => ({
      mSet: async () => {
        asked += 1;
        throw new Error('OOM command not allowed when used memory');
      },
    }));
    await expect(store.setMany(USERS)).rejects.toThrow(/OOM/);
    await expect(store.setMany(USERS)).rejects.toThrow(/OOM/);
    expect([asked, sent]).toEqual([2, []]);
  });

  it('have all ended when one of them has failed', async () => {
    let open = 0;
    const { store } = clientOf(() => ({
      set: async (key: string) => {
        open += 1;
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        if (key === 'a') throw new Error('gone');
      },
    }));
    await expect(store.setMany(USERS)).rejects.toThrow('gone');
    expect(open).toBe(0);
  });
});
