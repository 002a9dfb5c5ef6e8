export type { Clock } from './clock.js';
export { ConfigurationError, CutoverError, type CutoverErrorCode, type PoolSide } from './errors.js';
export type { LegacyIdQuery, LegacyIdResolver } from './legacy-id/resolver.js';
export type { LegacyIdStore } from './legacy-id/store.js';
export type * from './verify/types.js';
export { createCutoverVerifier } from './verify/verifier.js';
