export { createRedisStore, type RedisClient, type RedisStore, type RedisStoreOptions } from '../legacy-id/redis.js';
