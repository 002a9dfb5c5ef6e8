import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { accountOf, askCaller } from '../../../src/directory/command-line/caller.js';
import { createUserDirectory } from '../../../src/directory/command-line/user-directory.js';
import { NEW_POOL } from '../../support/cognito-simulator/index.js';
import { sdkClient, started } from '../../support/cognito-simulator/testing.js';

const ROLE = 'arn:aws:iam::222233334444:role/Writer';

function withKeys() {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
}

describe('the caller', () => {
  it('is told by the security token service, for the credentials that the calls are signed with', async () => {
    const { simulator } = await started({ pools: [{ id: NEW_POOL }] });
    withKeys();
    vi.stubEnv('AWS_ENDPOINT_URL_STS', simulator.endpoint);
    const directory = createUserDirectory({ userPoolId: NEW_POOL, endpoint: simulator.endpoint, roleArn: ROLE });
    expect(await directory.caller()).toEqual({
      account: '222233334444',
      arn: 'arn:aws:sts::222233334444:assumed-role/Writer/cognito-cutover',
    });
    // Nothing of the pool had to be read for it.
    expect(simulator.stats.operations).toEqual({});
    directory.close();
  });

  it('is at an emulator only known by the account of the pool', async () => {
    const { simulator } = await started({ pools: [{ id: NEW_POOL }] });
    withKeys();
    const directory = createUserDirectory({ userPoolId: NEW_POOL, endpoint: simulator.endpoint });
    expect(await directory.caller()).toEqual({ account: '111111111111', arn: undefined });
    await directory.caller();
    expect(simulator.stats.operations['DescribeUserPool']?.attempts).toBe(1);
    directory.close();
  });

  it('is unknown where nobody may say it', async () => {
    const { simulator } = await started({ pools: [{ id: NEW_POOL, deny: ['DescribeUserPool'] }] });
    withKeys();
    vi.stubEnv('AWS_ENDPOINT_URL_STS', 'http://127.0.0.1:9');
    const directory = createUserDirectory({ userPoolId: NEW_POOL, endpoint: simulator.endpoint });
    expect(await directory.caller()).toEqual({ account: undefined, arn: undefined });
    directory.close();
  });

  it('is not waited for where nobody answers', { timeout: 20_000 }, async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close(() => {}).closeAllConnections());
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    vi.stubEnv('AWS_ENDPOINT_URL_STS', endpoint);
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const asked = askCaller(sdkClient(endpoint), endpoint, undefined);
    await vi.advanceTimersByTimeAsync(4000);
    expect(await asked).toBeUndefined();
  });

  it('is not waited for where the pool does not answer', async () => {
    const { simulator } = await started({ pools: [{ id: NEW_POOL }], latencyMs: 60_000 });
    withKeys();
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const directory = createUserDirectory({ userPoolId: NEW_POOL, endpoint: simulator.endpoint });
    const asked = directory.caller();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await asked).toEqual({ account: undefined, arn: undefined });
    directory.close();
  });

  it('is not waited for once the command is stopped', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close(() => {}).closeAllConnections());
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    vi.stubEnv('AWS_ENDPOINT_URL_STS', endpoint);
    const stop = new AbortController();
    const asked = askCaller(sdkClient(endpoint), endpoint, stop.signal);
    stop.abort();
    expect(await asked).toBeUndefined();
  });
});

it.each([
  ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_New', '123456789012'],
  ['arn:aws-cn:cognito-idp:cn-north-1:123456789012:userpool/cn-north-1_New', '123456789012'],
  ['arn:aws:cognito-idp:local:local:userpool/local_1', undefined],
  [undefined, undefined],
])('the account in %s', (arn, account) => {
  expect(accountOf(arn)).toBe(account);
});
