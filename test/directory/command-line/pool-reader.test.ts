import { expect, it, onTestFinished } from 'vitest';
import { createPoolReader } from '../../../src/directory/command-line/pool-reader.js';
import { faultlessPools } from '../../assess/simulated-pools.js';
import type { Fault } from '../../support/cognito-simulator/index.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { exception, scriptedPool } from '../scripted-pool.js';

async function reader(faults: readonly Fault[] = []) {
  const pools = faultlessPools();
  const { simulator } = await started({ pools, faults });
  const pool = createPoolReader({ userPoolId: pools[0].id, endpoint: simulator.endpoint });
  onTestFinished(() => pool.close());
  return { pool, simulator };
}

it('answers what Cognito answers', async () => {
  const { pool } = await reader();
  expect(await pool.region()).toBe('eu-west-1');
  expect(await pool.describePool()).toMatchObject({ Name: 'shop', UserPoolTier: 'ESSENTIALS' });
  expect(await pool.listClientIds()).toEqual({ items: ['web-old'], nextToken: undefined });
  expect(await pool.describeClient('web-old')).toMatchObject({ ClientName: 'web' });
  expect(await pool.listProviderNames()).toEqual({ items: ['Google'], nextToken: undefined });
  expect(await pool.describeProvider('Google')).toMatchObject({ ProviderType: 'Google' });
  expect((await pool.listGroups()).items).toMatchObject([{ GroupName: 'admins' }]);
  expect((await pool.listResourceServers()).items).toMatchObject([{ Identifier: 'orders' }]);
  expect(await pool.mfaConfig()).toMatchObject({});
});

it('answers undefined for what is gone, and rejects for a pool that is', async () => {
  const { pool, simulator } = await reader();
  expect(await pool.describeClient('gone')).toBeUndefined();
  expect(await pool.describeProvider('gone')).toBeUndefined();
  const other = createPoolReader({ userPoolId: 'eu-west-1_Gone00001', endpoint: simulator.endpoint });
  onTestFinished(() => other.close());
  await expect(other.describePool()).rejects.toMatchObject({ kind: 'refused', operation: 'DescribeUserPool' });
});

it('reads a quota of the account, and answers undefined for a category that is not known', async () => {
  const { endpoint, calls } = await scriptedPool(({ input }) =>
    JSON.stringify(input).includes('UserToken')
      ? exception('InvalidParameterException')
      : { Limit: { ProvisionedLimitValue: 500, FreeLimitValue: 120 } },
  );
  const pool = createPoolReader({ userPoolId: 'eu-west-1_Legacy001', endpoint });
  onTestFinished(() => pool.close());
  expect(await pool.quota('UserAuthentication')).toMatchObject({ ProvisionedLimitValue: 500 });
  expect(await pool.quota('UserToken')).toBeUndefined();
  expect(calls[0]).toMatchObject({
    operation: 'GetProvisionedLimit',
    input: { LimitDefinition: { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserAuthentication' } } },
  });
});

it('sends each call once', async () => {
  const { pool, simulator } = await reader([{ kind: 'throttle', operations: ['ListGroups'], times: 1 }]);
  await expect(pool.listGroups()).rejects.toMatchObject({ kind: 'throttled' });
  expect(simulator.stats.of('ListGroups').attempts).toBe(1);
});

it('stops when told to', async () => {
  const { pool } = await reader();
  const reason = new Error('enough');
  await expect(pool.describePool(AbortSignal.abort(reason))).rejects.toBe(reason);
});
