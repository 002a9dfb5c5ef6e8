import { Readable } from 'node:stream';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { needingAnswer, openDynamoDbClient } from '../src/dynamodb-client.js';
import { ConfigurationError } from '../src/errors.js';

it('closes the client that it made, and no other', () => {
  const client = new DynamoDBClient({ region: 'eu-west-1' });
  const destroy = vi.spyOn(client, 'destroy');
  const given = openDynamoDbClient({ client });
  given.close();
  expect([given.client === client, destroy.mock.calls.length]).toEqual([true, 0]);

  const own = openDynamoDbClient({ region: 'eu-west-1', endpoint: 'http://127.0.0.1:8000' });
  const destroyOwn = vi.spyOn(own.client, 'destroy');
  own.close();
  expect(destroyOwn).toHaveBeenCalledOnce();
});

it.each([
  ['region', { client: new DynamoDBClient({}), region: 'eu-west-1' }],
  ['endpoint', { client: new DynamoDBClient({}), endpoint: 'http://127.0.0.1:8000' }],
  ['region', { region: '' }],
  ['endpoint', { endpoint: '' }],
])('names a wrong %s', (option, given) => {
  expect(() => openDynamoDbClient(given)).toThrow(expect.objectContaining({ option, constructor: ConfigurationError }));
});

describe('an answer of DynamoDB', () => {
  type Answer = readonly [statusCode: number, body: string, headers?: object];
  const clientFor = ([statusCode, body, headers = { 'content-length': `${body.length}` }]: Answer) => {
    const response = { statusCode, headers, body: Readable.from(body === '' ? [] : [Buffer.from(body)]) };
    const requestHandler = { handle: async () => ({ response }) };
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    return new DynamoDBClient({
      ...{ region: 'eu-west-1', maxAttempts: 1, credentials, requestHandler: requestHandler as never },
    });
  };
  const newSub = { S: 'a' };
  const ask = (...answer: Answer) =>
    clientFor(answer).send(needingAnswer(new GetItemCommand({ TableName: 't', Key: { newSub } })));
  const write = (...answer: Answer) =>
    clientFor(answer).send(needingAnswer(new PutItemCommand({ TableName: 't', Item: { newSub } })));

  it('that is empty is not "no item"', async () => {
    await expect(ask(200, '')).rejects.toThrow('the answer is empty (HTTP 200)');
    await expect(ask(204, '', {})).rejects.toThrow('the answer is empty (HTTP 204)');
  });

  it('that is empty is not "written"', async () => {
    await expect(write(200, '')).rejects.toThrow('the answer is empty (HTTP 200)');
    await write(200, '{}');
  });

  it('says whether there is an item', async () => {
    for (const headers of [undefined, {}]) {
      expect((await ask(200, '{}', headers)).Item).toBeUndefined();
      expect((await ask(200, '{"Item":{"a":{"S":"b"}}}', headers)).Item).toEqual({ a: { S: 'b' } });
    }
  });

  it('that refuses is the refusal', async () => {
    await expect(ask(400, '{"__type":"x#ResourceNotFoundException"}')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });
});
