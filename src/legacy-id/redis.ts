import { checkKeys, refuse } from '../options.js';
import type { BulkStore } from './store.js';

/** The methods that are used of a client. node-redis (4 or later), ioredis and Valkey's clients fit as they are. */
export interface RedisClient {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
}

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

export interface RedisStore extends BulkStore {
  get(newSub: string): Promise<string | null>;
  set(newSub: string, legacyId: string): Promise<void>;
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

  const set = async (newSub: string, legacyId: string) => {
    await client.set(keyPrefix + newSub, legacyId);
  };
  return {
    get: (newSub) => client.get(keyPrefix + newSub),
    set,
    batchSize: 1000,
    // Clients send commands that are given at once as one pipeline.
    async setMany(users) {
      await Promise.all(users.map(([newSub, legacyId]) => set(newSub, legacyId)));
    },
    async deleteMany(newSubs) {
      await Promise.all(newSubs.map((newSub) => client.del(keyPrefix + newSub)));
    },
  };
}
