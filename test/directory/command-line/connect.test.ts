import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createUserDirectory } from '../../../src/directory/command-line/user-directory.js';
import { type DirectoryError, isExpiry } from '../../../src/directory/user-types.js';
import { failure } from '../../migrate/support/fake-directory.js';
import { NEW_POOL } from '../../support/cognito-simulator/index.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { folder } from '../../support/folder.js';

const file = (key: string) => `[night]\naws_access_key_id = ${key}\naws_secret_access_key = secret\n`;

describe('credentials that have expired', () => {
  it.each([
    ['of a profile', {}],
    ['of a role that a profile assumes', { roleArn: 'arn:aws:iam::222233334444:role/Writer' }],
  ])('%s are looked for again, in the file as it is now', async (_, role) => {
    const { simulator } = await started({ pools: [{ id: NEW_POOL }] });
    const path = join(folder(), 'credentials');
    writeFileSync(path, file('AKIABEFORE'));
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path);
    // The SDK warns of keys in the environment beside a profile.
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
    vi.stubEnv('AWS_ENDPOINT_URL', simulator.endpoint);
    const directory = createUserDirectory({ userPoolId: NEW_POOL, profile: 'night', ...role });
    await directory.listUsers();
    writeFileSync(path, file('AKIARENEWED'));
    simulator.faults.set([{ kind: 'error', type: 'ExpiredTokenException', times: 1 }]);
    await expect(directory.listUsers()).rejects.toSatisfy(isExpiry);
    await directory.listUsers();
    const keys = 'roleArn' in role ? ['ASIA-Writer'] : ['AKIABEFORE', 'AKIARENEWED'];
    expect(simulator.stats.accessKeys[NEW_POOL]).toEqual(keys);
    directory.close();
  });

  it('of an environment, or of the chain, are asked for again without a profile', async () => {
    const { simulator } = await started({ pools: [{ id: NEW_POOL }] });
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIABEFORE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const directory = createUserDirectory({ userPoolId: NEW_POOL, endpoint: simulator.endpoint });
    await directory.listUsers();
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIARENEWED');
    simulator.faults.set([{ kind: 'error', type: 'UnrecognizedClientException', times: 1 }]);
    await expect(directory.listUsers()).rejects.toSatisfy(isExpiry);
    await directory.listUsers();
    expect(simulator.stats.accessKeys[NEW_POOL]).toEqual(['AKIABEFORE', 'AKIARENEWED']);
    directory.close();
  });
});

it('a role is not waited for where the security token service does not answer', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close(() => {}).closeAllConnections());
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_ENDPOINT_URL_STS', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  const directory = createUserDirectory({ userPoolId: NEW_POOL, roleArn: 'arn:aws:iam::222233334444:role/Writer' });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const arrived = once(silent, 'request');
  const asked = expect(directory.listUsers()).rejects.toMatchObject({
    ...{ kind: 'unavailable', exception: 'ETIMEDOUT', place: { address: '' } },
  });
  await arrived;
  await vi.advanceTimersByTimeAsync(5_000);
  await asked;
  directory.close();
});

describe('a failure', () => {
  const address = { userPoolId: NEW_POOL, endpoint: 'http://127.0.0.1:9', side: 'new' } as const;
  const placeOf = (directory: ReturnType<typeof createUserDirectory>) =>
    directory.listUsers().then(
      () => undefined,
      (error: DirectoryError) => error.place,
    );

  it('says where the call was sent, and whether anything answered there before', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const silent = createUserDirectory(address);
    expect(await placeOf(silent)).toEqual({
      ...{ userPoolId: NEW_POOL, side: 'new', region: 'eu-west-1', profile: undefined, account: undefined },
      ...{ endpoint: 'http://127.0.0.1:9', address: 'http://127.0.0.1:9', answered: false },
      accepted: expect.any(Boolean),
    });
    silent.close();
    const { simulator } = await started({ pools: [{ id: NEW_POOL }] });
    const directory = createUserDirectory({ ...address, endpoint: simulator.endpoint });
    await directory.listUsers();
    await simulator.close();
    expect(await placeOf(directory)).toMatchObject({ address: simulator.endpoint, answered: true, accepted: true });
    directory.close();
  });

  it('says in which account a pool is missing, as far as that can be found out', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIATEST');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    const { simulator } = await started({ pools: [] });
    vi.stubEnv('AWS_ENDPOINT_URL_STS', simulator.endpoint);
    const directory = createUserDirectory({ ...address, endpoint: simulator.endpoint });
    expect(await placeOf(directory)).toMatchObject({ account: '222233334444' });
    directory.close();
  });
});

describe('an expiry', () => {
  it.each([
    ['ExpiredTokenException', true],
    ['TokenProviderError', true],
    ['AccessDeniedException', false],
    ['RegionMissing', false],
  ])('%s: %s', (exception, is) => {
    expect(isExpiry(failure('credentials', 'ListUsers', exception as 'credentials'))).toBe(is);
  });
});

describe('an address that the environment names', () => {
  it.each(['not a url', 'ftp://x', ' ', 'a\r\nHost: x'])('is refused where it is none: %j', (address) => {
    vi.stubEnv('AWS_ENDPOINT_URL', address);
    const message = 'AWS_ENDPOINT_URL: expected an http(s) address, got ';
    expect(() => createUserDirectory({ userPoolId: NEW_POOL })).toThrow(message);
  });

  it('is not looked at where an option names one, or where the SDK is told to ignore it', () => {
    vi.stubEnv('AWS_ENDPOINT_URL', 'not a url');
    createUserDirectory({ userPoolId: NEW_POOL, endpoint: 'http://127.0.0.1:1' }).close();
    vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true');
    createUserDirectory({ userPoolId: NEW_POOL }).close();
  });
});

it('an address in the profile that is no URL is not asked for again', async () => {
  const path = join(folder(), 'config');
  writeFileSync(path, '[profile wrong]\naws_access_key_id = a\naws_secret_access_key = b\nendpoint_url = not a url\n');
  vi.stubEnv('AWS_CONFIG_FILE', path);
  vi.stubEnv('AWS_PROFILE', 'wrong');
  // The SDK warns of keys in the environment beside a profile.
  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', undefined);
  const directory = createUserDirectory({ userPoolId: NEW_POOL });
  await expect(directory.listUsers()).rejects.toMatchObject({ kind: 'refused', exception: 'ERR_INVALID_URL' });
  directory.close();
});
