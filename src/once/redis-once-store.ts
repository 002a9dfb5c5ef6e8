import { type Clock, systemClock } from '../clock.js';
import { checkKeys, refuse } from '../options.js';
import { type IoRedisLike, type NodeRedisLike, redisCommands } from '../redis-client.js';
import type { OnceStore } from './once-store.js';

/** Options of {@link createRedisOnceStore}. */
export interface RedisOnceStoreOptions {
  /**
   * A connected client of yours: node-redis (4 or later), ioredis, also of a cluster, or iovalkey. Make it fail at once while it is not
   * connected (`disableOfflineQueue`, `enableOfflineQueue: false`): every second of waiting is taken from the trigger's five.
   */
  readonly client: NodeRedisLike | IoRedisLike;
  /** Put before each name to make the key. @defaultValue `cognito-cutover:once:` */
  readonly keyPrefix?: string;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

/**
 * Remembers names in Redis or Valkey: `SET NX` with an expiry, one key per name.
 *
 * The server must keep what it has confirmed until it expires. It must not evict keys (`maxmemory-policy noeviction`). Replication is
 * asynchronous: a replica that takes over may lack the names of the last moments, which can then be claimed a second time. Where that is
 * not acceptable, use DynamoDB.
 *
 * @throws `ConfigurationError`
 */
export function createRedisOnceStore(options: RedisOnceStoreOptions): OnceStore {
  checkKeys('', options, ['client', 'keyPrefix', 'clock']);
  const { keyPrefix = 'cognito-cutover:once:', clock = systemClock } = options;
  const run = redisCommands(options.client);
  if (typeof keyPrefix !== 'string') refuse('keyPrefix', 'a string', keyPrefix);
  return {
    async claim(name, until) {
      // Relative: the server's clock may differ from this one, by which `until` was chosen.
      const seconds = Math.max(1, Math.ceil(until - clock.now() / 1000));
      const reply = await run('SET', keyPrefix + name, '1', 'NX', 'EX', `${seconds}`);
      if (reply === null) return false;
      // Strings come as bytes.
      if (`${reply}` === 'OK') return true;
      throw new TypeError('the reply to SET NX is neither OK nor null');
    },
  };
}
