// The mapping of new sub to legacy id, written by `cognito-cutover publish --to dynamodb://TABLE` and by post confirmation.
import { createDynamoDbStore } from 'cognito-cutover/stores/dynamodb';

const { MAPPING_TABLE } = process.env;

export const withStore = MAPPING_TABLE ? { store: createDynamoDbStore({ tableName: MAPPING_TABLE }) } : {};
