import { checkKeys, refuse } from '../../options.js';
import { planText } from './phase-plan.js';
import type { PhaseStore } from './phase-source.js';
import { planReader } from './stored-plan.js';

/** Options of {@link createRedisPhaseStore}. */
export interface RedisPhaseStoreOptions {
  /**
   * A connected client of yours: node-redis (4 or later), ioredis and Valkey's clients fit as they are. Make it fail at once while it is
   * not connected, as for `createRedisStore`.
   */
  readonly client: {
    get(key: string): Promise<string | null>;
    set(key: string, value: string): Promise<unknown>;
  };
  /** Put before `phases` to make the key. @defaultValue `cognito-cutover:` */
  readonly keyPrefix?: string;
}

/**
 * Keeps the plan of the phases in Redis or Valkey, as JSON under one key without an expiry. It may stand beside the mapping that `publish`
 * writes, whose keys end in the `sub` of a user. The server must not evict keys (`maxmemory-policy noeviction`).
 *
 * @throws `ConfigurationError`
 */
export function createRedisPhaseStore(options: RedisPhaseStoreOptions): PhaseStore {
  checkKeys('', options, ['client', 'keyPrefix']);
  const { client, keyPrefix = 'cognito-cutover:' } = options;
  for (const method of ['get', 'set'] as const) {
    if (typeof client?.[method] !== 'function') refuse('client', `a Redis client with ${method}`, client);
  }
  if (typeof keyPrefix !== 'string') refuse('keyPrefix', 'a string', keyPrefix);
  const key = `${keyPrefix}phases`;
  return {
    read: planReader(`the key ${key}`, () => client.get(key)),
    async write(plan) {
      await client.set(key, planText(plan));
    },
  };
}
