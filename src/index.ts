export type { Clock } from './clock.js';
export { ConfigurationError, CutoverError, type CutoverErrorCode, type PoolSide } from './errors.js';
export { type CachedOptions, cached } from './legacy-id/cached.js';
export { type FileStore, type FileStoreEvent, type FileStoreOptions, openFileStore } from './legacy-id/file-store.js';
export { type GuardOptions, guarded } from './legacy-id/guarded.js';
export { chain, type LegacyIdQuery, type LegacyIdResolver } from './legacy-id/resolver.js';
export { type LegacyIdReader, type LegacyIdStore, storeResolver } from './legacy-id/store.js';
export type * from './verify/types.js';
export { createCutoverVerifier } from './verify/verifier.js';
