import { ConditionalCheckFailedException, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type Clock, systemClock } from '../clock.js';
import { type DynamoDbConnectionOptions, needingAnswer, openDynamoDbClient } from '../dynamodb-client.js';
import { checkKeys, checkString } from '../options.js';
import type { OnceStore } from './once-store.js';

/** Options of {@link createDynamoDbOnceStore}. */
export interface DynamoDbOnceStoreOptions extends DynamoDbConnectionOptions {
  /**
   * Table with the string partition key `pk`, and `expiresAt` as its TTL attribute; docs/stores.md has its CloudFormation. A table that
   * also has the string sort key `sk`, such as the one in which tokens are counted, fits too.
   */
  readonly tableName: string;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** Names that were used, in a DynamoDB table. */
export interface DynamoDbOnceStore extends OnceStore {
  /** Closes the client that was created here. A client from the options stays open. */
  close(): void;
}

/**
 * Remembers names in a DynamoDB table: one conditional PutItem each. Items expire by `expiresAt`; an expired one that DynamoDB has not
 * deleted yet counts as forgotten.
 *
 * All functions must write to the table in the same Region: the replicas of a global table would accept a name once each.
 *
 * @throws `ConfigurationError`
 */
export function createDynamoDbOnceStore(options: DynamoDbOnceStoreOptions): DynamoDbOnceStore {
  checkKeys('', options, ['tableName', 'region', 'endpoint', 'client', 'clock']);
  const TableName = checkString('tableName', options.tableName);
  const clock = options.clock ?? systemClock;
  const { client, close } = openDynamoDbClient(options);
  return {
    async claim(name, until, abortSignal) {
      const command = new PutItemCommand({
        TableName,
        Item: { pk: { S: `once:${name}` }, sk: { S: 'once' }, expiresAt: { N: `${Math.ceil(until)}` } },
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt < :now',
        ExpressionAttributeValues: { ':now': { N: `${Math.floor(clock.now() / 1000)}` } },
      });
      try {
        await client.send(needingAnswer(command), abortSignal && { abortSignal });
        return true;
      } catch (error) {
        // Also where the answer to an own first attempt was lost: the name then counts as taken.
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
    close,
  };
}
