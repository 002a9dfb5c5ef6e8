export { createRedisStore, type RedisClient, type RedisStore, type RedisStoreOptions } from '../legacy-id/redis.js';
export type { OnceStore } from '../once/once-store.js';
export { createRedisOnceStore, type RedisOnceStoreOptions } from '../once/redis-once-store.js';
export { createRedisDrainStore, type RedisDrainStoreOptions } from '../operate/drain/stores/redis-drain-store.js';
export { createRedisPhaseStore, type RedisPhaseStoreOptions } from '../operate/phases/redis-phase-store.js';
