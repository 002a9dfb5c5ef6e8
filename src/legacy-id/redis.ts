import { checkKeys, refuse } from '../options.js';
import type { BulkStore } from './store.js';

/**
 * The methods that are used of a client. node-redis (4 or later), ioredis and Valkey's clients fit as they are. Of these clients, `mSet`
 * or `mset`, and `unlink`, are used too, to write and remove many users with one command.
 */
export interface RedisClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

/** Options of {@link createRedisStore}. */
export interface RedisStoreOptions {
  /**
   * A connected client of yours, with its address, credentials and reconnecting. Make it fail at once while it is not
   * connected (node-redis: `disableOfflineQueue: true`, ioredis: `enableOfflineQueue: false`): requests would wait for an
   * outage to end otherwise.
   */
  readonly client: RedisClient;
  /** Put before each new `sub` to make the key. @defaultValue `cognito-cutover:` */
  readonly keyPrefix?: string;
}

/** Legacy ids in Redis. */
export interface RedisStore extends BulkStore {
  get(newSub: string): Promise<string | null>;
  set(newSub: string, legacyId: string): Promise<void>;
}

type Pair = readonly [key: string, value: string];

/** What some clients can do besides, each under the name that it has there. */
interface ManyKeys {
  /** node-redis */
  mSet?(pairs: readonly Pair[]): Promise<unknown>;
  /** ioredis, iovalkey, Valkey GLIDE */
  mset?(values: Readonly<Record<string, string>>): Promise<unknown>;
  unlink?(keys: readonly string[]): Promise<unknown>;
}

/**
 * How a server says that it does not do this with many keys: the keys belong to different nodes of a cluster, the user may not use the
 * command, or a proxy or an old server does not know it. Nothing was done then.
 */
const ONE_BY_ONE = /CROSSSLOT|NOPERM|un(?:known|supported) command|wrong number of arguments/i;

/**
 * Does work on many items with one command, where client and server can, otherwise with a command for each. What the server refused once is
 * not tried again.
 */
function inOneCommand<T>(
  together: ((items: readonly T[]) => Promise<unknown>) | undefined,
  each: (item: T) => Promise<unknown>,
): (items: readonly T[]) => Promise<void> {
  let isRefused = together === undefined;
  return async (items) => {
    if (items.length === 0) return;
    try {
      if (!isRefused) {
        await together?.(items);
        return;
      }
    } catch (error) {
      if (!(error instanceof Error && ONE_BY_ONE.test(error.message))) throw error;
      isRefused = true;
    }
    // Clients send commands that are given at once as one pipeline. All have ended before it throws.
    const results = await Promise.allSettled(items.map(each));
    for (const one of results) if (one.status === 'rejected') throw one.reason;
  };
}

/**
 * Keeps legacy ids in Redis or Valkey, one string key per user without an expiry. The server must not evict keys
 * (`maxmemory-policy noeviction`): an evicted user looks like one that was never mapped.
 *
 * @throws `ConfigurationError`
 */
export function createRedisStore(options: RedisStoreOptions): RedisStore {
  checkKeys('', options, ['client', 'keyPrefix']);
  const { client, keyPrefix = 'cognito-cutover:' } = options;
  for (const method of ['get', 'set', 'del'] as const) {
    if (typeof client?.[method] !== 'function') refuse('client', `a Redis client with ${method}`, client);
  }
  if (typeof keyPrefix !== 'string') refuse('keyPrefix', 'a string', keyPrefix);

  const { unlink }: RedisClient & ManyKeys = client;
  const setPairs = inOneCommand(multiSet(client), ([key, value]) => client.set(key, value));
  const deleteKeys = inOneCommand(
    typeof unlink === 'function' ? (keys: readonly string[]) => unlink.call(client, keys) : undefined,
    (key) => client.del(key),
  );
  return {
    get: (newSub) => client.get(keyPrefix + newSub),
    async set(newSub, legacyId) {
      await client.set(keyPrefix + newSub, legacyId);
    },
    batchSize: 1000,
    setMany: (users) => setPairs(users.map(([newSub, legacyId]) => [keyPrefix + newSub, legacyId] as const)),
    deleteMany: (newSubs) => deleteKeys(newSubs.map((newSub) => keyPrefix + newSub)),
  };
}

/** `MSET` of the client, in the form that it takes; of a key that occurs twice, the last value counts. */
function multiSet(client: RedisClient & ManyKeys): ((pairs: readonly Pair[]) => Promise<unknown>) | undefined {
  const { mSet, mset } = client;
  if (typeof mSet === 'function') return (pairs) => mSet.call(client, pairs);
  if (typeof mset === 'function') return (pairs) => mset.call(client, Object.fromEntries(pairs));
  return undefined;
}
