import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectDynamoDb, explainStoreError } from '../../src/cli/store-connection.js';
import { ConfigurationError } from '../../src/errors.js';

const NEEDS = { permissions: 'It needs GET.', page: 'docs/stores.md', goOn: 'Run it again.' };
const failed = (name: string, message = 'it failed') => Object.assign(new Error(message), { name });

describe('explainStoreError', () => {
  it.each([
    ['rights that are missing', failed('AccessDeniedException'), 'ERR_CREDENTIALS'],
    ['no credentials', failed('CredentialsProviderError'), 'ERR_CREDENTIALS'],
    ['a wrong password', failed('Error', 'WRONGPASS invalid username-password pair'), 'ERR_CREDENTIALS'],
    ['no password', failed('Error', 'NOAUTH Authentication required.'), 'ERR_CREDENTIALS'],
    ['throttling without end', failed('Error', 'DynamoDB left 3 items undone after 20 tries'), 'ERR_UNAVAILABLE'],
    ['the network', failed('Error', 'connect ECONNREFUSED'), 'ERR_UNAVAILABLE'],
    ['anything else', 'thrown text', 'ERR_UNAVAILABLE'],
  ])('sorts %s', (_what, error, code) => {
    expect(explainStoreError('--to', 'redis://host', error, NEEDS)).toMatchObject({ code, fix: expect.any(String) });
  });

  it('says which permissions are needed, and what to do later', () => {
    const fixOf = (error: Error) => explainStoreError('--to', 'redis://host', error, NEEDS);
    expect(fixOf(failed('AccessDeniedException'))).toMatchObject({ fix: 'It needs GET.' });
    expect(fixOf(failed('Error', 'connect ECONNREFUSED'))).toMatchObject({ fix: 'Run it again.' });
  });

  it.each([
    ['a missing table', failed('ResourceNotFoundException'), 'there is no table dynamodb://t'],
    ['another layout', failed('ValidationException'), 'does not have the layout of docs/stores.md'],
    ['no Region', failed('Error', 'Region is missing'), 'dynamodb://t?region='],
  ])('takes %s for a wrong option', (_what, error, message) => {
    const explained = explainStoreError('--to', 'dynamodb://t', error, NEEDS);
    expect(explained).toBeInstanceOf(ConfigurationError);
    expect(explained.message).toContain(message);
  });
});

describe('connectDynamoDb', () => {
  it('repeats a call that is not answered', async () => {
    let asked = 0;
    const server = createServer((_req, res) => {
      asked += 1;
      if (asked > 1) res.setHeader('Content-Type', 'application/x-amz-json-1.0').end('{"TableNames":[]}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const address = { kind: 'dynamodb', name: 'dynamodb://t', tableName: 't', region: 'eu-west-1', endpoint } as const;
    const client = await connectDynamoDb('--to', address);
    onTestFinished(() => {
      client.destroy();
      server.close().closeAllConnections();
    });
    expect(await client.send(new ListTablesCommand())).toMatchObject({ TableNames: [] });
    expect(asked).toBe(2);
  });
});
