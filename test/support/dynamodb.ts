import { once } from 'node:events';
import { Readable } from 'node:stream';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

/** The keys of the table in which instances share phases and counts. */
export const OPERATIONS_KEYS = ['pk', 'sk'];

/** A DynamoDB of its own, on a free port, with one table: laid out as docs/stores.md says, or with other string keys. */
export async function startDynamoDb(tableName = 'legacy-ids', keys: readonly string[] = ['newSub']) {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const operations = new Set<string>();
  server.on('request', ({ headers }) => {
    const [, operation] = String(headers['x-amz-target']).split('.');
    if (operation !== undefined) operations.add(operation);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the emulator listens nowhere');
  const endpoint = `http://127.0.0.1:${address.port}`;
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName: tableName });
  operations.clear();
  return {
    /** Those that were called since it has its table. */
    operations,
    endpoint,
    client,
    tableName,
    async stop() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** A client whose calls are answered with nothing, as by a proxy. */
export function unansweredClient(): DynamoDBClient {
  const answer = () => ({ statusCode: 200, headers: { 'content-length': '0' }, body: Readable.from([]) });
  return new DynamoDBClient({
    ...{ region: 'eu-west-1', maxAttempts: 1, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
    requestHandler: { handle: async () => ({ response: answer() }) } as never,
  });
}
