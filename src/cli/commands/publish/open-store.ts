import type { BulkStore } from '../../../legacy-id/store.js';
import { GO_ON } from '../../../migrate/calls/repeated.js';
import { defined } from '../../options/common.js';
import type { DynamoDbAddress, RedisAddress } from '../../options/store-address.js';
import { connectDynamoDb, connectRedis, type StoreNeeds } from '../../store-connection.js';

/** The store an address names, connected. */
export interface OpenStore {
  readonly store: BulkStore;
  readonly close: () => void;
}

/** What `publish` needs of a store. */
export const PUBLISH_NEEDS: StoreNeeds = {
  permissions:
    'A table needs the permissions dynamodb:BatchWriteItem and dynamodb:GetItem; Redis needs GET, SET and DEL.',
  page: 'docs/stores.md',
  goOn: GO_ON,
};

/** @throws ConfigurationError, MigrationError */
export async function openStore(option: string, address: DynamoDbAddress | RedisAddress): Promise<OpenStore> {
  if (address.kind === 'dynamodb') {
    const client = await connectDynamoDb(option, address);
    const { createDynamoDbStore } = await import('../../../legacy-id/dynamodb.js');
    return { store: createDynamoDbStore({ tableName: address.tableName, client }), close: () => client.destroy() };
  }
  const client = await connectRedis(option, address, PUBLISH_NEEDS);
  const { createRedisStore } = await import('../../../legacy-id/redis.js');
  const { keyPrefix } = address;
  return { store: createRedisStore({ client, ...defined({ keyPrefix }) }), close: () => client.destroy() };
}
