import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, it, vi } from 'vitest';
import { openDynamoDbClient } from '../src/dynamodb-client.js';
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
