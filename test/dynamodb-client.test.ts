import { Readable } from 'node:stream';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
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

describe('an answer to GetItem', () => {
  const ask = (statusCode: number, body: string, headers: object = { 'content-length': `${body.length}` }) => {
    const response = { statusCode, headers, body: Readable.from(body === '' ? [] : [Buffer.from(body)]) };
    const requestHandler = { handle: async () => ({ response }) };
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const client = new DynamoDBClient({
      ...{ region: 'eu-west-1', maxAttempts: 1, credentials, requestHandler: requestHandler as never },
    });
    return client.send(needingAnswer(new GetItemCommand({ TableName: 't', Key: { newSub: { S: 'a' } } })));
  };

  it('that is empty is not "no item"', async () => {
    await expect(ask(200, '')).rejects.toThrow('the answer is empty (HTTP 200)');
    await expect(ask(204, '', {})).rejects.toThrow('the answer is empty (HTTP 204)');
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
