import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDbConnectionOptions, needingAnswer, openDynamoDbClient } from '../../dynamodb-client.js';
import { checkKeys, checkString } from '../../options.js';
import { planText } from './phase-plan.js';
import type { PhaseStore } from './phase-source.js';
import { planReader } from './stored-plan.js';

/** Options of {@link createDynamoDbPhaseStore}. */
export interface DynamoDbPhaseStoreOptions extends DynamoDbConnectionOptions {
  /** Table with the string partition key `pk` and the string sort key `sk`; docs/phases.md has its CloudFormation. */
  readonly tableName: string;
}

/** The dates of the phases in a DynamoDB table. */
export interface DynamoDbPhaseStore extends PhaseStore {
  /** Closes the client that was created here. A client from the options stays open. */
  close(): void;
}

const KEY = { pk: { S: 'phases' }, sk: { S: 'plan' } };

/**
 * Keeps the plan of the phases in a DynamoDB table, as JSON in the attribute `plan` of one item (`pk` = `phases`, `sk` = `plan`). The
 * table may be the one in which tokens are counted.
 *
 * @throws `ConfigurationError`
 */
export function createDynamoDbPhaseStore(options: DynamoDbPhaseStoreOptions): DynamoDbPhaseStore {
  checkKeys('', options, ['tableName', 'region', 'endpoint', 'client']);
  const TableName = checkString('tableName', options.tableName);
  const { client, close } = openDynamoDbClient(options);
  return {
    read: planReader(`the table ${TableName}`, async (abortSignal) => {
      // Consistent, so that what was written a moment ago is seen.
      const command = new GetItemCommand({ TableName, Key: KEY, ConsistentRead: true });
      const { Item } = await client.send(needingAnswer(command), abortSignal && { abortSignal });
      if (Item === undefined) return undefined;
      // Without its text the item was not written by this package: that is an error, and not "none was set".
      return Item['plan']?.S ?? '';
    }),
    async write(plan) {
      const command = new PutItemCommand({ TableName, Item: { ...KEY, plan: { S: planText(plan) } } });
      await client.send(needingAnswer(command));
    },
    close,
  };
}
