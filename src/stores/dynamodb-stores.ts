export {
  createDynamoDbStore,
  type DynamoDbStore,
  type DynamoDbStoreOptions,
} from '../legacy-id/dynamodb.js';
