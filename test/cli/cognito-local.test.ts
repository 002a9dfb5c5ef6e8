import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folder } from '../support/folder.js';
import { CognitoLocal } from '../triggers/emulator.js';
import { runBin } from './support.js';

let emulator: CognitoLocal;
let client: CognitoIdentityProviderClient;

beforeAll(async () => {
  emulator = await CognitoLocal.start({});
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  client = new CognitoIdentityProviderClient({ endpoint: emulator.endpoint, region: 'local', credentials });
});
afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

async function createPool(name: string, users: readonly string[]): Promise<string> {
  const schema = [{ Name: 'legacy_sub', AttributeDataType: 'String' as const, Mutable: true }];
  const { UserPool } = await client.send(
    new CreateUserPoolCommand({
      PoolName: name,
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      Schema: schema,
    }),
  );
  const UserPoolId = UserPool?.Id;
  for (const Username of users) {
    const UserAttributes = [
      { Name: 'email', Value: Username },
      { Name: 'email_verified', Value: 'true' },
    ];
    await client.send(new AdminCreateUserCommand({ UserPoolId, Username, UserAttributes, MessageAction: 'SUPPRESS' }));
  }
  await client.send(new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'web', WriteAttributes: ['email'] }));
  return UserPoolId ?? '';
}

async function attribute(UserPoolId: string, Username: string, name: string): Promise<string | undefined> {
  const { UserAttributes = [] } = await client.send(new AdminGetUserCommand({ UserPoolId, Username }));
  return UserAttributes.find(({ Name }) => Name === name)?.Value;
}

it('moves the identity of users between two pools of cognito-local, and back', { timeout: 90_000 }, async () => {
  const legacy = await createPool('legacy', ['anna@example.com', 'bert@example.com', 'carl@example.com']);
  const fresh = await createPool('new', ['Anna@example.com', 'bert@example.com', 'dora@example.com']);
  const cwd = folder();
  const env = { AWS_REGION: 'eu-west-1' };
  const endpoints = ['--legacy-endpoint', emulator.endpoint, '--new-endpoint', emulator.endpoint];
  const cutover = async (...args: string[]) => {
    const { code, stdout, stderr } = await runBin([...args, '--json'], { cwd, env }).ended;
    expect(stdout, stderr).not.toBe('');
    return { code, ...JSON.parse(stdout) };
  };

  const plan = await cutover('plan', '--legacy-pool', legacy, '--new-pool', fresh, ...endpoints);
  expect(plan).toMatchObject({ code: 0, legacyUsers: 3, newUsers: 3, notMigrated: 1, writes: 2 });
  expect(plan.outcomes).toMatchObject({ set: 2, 'new-born': 1 });

  const apply = await cutover('apply', '--yes', ...endpoints);
  expect(apply).toMatchObject({ code: 0, written: 2, failed: 0, remaining: 0 });
  expect(await attribute(fresh, 'Anna@example.com', 'custom:legacy_sub')).toBe(
    await attribute(legacy, 'anna@example.com', 'sub'),
  );
  expect(await attribute(fresh, 'dora@example.com', 'custom:legacy_sub')).toBeUndefined();

  expect(await cutover('verify', ...endpoints)).toEqual({
    code: 0,
    checked: 2,
    right: 2,
    wrong: 0,
    missing: 0,
    duplicates: 0,
  });
  expect(await cutover('rollback', '--yes', ...endpoints)).toMatchObject({ code: 0, removed: 2, remaining: 0 });
  expect(await attribute(fresh, 'Anna@example.com', 'custom:legacy_sub')).toBeFalsy();
});
