export {
  createDynamoDbStore,
  type DynamoDbStore,
  type DynamoDbStoreOptions,
} from '../legacy-id/dynamodb.js';
export {
  createDynamoDbOnceStore,
  type DynamoDbOnceStore,
  type DynamoDbOnceStoreOptions,
} from '../once/dynamodb-once-store.js';
export type { OnceStore } from '../once/once-store.js';
export {
  createDynamoDbDrainStore,
  type DynamoDbDrainStore,
  type DynamoDbDrainStoreOptions,
} from '../operate/drain/stores/dynamodb-drain-store.js';
export {
  createDynamoDbPhaseStore,
  type DynamoDbPhaseStore,
  type DynamoDbPhaseStoreOptions,
} from '../operate/phases/dynamodb-phase-store.js';
