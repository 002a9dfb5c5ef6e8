export type { Clock } from './clock.js';
export { ConfigurationError, CutoverError, type CutoverErrorCode, type PoolSide } from './errors.js';
export { bearerToken, type RequestHeaders } from './http/bearer.js';
export { refusalHeaders } from './http/challenge.js';
export { type CachedOptions, cached } from './legacy-id/cached.js';
export { type FileStore, type FileStoreEvent, type FileStoreOptions, openFileStore } from './legacy-id/file-store.js';
export { type GuardOptions, guarded } from './legacy-id/guarded.js';
export { chain, type LegacyIdQuery, type LegacyIdResolver } from './legacy-id/resolver.js';
export { type LegacyIdReader, type LegacyIdStore, storeResolver } from './legacy-id/store.js';
export type { CutoverEvent, DecisionEvent, KeysEvent, ResolverEvent } from './operate/events.js';
export { createFilePhaseStore, type FilePhaseStoreOptions } from './operate/phases/file-phase-store.js';
export type { LegacyTokenPhases } from './operate/phases/legacy-window.js';
export type * from './operate/phases/phase-source.js';
export { createPhases } from './operate/phases/phases.js';
export type { Phases, PhasesOptions } from './operate/phases/phases-options.js';
export {
  checkReadiness,
  type PoolReadiness,
  type Readiness,
  type ReadinessOptions,
  type ReadinessQuestion,
  type ReadinessVerifier,
} from './operate/readiness.js';
export type * from './verify/types.js';
export { createCutoverVerifier } from './verify/verifier.js';
