import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbOnceStore } from '../../src/once/dynamodb-once-store.js';
import { OPERATIONS_KEYS, startDynamoDb, unansweredClient } from '../support/dynamodb.js';
import { FakeClock } from '../support/fake-clock.js';
import { inAnHour, onceStoreContract } from './once-store-contract.js';

const tableName = 'used-tokens';

let database: Awaited<ReturnType<typeof startDynamoDb>>;
let operations: Awaited<ReturnType<typeof startDynamoDb>>;
beforeAll(async () => {
  database = await startDynamoDb(tableName, ['pk']);
  operations = await startDynamoDb('operations', OPERATIONS_KEYS);
});
afterAll(async () => {
  await database.stop();
  await operations.stop();
});

const open = (clock = new FakeClock()) => createDynamoDbOnceStore({ tableName, client: database.client, clock });

onceStoreContract('a DynamoDB table', () => ({ store: open(new FakeClock(Date.now())), other: open() }));
onceStoreContract('the DynamoDB table of phases and counts', () => {
  const store = createDynamoDbOnceStore({ tableName: 'operations', client: operations.client });
  return { store, other: store };
});

describe('a name in a DynamoDB table', () => {
  it('needs one permission, dynamodb:PutItem', async () => {
    await open().claim('permission', inAnHour());
    expect([...database.operations]).toEqual(['PutItem']);
  });

  it('is not claimed by an empty answer', async () => {
    const store = createDynamoDbOnceStore({ tableName, client: unansweredClient() });
    await expect(store.claim('unanswered', inAnHour())).rejects.toThrow('the answer is empty');
  });

  it('is an item that DynamoDB deletes after its moment', async () => {
    await open().claim('item', 1_800_000_000.2);
    const Key = { pk: { S: 'once:item' } };
    const { Item } = await database.client.send(new GetItemCommand({ TableName: tableName, Key }));
    expect(Item).toEqual({ ...Key, sk: { S: 'once' }, expiresAt: { N: '1800000001' } });
  });

  it('can be claimed again after its moment, and not before, although DynamoDB deletes late', async () => {
    const clock = new FakeClock();
    const store = open(clock);
    const until = clock.seconds + 60;
    expect(await store.claim('late', until)).toBe(true);
    clock.freeze(60_000);
    expect(await store.claim('late', until + 60)).toBe(false);
    clock.freeze(1_000);
    expect(await store.claim('late', until + 60)).toBe(true);
    expect(await store.claim('late', until + 60)).toBe(false);
  });

  it('is never free where its item has no moment', async () => {
    await database.client.send(new PutItemCommand({ TableName: tableName, Item: { pk: { S: 'once:bare' } } }));
    expect(await open().claim('bare', inAnHour())).toBe(false);
  });

  it('cannot be claimed where the table is missing or the question was given up', async () => {
    const missing = createDynamoDbOnceStore({ tableName: 'missing', client: database.client });
    await expect(missing.claim('name', inAnHour())).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(open().claim('name', inAnHour(), AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('is claimed through a client of its own, which can be closed', async () => {
    const { endpoint } = database;
    const store = createDynamoDbOnceStore({ tableName, endpoint, region: 'eu-west-1' });
    store.close();
    expect(() => store.close()).not.toThrow();
  });

  it.each([
    ['tableName', {}],
    ['region', { tableName: 't', region: '' }],
    ['table', { table: 't' }],
  ])('names a wrong %s', (option, given) => {
    expect(() => createDynamoDbOnceStore(given as never)).toThrow(expect.objectContaining({ option }));
  });
});
