import {
  type AttributeValue,
  BatchWriteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { type Clock, systemClock } from '../clock.js';
import { type DynamoDbConnectionOptions, needingAnswer, openDynamoDbClient } from '../dynamodb-client.js';
import { checkBoolean, checkKeys, checkString } from '../options.js';
import type { BulkStore } from './store.js';

/** Options of {@link createDynamoDbStore}. */
export interface DynamoDbStoreOptions extends DynamoDbConnectionOptions {
  /** Table with the string partition key `newSub`; docs/stores.md has its CloudFormation. */
  readonly tableName: string;
  /**
   * Whether reads see what was written a moment ago, at twice the price of reads that may be a second old.
   * @defaultValue true, because a user who is looked up too early would count as unmapped
   */
  readonly consistentRead?: boolean;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** Legacy ids in a DynamoDB table. */
export interface DynamoDbStore extends BulkStore {
  get(newSub: string): Promise<string | undefined>;
  set(newSub: string, legacyId: string): Promise<void>;
  /** Closes the client that was created here. A client from the options stays open. */
  close(): void;
}

/** Most items that BatchWriteItem takes. */
const BATCH_ITEMS = 25;
/** About three minutes of waiting in all. */
const MOST_ROUNDS = 20;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 20_000;
const PAUSES = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded']);

/**
 * Keeps legacy ids in a DynamoDB table: partition key `newSub`, attribute `legacyId`, both strings.
 *
 * @throws `ConfigurationError`
 */
export function createDynamoDbStore(options: DynamoDbStoreOptions): DynamoDbStore {
  checkKeys('', options, ['tableName', 'region', 'endpoint', 'client', 'consistentRead', 'clock']);
  const TableName = checkString('tableName', options.tableName);
  const ConsistentRead = checkBoolean('consistentRead', options.consistentRead, true);
  const clock = options.clock ?? systemClock;
  const { client, close } = openDynamoDbClient(options);

  /** Writes one batch, and returns what DynamoDB left unprocessed. */
  const writeBatch = async (requests: WriteRequest[]): Promise<WriteRequest[]> => {
    try {
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }),
      );
      return UnprocessedItems?.[TableName] ?? [];
    } catch (error) {
      if (error instanceof Error && PAUSES.has(error.name)) return requests;
      throw error;
    }
  };

  const writeAll = async (requests: WriteRequest[]): Promise<void> => {
    let left = requests;
    for (let round = 0; left.length > 0; round++) {
      if (round === MOST_ROUNDS) throw new Error(`DynamoDB left ${left.length} items unprocessed after ${round} tries`);
      if (round > 0) await clock.sleep(pauseMs(round));
      const undone: WriteRequest[] = [];
      for (let first = 0; first < left.length; first += BATCH_ITEMS) {
        undone.push(...(await writeBatch(left.slice(first, first + BATCH_ITEMS))));
      }
      left = undone;
    }
  };

  return {
    async get(newSub) {
      const command = new GetItemCommand({ TableName, ConsistentRead, Key: { newSub: { S: newSub } } });
      const { Item } = await client.send(needingAnswer(command));
      return Item === undefined ? undefined : legacyIdOf(Item, newSub);
    },

    async set(newSub, legacyId) {
      await client.send(needingAnswer(new PutItemCommand({ TableName, Item: itemOf(newSub, legacyId) })));
    },

    batchSize: BATCH_ITEMS,

    // A batch that names a key twice is refused as a whole, hence the Map and the Set.
    setMany: (users) => writeAll([...new Map(users)].map((user) => ({ PutRequest: { Item: itemOf(...user) } }))),
    deleteMany: (newSubs) =>
      writeAll([...new Set(newSubs)].map((newSub) => ({ DeleteRequest: { Key: { newSub: { S: newSub } } } }))),

    close,
  };
}

/** Doubles from round to round. Half of it is random, so that several writers do not try again at the same moment. */
function pauseMs(round: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** round, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
}

function itemOf(newSub: string, legacyId: string): Record<string, AttributeValue> {
  return { newSub: { S: newSub }, legacyId: { S: legacyId } };
}

/**
 * An item without a legacy id was not written by this package, and one with another key is not the one that was asked for: these are
 * faults, and not "no such user".
 */
function legacyIdOf(item: Record<string, AttributeValue>, newSub: string): string {
  const { newSub: key, legacyId } = item;
  if (key !== undefined && key.S !== newSub) throw new TypeError('the item is not the one that was asked for');
  // What an emulator or a proxy answers may be null, in spite of the type.
  if (typeof legacyId?.S !== 'string') throw new TypeError('the item has no string attribute legacyId');
  return legacyId.S;
}
