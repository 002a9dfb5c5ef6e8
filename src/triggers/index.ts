export type { LegacyPoolOptions } from '../directory/lambda/legacy-pool-gateway.js';
export type { PoolConnection } from '../directory/lambda/pool-client.js';
export type {
  AliasAttribute,
  Contact,
  LegacyPoolGateway,
  LegacySignIn,
  LegacyUser,
  MfaConfiguration,
  NewPoolDescription,
  NewPoolGateway,
  PoolAttribute,
  PoolUser,
  SearchField,
} from '../directory/lambda/trigger-pools.js';
export type { TriggerOptions } from './frame.js';
export type { HandoverLegacyPool, SessionHandoverOptions } from './handover/handover-options.js';
export type {
  HandoverRefusal,
  HandoverRefusalCode,
  RefusedHandover,
  UserStatus,
} from './handover/handover-refusal.js';
export {
  createSessionHandover,
  type HandoverEvent,
  type HandoverHandler,
  type SessionHandover,
} from './handover/session-handover.js';
export type { LegacyIdFormatOptions } from './legacy-id-options.js';
export type { OwnerField } from './legacy-owners.js';
export type { MigrationTarget, MigrationTargetOptions } from './migration/new-pool-facts.js';
export {
  createPostConfirmationTrigger,
  type PostConfirmationTrigger,
  type PostConfirmationTriggerOptions,
  type StampSource,
  type StampTarget,
} from './post-confirmation.js';
export { createPreSignUpTrigger, type PreSignUpTrigger, type PreSignUpTriggerOptions } from './pre-sign-up.js';
export {
  createPreTokenGenerationTrigger,
  type PreTokenGenerationEvent,
  type PreTokenGenerationTrigger,
  type PreTokenGenerationTriggerOptions,
} from './pre-token-generation.js';
export { TriggerError, type TriggerErrorCode } from './trigger-error.js';
export {
  createUserMigrationTrigger,
  type MigrationSource,
  type UserMigrationTrigger,
  type UserMigrationTriggerOptions,
} from './user-migration.js';
