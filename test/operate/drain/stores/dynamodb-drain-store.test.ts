import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../src/clock.js';
import { ConfigurationError } from '../../../../src/errors.js';
import { sumUp } from '../../../../src/operate/drain/report/drain-sums.js';
import { isDrainRecord } from '../../../../src/operate/drain/report/stored-values.js';
import { createDynamoDbDrainStore } from '../../../../src/operate/drain/stores/dynamodb-drain-store.js';
import { OPERATIONS_KEYS, startDynamoDb, unansweredClient } from '../../../support/dynamodb.js';
import { FakeClock } from '../../../support/fake-clock.js';
import { sketchOf } from '../count/sketches.js';
import { LEGACY_POOL, recordOf, runOf } from '../support.js';
import { drainStoreContract } from './drain-store-contract.js';

const clock = new FakeClock();
const NOON = clock.now();
const EVER = '1970-01-01';

let database: Awaited<ReturnType<typeof startDynamoDb>>;
let client: DynamoDBClient;
beforeAll(async () => {
  database = await startDynamoDb('operations', OPERATIONS_KEYS);
  // Tries again, as applications' clients do: the emulator closes connections that were idle for a while.
  client = new DynamoDBClient({ endpoint: database.endpoint, region: 'eu-west-1', maxAttempts: 5 });
});
afterAll(async () => {
  client.destroy();
  await database.stop();
});

const createTable = async (TableName: string) => {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      AttributeDefinitions: OPERATIONS_KEYS.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName });
};
const open = (tableName: string) => createDynamoDbDrainStore({ tableName, client, clock });

drainStoreContract('DynamoDB', open, { prepare: createTable });

describe('createDynamoDbDrainStore', () => {
  const run = runOf({ startedAt: NOON, reportedAt: NOON });
  const users = `${sketchOf(0, 5)}`;
  const record = recordOf({ tokens: 5, users, hours: [{ hour: 3, tokens: 5, users }] });
  const itemsOf = async (TableName: string) => (await client.send(new ScanCommand({ TableName }))).Items ?? [];

  it('does not take an empty answer for a table in which nothing was counted', async () => {
    const store = createDynamoDbDrainStore({ tableName: 'operations', client: unansweredClient() });
    await expect(store.read('2026-01-15')).rejects.toThrow('the answer is empty');
  });

  it('lets what was counted expire, and of the instances only those that ended', async () => {
    await createTable('expiry');
    const store = createDynamoDbDrainStore({ tableName: 'expiry', client, clock, retentionDays: 30 });
    await store.write(run, [record]);
    await store.write({ ...run, run: 'ended', endedAt: NOON }, []);
    await store.write({ ...run, run: 'missing', instance: 'api-2' }, []);
    await store.forget('api-2', NOON);
    const day = Date.UTC(2026, 0, 15);
    const seconds = (from: number, days: number) => (from + (days + 2) * DAY_MS) / 1000;
    const found = (await itemsOf('expiry')).map(({ sk, expiresAt }) => [
      sk?.S?.replace(LEGACY_POOL, 'P'),
      Number(expiresAt?.N),
    ]);
    expect(Object.fromEntries(found)).toEqual({
      since: Number.NaN,
      'api-1#r1': Number.NaN,
      'api-1#ended': seconds(NOON, 30),
      'api-2#missing': seconds(NOON, 30),
      'record#P#api-1#r1': seconds(day, 30),
      'users#P#all': seconds(day, 30),
      'users#P#h3': seconds(day, 8),
    });
  });

  it('stays far below the size of an item, whatever it counts', async () => {
    await createTable('size');
    const many = `${sketchOf(0, 3_000)}`;
    const few = `${sketchOf(0, 3)}`;
    const clients = Array.from({ length: 101 }, (_, n) => ({
      clientId: `client-${n}`.padEnd(128, 'x'),
      tokens: 1e9,
      // Each is an item of its own: a few large ones show their size.
      users: n < 3 ? many : few,
      hours: Array.from({ length: 24 }, () => 1e9),
      lastToken: NOON,
      latestExpiry: NOON,
    }));
    const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, tokens: 1e9, users: hour < 3 ? many : few }));
    await open('size').write(run, [recordOf({ tokens: 1e9, users: many, hours, clients })]);
    const sizes = (await itemsOf('size')).map((item) => JSON.stringify(item).length);
    expect(sizes.length).toBeGreaterThan(20);
    expect(Math.max(...sizes)).toBeLessThan(60_000);
    expect(sumUp((await open('size').read(EVER)).records, NOON).clients).toHaveLength(101);
  });

  it('does not write users again that are there already', async () => {
    await createTable('again');
    const versionOf = async (part: string) => {
      const Key = { pk: { S: 'drain:2026-01-15' }, sk: { S: `users#${LEGACY_POOL}#${part}` } };
      return (await client.send(new GetItemCommand({ TableName: 'again', Key }))).Item?.['version']?.N;
    };
    for (const instance of ['api-1', 'api-2', 'api-3'])
      await open('again').write({ ...run, instance }, [{ ...record, instance }]);
    expect(await versionOf('all')).toBe('1');
    await open('again').write(run, [{ ...record, users: `${sketchOf(3, 9)}` }]);
    expect(await versionOf('all')).toBe('2');
    expect(await versionOf('h3')).toBe('1');
  });

  it('writes users again within an hour that an older copy of the table lacks', async () => {
    await createTable('older');
    const store = open('older');
    const Key = { pk: { S: 'drain:2026-01-15' }, sk: { S: `users#${LEGACY_POOL}#all` } };
    const isThere = async () =>
      (await client.send(new GetItemCommand({ TableName: 'older', Key }))).Item?.['users']?.S === users;
    await store.write(run, [record]);
    await client.send(new DeleteItemCommand({ TableName: 'older', Key }));
    const seen = [];
    for (const minutes of [1, 60]) {
      await store.write({ ...run, reportedAt: NOON + minutes * 60_000 }, [record]);
      seen.push(await isThere());
    }
    expect(seen).toEqual([false, true]);
  });

  it('passes on what it cannot parse, so that the reader says so', async () => {
    await createTable('odd');
    await open('odd').write(run, [record]);
    const put = (sk: string, more: object) =>
      client.send(
        new PutItemCommand({ TableName: 'odd', Item: { pk: { S: 'drain:2026-01-15' }, sk: { S: sk }, ...more } }),
      );
    await put('record#x', { value: { S: 'no JSON' } });
    await put('record#y', {});
    await put(`users#${LEGACY_POOL}#h4`, { pool: { S: LEGACY_POOL }, part: { S: 'h4' }, users: { S: 'no sketch' } });
    const { records } = await open('odd').read(EVER);
    expect(records.filter((one) => !isDrainRecord(one))).toHaveLength(3);
  });

  it('needs to know its table and how to reach it', async () => {
    await expect(open('missing').write(run, [record])).rejects.toThrow();
    await expect(open('missing').read(EVER)).rejects.toThrow();
    const { endpoint } = database;
    const store = createDynamoDbDrainStore({ tableName: 'operations', region: 'eu-west-1', endpoint, clock });
    await store.write(run, [record]);
    expect((await store.read(EVER)).instances).toEqual([run]);
    store.close();
  });

  it.each([
    {},
    { tableName: '' },
    { tableName: 'operations', retentionDays: 0 },
    { tableName: 'operations', table: 'x' },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(createDynamoDbDrainStore, undefined, [options])).toThrow(ConfigurationError);
  });
});
