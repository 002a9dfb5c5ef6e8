import { randomUUID } from 'node:crypto';
import { type BatchWriteItemCommandInput, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { createDynamoDbStore } from '../../src/legacy-id/dynamodb.js';
import { startDynamoDb, unansweredClient } from '../support/dynamodb.js';
import { FakeClock } from '../support/fake-clock.js';
import { storeContract } from './store-contract.js';

let database: Awaited<ReturnType<typeof startDynamoDb>>;
beforeAll(async () => {
  database = await startDynamoDb();
});
afterAll(() => database.stop());

const openStore = () => createDynamoDbStore({ tableName: database.tableName, client: database.client });

storeContract('a DynamoDB table', async () => openStore());

/** A store over a client that answers what `answer` says, and all that was sent. */
function answering(answer: (sent: number) => object, options: { readonly consistentRead?: boolean } = {}) {
  const sent: unknown[] = [];
  const pauses: number[] = [];
  const send = async ({ input }: { readonly input: unknown }) => {
    sent.push(input);
    return answer(sent.length);
  };
  const clock = new FakeClock();
  const sleep = async (ms: number) => void pauses.push(ms);
  const client = Object.assign(new DynamoDBClient({ region: 'eu-west-1' }), { send });
  const store = createDynamoDbStore({ tableName: 't', client, clock: { ...clock, now: clock.now, sleep }, ...options });
  return { store, sent, pauses };
}

describe('what is sent to DynamoDB', () => {
  it('is each key once, in batches of at most 25', async () => {
    const { store, sent } = answering(() => ({}));
    const subs = Array.from({ length: 26 }, (_, n) => `sub-${n}`);
    await store.deleteMany([...subs, 'sub-0']);
    const request = (sub: string) => ({ DeleteRequest: { Key: { newSub: { S: sub } } } });
    expect(sent).toEqual([
      { RequestItems: { t: subs.slice(0, 25).map(request) } },
      { RequestItems: { t: subs.slice(25).map(request) } },
    ]);
    await store.deleteMany([]);
    await store.deleteMany(subs.slice(0, 25));
    expect(sent).toHaveLength(3);
  });

  it.each([
    [undefined, true],
    [true, true],
    [false, false],
  ])('reads consistently (%j: %j)', async (consistentRead, expected) => {
    const { store, sent } = answering(() => ({}), consistentRead === undefined ? {} : { consistentRead });
    expect(await store.get('a')).toBeUndefined();
    expect(sent).toEqual([{ TableName: 't', ConsistentRead: expected, Key: { newSub: { S: 'a' } } }]);
  });

  it('is given up after twenty rounds, with pauses that double up to 20 s', async () => {
    const left = { t: [{ DeleteRequest: { Key: { newSub: { S: 'a' } } } }] };
    const { store, sent, pauses } = answering(() => ({ UnprocessedItems: left }));
    await expect(store.deleteMany(['a'])).rejects.toThrow('DynamoDB left 1 items unprocessed after 20 tries');
    expect(sent).toHaveLength(20);
    expect(pauses).toHaveLength(19);
    for (const [index, ms] of pauses.entries()) {
      const most = Math.min(50 * 2 ** (index + 1), 20_000);
      expect(ms).toBeGreaterThanOrEqual(most / 2);
      expect(ms).toBeLessThanOrEqual(most);
    }
  });

  it('is not repeated where DynamoDB refuses it', async () => {
    const refusal = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    const { store, sent, pauses } = answering(() => {
      throw refusal;
    });
    await expect(store.setMany([['a', 'b']])).rejects.toBe(refusal);
    expect([sent.length, pauses]).toEqual([1, []]);
  });

  it('may be answered without the key', async () => {
    const { store } = answering(() => ({ Item: { legacyId: { S: 'x' } } }));
    expect(await store.get('a')).toBe('x');
  });

  it.each<[string, object, string]>([
    ['without a legacy id', { newSub: { S: 'a' } }, 'no string attribute legacyId'],
    ['whose legacy id is null', { newSub: { S: 'a' }, legacyId: { S: null } }, 'no string attribute legacyId'],
    ['of another user', { newSub: { S: 'b' }, legacyId: { S: 'x' } }, 'not the one that was asked for'],
  ])('is no wrong user: an item %s is a fault', async (_what, Item, message) => {
    const { store } = answering(() => ({ Item }));
    await expect(store.get('a')).rejects.toThrow(message);
  });
});

describe('createDynamoDbStore', () => {
  it('writes many users, of one named twice the last legacy id, and deletes many', async () => {
    const store = openStore();
    const users = Array.from({ length: 120 }, () => [randomUUID(), randomUUID()] as const);
    const [first] = users[0] ?? [''];
    await store.setMany([[first, 'the first word'], ...users, [first, 'the last word']]);
    expect(await store.get(first)).toBe('the last word');
    for (const [sub, legacyId] of users.slice(1)) expect(await store.get(sub)).toBe(legacyId);

    await store.deleteMany([...users.slice(1).map(([sub]) => sub), 'never there', 'never there']);
    expect(await store.get(first)).toBe('the last word');
    for (const [sub] of users.slice(1, 100)) expect((await store.get(sub)) ?? undefined).toBeUndefined();
  });

  it('writes what DynamoDB left undone again, after a pause', async () => {
    const { client, tableName } = database;
    const clock = new FakeClock();
    const sizes: number[] = [];
    // Takes one item of a batch and hands the others back, or is throttled, as a table short of capacity is.
    client.middlewareStack.add(
      (next) => async (args) => {
        const requests = (args.input as BatchWriteItemCommandInput).RequestItems?.[tableName] ?? [];
        sizes.push(requests.length);
        if (sizes.length === 2) throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
        const { output, response } = await next({ input: { RequestItems: { [tableName]: requests.slice(0, 1) } } });
        return { response, output: { ...output, UnprocessedItems: { [tableName]: requests.slice(1) } } };
      },
      { step: 'initialize', name: 'busy' },
    );
    const users = Array.from({ length: 3 }, () => [randomUUID(), randomUUID()] as const);
    let done = false;
    const written = createDynamoDbStore({ tableName, client, clock })
      .setMany(users)
      .then(() => {
        done = true;
      });
    while (!done) await clock.advance(100);
    await written;
    client.middlewareStack.remove('busy');
    expect(sizes).toEqual([3, 2, 2, 1]);
    for (const [sub, legacyId] of users) expect(await openStore().get(sub)).toBe(legacyId);
  });

  it('never takes a failure for "no such user"', async () => {
    const missing = createDynamoDbStore({ tableName: 'no-such-table', client: database.client });
    await expect(missing.get('a')).rejects.toThrow('Requested resource not found');
    await expect(missing.set('a', 'b')).rejects.toThrow('Requested resource not found');
    await expect(missing.setMany([['a', 'b']])).rejects.toThrow('Requested resource not found');
  });

  it('takes an empty answer neither for "no such user" nor for "written"', async () => {
    const store = createDynamoDbStore({ tableName: 't', client: unansweredClient() });
    await expect(store.get('a')).rejects.toThrow('the answer is empty');
    await expect(store.set('a', 'b')).rejects.toThrow('the answer is empty');
  });

  it('takes an item without a legacy id for a fault', async () => {
    await database.client.send(
      new PutItemCommand({ TableName: database.tableName, Item: { newSub: { S: 'odd' }, legacyId: { N: '1' } } }),
    );
    await expect(openStore().get('odd')).rejects.toThrow(TypeError);
  });

  it('connects by itself, with what the environment holds', async () => {
    const { endpoint, tableName } = database;
    const store = createDynamoDbStore({ tableName, region: 'eu-west-1', endpoint, consistentRead: false });
    await store.set('a', 'legacy-a');
    expect(await store.get('a')).toBe('legacy-a');
    store.close();
  });

  it.each([
    {},
    { tableName: '' },
    { tableName: 't', region: '' },
    { tableName: 't', consistentRead: 'yes' },
    { tableName: 't', consistentRead: null },
    { tableName: 't', client: new DynamoDBClient({ region: 'eu-west-1' }), region: 'eu-west-1' },
    { tableName: 't', client: new DynamoDBClient({ region: 'eu-west-1' }), endpoint: 'http://x' },
    { table: 't' },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(createDynamoDbStore, undefined, [options])).toThrow(ConfigurationError);
  });
});
