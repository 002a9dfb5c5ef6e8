import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbPhaseStore } from '../../../src/operate/phases/dynamodb-phase-store.js';
import { OPERATIONS_KEYS, startDynamoDb, unansweredClient } from '../../support/dynamodb.js';
import { phaseStoreContract } from './phase-store-contract.js';

const Key = { pk: { S: 'phases' }, sk: { S: 'plan' } };

let database: Awaited<ReturnType<typeof startDynamoDb>>;
beforeAll(async () => {
  database = await startDynamoDb('operations', OPERATIONS_KEYS);
});
afterAll(() => database.stop());

const remove = () => database.client.send(new DeleteItemCommand({ TableName: 'operations', Key }));
const open = () => createDynamoDbPhaseStore({ tableName: 'operations', client: database.client });

phaseStoreContract('a DynamoDB table', async () => {
  await remove();
  return {
    store: open(),
    other: open(),
    put: async (text) => {
      const Item = { ...Key, ...(text !== undefined && { plan: { S: text } }) };
      await (text === undefined
        ? remove()
        : database.client.send(new PutItemCommand({ TableName: 'operations', Item })));
    },
  };
});

describe('phases in a DynamoDB table', () => {
  it('are not taken for none where the item is of somebody else', async () => {
    await database.client.send(new PutItemCommand({ TableName: 'operations', Item: Key }));
    await expect(open().read()).rejects.toThrow('plan: expected JSON');
  });

  it('are neither none nor written where the answer is empty', async () => {
    const unanswered = createDynamoDbPhaseStore({ tableName: 'operations', client: unansweredClient() });
    await expect(unanswered.read()).rejects.toThrow('the answer is empty');
    await expect(unanswered.write({} as never)).rejects.toThrow('the answer is empty');
  });

  it('cannot tell where the table is missing or the question was given up', async () => {
    const missing = createDynamoDbPhaseStore({ tableName: 'missing', client: database.client });
    await expect(missing.read()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(open().read(AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each([
    ['tableName', {}],
    ['region', { tableName: 't', region: '' }],
    ['table', { table: 't' }],
  ])('names a wrong %s', (option, given) => {
    expect(() => createDynamoDbPhaseStore(given as never)).toThrow(expect.objectContaining({ option }));
  });
});
