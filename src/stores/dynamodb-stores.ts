export {
  createDynamoDbStore,
  type DynamoDbStore,
  type DynamoDbStoreOptions,
} from '../legacy-id/dynamodb.js';
export {
  createDynamoDbPhaseStore,
  type DynamoDbPhaseStore,
  type DynamoDbPhaseStoreOptions,
} from '../operate/phases/dynamodb-phase-store.js';
