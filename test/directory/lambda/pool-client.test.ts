import { describe, expect, it, vi } from 'vitest';
import { checkConnection, PoolClient } from '../../../src/directory/lambda/pool-client.js';
import { ConfigurationError } from '../../../src/errors.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { exception, scriptedPool } from '../scripted-pool.js';

const POOL = 'eu-west-1_Legacy123';
const signal = new AbortController().signal;

const describePool = (client: PoolClient) =>
  client.run('DescribeUserPool', signal, (call) =>
    call.client.send(new call.sdk.DescribeUserPoolCommand({ UserPoolId: POOL }), call.options),
  );

describe('PoolClient', () => {
  it('signs for the Region in the pool id, unless another is given', async () => {
    const { endpoint, calls } = await scriptedPool(() => ({}));
    await describePool(new PoolClient(POOL, { endpoint }));
    await describePool(new PoolClient(POOL, { endpoint, region: 'us-east-1' }));
    expect(calls[0]?.headers.authorization).toContain('/eu-west-1/cognito-idp/');
    expect(calls[1]?.headers.authorization).toContain('/us-east-1/cognito-idp/');
  });

  it('tries three times in all, as each attempt counts against the quota', async () => {
    const { endpoint, calls } = await scriptedPool(() => exception('TooManyRequestsException'));
    await expect(describePool(new PoolClient(POOL, { endpoint }))).rejects.toMatchObject({ kind: 'throttled' });
    expect(calls).toHaveLength(3);
  });

  it('assumes the role given, with its external id', async () => {
    const { simulator } = await started({ pools: [{ id: POOL, accessKeys: ['ASIA-legacy-reader'] }] });
    vi.stubEnv('AWS_ENDPOINT_URL_STS', simulator.endpoint);
    const roleArn = 'arn:aws:iam::210987654321:role/legacy-reader';
    const client = new PoolClient(POOL, { endpoint: simulator.endpoint, roleArn, externalId: 'x-1' });
    await expect(describePool(client)).resolves.toMatchObject({ UserPool: { Id: POOL } });
    await expect(describePool(new PoolClient(POOL, { endpoint: simulator.endpoint }))).rejects.toMatchObject({
      name: 'DirectoryError',
    });
  });
});

describe('checkConnection', () => {
  it.each(['region', 'roleArn', 'externalId', 'endpoint'])('%s must be text', (key) => {
    expect(() => checkConnection('newPool', { [key]: '' })).toThrow(ConfigurationError);
    expect(() => checkConnection('newPool', { [key]: '' })).toThrow(`newPool.${key}: `);
  });
});
