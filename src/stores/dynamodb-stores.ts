export {
  createDynamoDbStore,
  type DynamoDbStore,
  type DynamoDbStoreOptions,
} from '../legacy-id/dynamodb.js';
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
