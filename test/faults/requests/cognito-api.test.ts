import { createServer } from 'node:http';
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { expect, onTestFinished } from 'vitest';
import { adminGetUserResolver } from '../../../src/legacy-id/cognito.js';
import { createTestPools } from '../../../src/testing/index.js';
import { createCutoverVerifier } from '../../../src/verify/verifier.js';
import type { Fault } from '../../support/cognito-simulator/faults.js';
import { sdkClient, started } from '../../support/cognito-simulator/testing.js';
import { FakeClock } from '../../support/fake-clock.js';
import { fault } from '../fault.js';
import { listenForTest } from './broken-servers.js';

const UNAVAILABLE = 'ERR_LEGACY_ID_UNAVAILABLE';
const MINUTE = 60_000;

/** A user who is only known to the user pool asks once a minute for an hour of an outage, and after it. */
async function anHourOf(broken: Fault) {
  const clock = new FakeClock();
  const pools = await createTestPools({ serve: false, now: clock.now });
  onTestFinished(() => pools.close());
  const { userPoolId } = pools.newPool;
  const anna = pools.person({ mapped: false });
  const attributes = { 'custom:legacy_sub': anna.userId };
  const users = [{ sub: anna.new.sub, username: anna.new.username, attributes }];
  const { simulator } = await started({ pools: [{ id: userPoolId, customAttributes: ['legacy_sub'], users }] });
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'access',
    cache: false,
    clock,
    legacyId: {
      resolve: adminGetUserResolver({
        userPoolId,
        client: sdkClient(simulator.endpoint),
        guard: { clock, maxPerSecond: null },
        cache: { ttlSeconds: 0, clock },
      }),
    },
  });
  const verify = () =>
    verifier.verify(anna.new.accessToken()).then(
      ({ userId }) => (userId === anna.userId ? 'right' : 'WRONG'),
      ({ code }) => code as string,
    );
  expect(await verify()).toBe('right');
  simulator.faults.set([broken]);
  const codes = new Set<string>();
  const before = simulator.stats.of('AdminGetUser').attempts;
  for (let second = 0; second < 60; second += 1) {
    codes.add(await verify());
    await clock.advance(second % 2 === 0 ? 1_000 : 2 * MINUTE - 1_000);
  }
  const asked = simulator.stats.of('AdminGetUser').attempts - before;
  simulator.faults.set([]);
  await clock.advance(11_000);
  return { codes: [...codes], asked, after: await verify() };
}

const expected = { codes: [UNAVAILABLE], after: 'right' };

fault(
  'the Cognito API throttles the resolver for an hour',
  'users whose token has no legacy id get 503, never another id; right again after the next probe',
  async () => {
    const { asked, ...seen } = await anHourOf({ kind: 'throttle' });
    expect(seen).toEqual(expected);
    expect(asked).toBeLessThan(60);
  },
);

fault('the Cognito API answers 500 for an hour', 'as for a throttle', async () => {
  expect(await anHourOf({ kind: 'internal-error' })).toMatchObject(expected);
});

fault('the Cognito API resets every connection for an hour', 'as for a throttle', async () => {
  expect(await anHourOf({ kind: 'drop-before' })).toMatchObject(expected);
});

fault('the credentials of the service are expired for an hour', 'as for a throttle', async () => {
  expect(await anHourOf({ kind: 'error', type: 'ExpiredTokenException' })).toMatchObject(expected);
});

fault(
  'the user pool that the resolver reads is gone',
  'as for a throttle: no user counts as one without a legacy id',
  async () => {
    expect(await anHourOf({ kind: 'error', type: 'ResourceNotFoundException' })).toMatchObject(expected);
  },
);

fault(
  'the Cognito API accepts connections and never answers',
  'each request waits no longer than its limit; after five of them the pool is not asked, and 503 comes at once',
  async () => {
    let asked = 0;
    const port = await listenForTest(
      createServer(() => {
        asked += 1;
      }),
    );
    const pools = await createTestPools({ serve: false });
    onTestFinished(() => pools.close());
    const { userPoolId } = pools.newPool;
    const client = new CognitoIdentityProviderClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'eu-west-1',
      maxAttempts: 1,
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    });
    onTestFinished(() => client.destroy());
    const resolve = adminGetUserResolver({ userPoolId, client, guard: { timeoutMs: 50, openSeconds: 60 } });
    const verifier = createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: pools.newPool.options,
      tokenUse: 'access',
      legacyId: { resolve },
    });
    const codes = new Set<string>();
    for (let user = 0; user < 40; user += 1) {
      const { accessToken } = pools.person({ mapped: false }).new;
      codes.add(await verifier.verify(accessToken()).catch(({ code }) => code));
    }
    expect([...codes]).toEqual([UNAVAILABLE]);
    // One that ran out of time before it was sent is a failure too.
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThanOrEqual(5);
  },
);
