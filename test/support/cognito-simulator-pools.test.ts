import { createHmac } from 'node:crypto';
import {
  AddCustomAttributesCommand,
  AdminAddUserToGroupCommand,
  AdminInitiateAuthCommand,
  AdminListGroupsForUserCommand,
  type CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserImportJobCommand,
  DeleteGroupCommand,
  DescribeUserImportJobCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetCSVHeaderCommand,
  GetUserCommand,
  ListUserPoolClientsCommand,
  ListUsersInGroupCommand,
  SignUpCommand,
  StartUserImportJobCommand,
  UpdateUserAttributesCommand,
  UpdateUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { describe, expect, it } from 'vitest';
import { migrationPair, NEW_POOL, type PoolOptions, type UserInput } from './cognito-simulator/index.js';
import { listAll, people, sdkClient, started } from './cognito-simulator/testing.js';

const POOL = 'eu-west-1_Pool';
const hash = (username: string) => createHmac('sha256', 's3cret').update(`${username}secret`).digest('base64');
const user = (username: string, more: Partial<UserInput> = {}): UserInput => ({
  username,
  password: 'Passw0rd!',
  attributes: { email: `${username}@example.com`, email_verified: 'true' },
  ...more,
});
const pool = (more: Partial<PoolOptions> = {}): PoolOptions => ({
  id: POOL,
  settings: { AliasAttributes: ['email'], MfaConfiguration: 'OPTIONAL' },
  clients: [
    { ClientId: 'open' },
    { ClientId: 'secret', ClientSecret: 's3cret' },
    { ClientId: 'srp', ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] },
    { ClientId: 'discreet', PreventUserExistenceErrors: 'ENABLED' },
    { ClientId: 'listed', WriteAttributes: ['email'] },
  ],
  users: [
    user('ann', { sub: 'sub-of-ann' }),
    user('disabled', { enabled: false }),
    user('unconfirmed', { status: 'UNCONFIRMED' }),
    user('reset', { status: 'RESET_REQUIRED' }),
    user('invited', { status: 'FORCE_CHANGE_PASSWORD' }),
    user('mfa', { mfa: ['SMS_MFA'] }),
    user('external', { status: 'EXTERNAL_PROVIDER' }),
  ],
  ...more,
});

describe('signing in with a password', () => {
  const signIn = (USERNAME: string, ClientId = 'open', more: Record<string, string> = {}) =>
    new AdminInitiateAuthCommand({
      UserPoolId: POOL,
      ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME, PASSWORD: 'Passw0rd!', ...more },
    });

  it.each([
    ['an address as an alias', signIn('ann@example.com')],
    ['the secret hash', signIn('ann', 'secret', { SECRET_HASH: hash('ann') })],
  ])('works with %s, and the token reads the user', async (_, command) => {
    const { client } = await started({ pools: [pool()] });
    const { AuthenticationResult } = await client.send(command);
    const found = await client.send(new GetUserCommand({ AccessToken: AuthenticationResult?.AccessToken }));
    expect(found.Username).toBe('ann');
    expect(found.UserAttributes).toContainEqual({ Name: 'sub', Value: 'sub-of-ann' });
  });

  it.each([
    ['a wrong password', signIn('ann', 'open', { PASSWORD: 'no' }), 'NotAuthorizedException'],
    ['an unknown user', signIn('nobody'), 'UserNotFoundException'],
    ['an unknown user, discreetly', signIn('nobody', 'discreet'), 'NotAuthorizedException'],
    ['a disabled user', signIn('disabled'), 'NotAuthorizedException'],
    ['an unconfirmed user', signIn('unconfirmed'), 'UserNotConfirmedException'],
    ['a user who must reset', signIn('reset'), 'PasswordResetRequiredException'],
    ['a user of a provider', signIn('external'), 'UserNotFoundException'],
    ['no secret hash', signIn('ann', 'secret'), 'NotAuthorizedException'],
    ['a wrong secret hash', signIn('ann', 'secret', { SECRET_HASH: hash('eve') }), 'NotAuthorizedException'],
    ['a client without the flow', signIn('ann', 'srp'), 'InvalidParameterException'],
    ['an unknown client', signIn('ann', 'none'), 'ResourceNotFoundException'],
  ])('refuses %s', async (_, command, name) => {
    const { client } = await started({ pools: [pool()] });
    await expect(client.send(command)).rejects.toMatchObject({ name });
  });

  it.each([
    ['invited', 'NEW_PASSWORD_REQUIRED'],
    ['mfa', 'SMS_MFA'],
  ])('answers %s with the challenge %s and no token', async (username, challenge) => {
    const { client } = await started({ pools: [pool()] });
    const answer = await client.send(signIn(username));
    expect([answer.ChallengeName, answer.AuthenticationResult]).toEqual([challenge, undefined]);
  });

  it('takes a JWT for the token only with the scope, and until it expires', async () => {
    const { client } = await started({ pools: [pool()], now: () => 1_000_000 });
    const jwt = (claims: object) =>
      `e30.${Buffer.from(JSON.stringify({ sub: 'sub-of-ann', ...claims })).toString('base64url')}.x`;
    const read = (claims: object) => client.send(new GetUserCommand({ AccessToken: jwt(claims) }));
    const scope = 'openid aws.cognito.signin.user.admin';
    expect((await read({ scope, exp: 1001 })).Username).toBe('ann');
    await expect(read({ scope: 'openid' })).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    await expect(read({ scope, exp: 999 })).rejects.toMatchObject({ name: 'NotAuthorizedException' });
  });
});

describe('the mapping attribute in the hands of users', () => {
  const UserAttributes = [{ Name: 'custom:legacy_sub', Value: 'victim' }];
  const signUp = (ClientId: string) =>
    new SignUpCommand({ ClientId, Username: 'eve', Password: 'Passw0rd!', UserAttributes });

  it('is writable through a client without a list, and not through one that leaves it out', async () => {
    const { client, simulator } = await started({ pools: [pool({ customAttributes: ['legacy_sub'] })] });
    await expect(client.send(signUp('listed'))).rejects.toMatchObject({ name: 'NotAuthorizedException' });
    await client.send(signUp('open'));
    await client.send(new UpdateUserAttributesCommand({ AccessToken: 'sim-access:sub-of-ann', UserAttributes }));
    const values = ['eve', 'ann'].map((name) => simulator.pool(POOL).user(name)?.attributes['custom:legacy_sub']);
    expect(values).toEqual(['victim', 'victim']);
  });
});

describe('settings', () => {
  it('grow by custom attributes', async () => {
    const { client } = await started({ pools: [pool()] });
    const add = (Name: string) =>
      client.send(
        new AddCustomAttributesCommand({ UserPoolId: POOL, CustomAttributes: [{ Name, AttributeDataType: 'String' }] }),
      );
    await add('legacy_sub');
    await expect(add('legacy_sub')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(add('a_name_of_21_letters_')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId: POOL }));
    expect(UserPool?.SchemaAttributes?.at(-1)).toMatchObject({ Name: 'custom:legacy_sub', Mutable: true });
  });

  it('of a client are listed page by page, and reset where an update leaves them out', async () => {
    const { client } = await started({ pools: [pool()] });
    const first = await client.send(new ListUserPoolClientsCommand({ UserPoolId: POOL, MaxResults: 3 }));
    const { NextToken } = first;
    const rest = await client.send(new ListUserPoolClientsCommand({ UserPoolId: POOL, MaxResults: 3, NextToken }));
    const ids = [first, rest].map(({ UserPoolClients }) => UserPoolClients?.map(({ ClientId }) => ClientId));
    expect(ids).toEqual([
      ['open', 'secret', 'srp'],
      ['discreet', 'listed'],
    ]);
    const named = { UserPoolId: POOL, ClientId: 'listed' };
    await client.send(new UpdateUserPoolClientCommand({ ...named, ReadAttributes: ['email'] }));
    const { UserPoolClient } = await client.send(new DescribeUserPoolClientCommand(named));
    expect([UserPoolClient?.ReadAttributes, UserPoolClient?.WriteAttributes]).toEqual([['email'], undefined]);
  });
});

describe('groups', () => {
  it('are created, filled, listed and deleted', async () => {
    const { client } = await started({ pools: [pool({ users: people(70), groups: [{ GroupName: 'staff' }] })] });
    await client.send(new CreateGroupCommand({ UserPoolId: POOL, GroupName: 'admins', Precedence: 3 }));
    for (const { username: Username } of people(70)) {
      await client.send(new AdminAddUserToGroupCommand({ UserPoolId: POOL, GroupName: 'admins', Username }));
    }
    const members = await client.send(new ListUsersInGroupCommand({ UserPoolId: POOL, GroupName: 'admins' }));
    const { NextToken } = members;
    const rest = await client.send(new ListUsersInGroupCommand({ UserPoolId: POOL, GroupName: 'admins', NextToken }));
    expect([members.Users?.length, rest.Users?.length, rest.NextToken]).toEqual([60, 10, undefined]);
    const of = await client.send(new AdminListGroupsForUserCommand({ UserPoolId: POOL, Username: 'u5' }));
    expect(of.Groups).toMatchObject([{ GroupName: 'admins', Precedence: 3 }]);
    await client.send(new DeleteGroupCommand({ UserPoolId: POOL, GroupName: 'admins' }));
    const gone = client.send(new ListUsersInGroupCommand({ UserPoolId: POOL, GroupName: 'admins' }));
    await expect(gone).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('an import job', () => {
  async function imported(client: CognitoIdentityProviderClient, rows: Record<string, string>[], prefix = '') {
    const { CSVHeader = [] } = await client.send(new GetCSVHeaderCommand({ UserPoolId: POOL }));
    const lines = rows.map((row) => CSVHeader.map((name) => (row[name] ?? '').replaceAll(',', '\\,')).join(','));
    const { UserImportJob } = await client.send(
      new CreateUserImportJobCommand({
        UserPoolId: POOL,
        JobName: 'move',
        CloudWatchLogsRoleArn: 'arn:aws:iam::111111111111:role/Logs',
      }),
    );
    const job = { UserPoolId: POOL, JobId: UserImportJob?.JobId };
    const upload = await fetch(UserImportJob?.PreSignedUrl ?? '', {
      method: 'PUT',
      headers: { 'x-amz-server-side-encryption': 'aws:kms' },
      body: `${prefix}${CSVHeader.join(',')}\n${lines.join('\n')}\n`,
    });
    expect(upload.status).toBe(200);
    await client.send(new StartUserImportJobCommand(job));
    await client.send(new DescribeUserImportJobCommand(job));
    return (await client.send(new DescribeUserImportJobCommand(job))).UserImportJob;
  }
  const row = (username: string, more: Record<string, string> = {}) => ({
    'cognito:username': username,
    'cognito:mfa_enabled': 'false',
    email: `${username}@example.com`,
    email_verified: 'true',
    ...more,
  });

  it('adds users who must reset, skips those who exist and fails those it cannot take', async () => {
    const { client, simulator } = await started({ pools: [pool({ customAttributes: ['legacy_sub'] })] });
    const job = await imported(client, [
      row('new', { name: 'Last, First', 'custom:legacy_sub': 'abc' }),
      row('ann'),
      row('unverified', { email_verified: 'false' }),
      row('no-mfa', { 'cognito:mfa_enabled': '' }),
    ]);
    expect(job).toMatchObject({ Status: 'Succeeded', ImportedUsers: 1, SkippedUsers: 1, FailedUsers: 2 });
    expect(simulator.pool(POOL).user('new')).toMatchObject({
      status: 'RESET_REQUIRED',
      attributes: { name: 'Last, First', 'custom:legacy_sub': 'abc' },
    });
    expect([...simulator.pool(POOL).importJobs.values()][0]?.log[2]).toMatch(/^\[FAILED\] Line Number 4 - /);
  });

  it('fails as a whole for a byte order mark', async () => {
    const { client } = await started({ pools: [pool()] });
    expect(await imported(client, [row('new')], '\uFEFF')).toMatchObject({ Status: 'Failed', ImportedUsers: 0 });
  });
});

describe('a pair of pools in a migration', () => {
  it('is reached by the role that its account gives', async () => {
    const [legacy, fresh] = migrationPair({ users: 100, notMigrated: 10, newBorn: 20, shares: { mapped: 0.5 } });
    const { client, simulator } = await started({ pools: [legacy, { ...fresh, accessKeys: ['ASIA-Writer'] }] });
    await expect(listAll(client, { UserPoolId: NEW_POOL })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const role = fromTemporaryCredentials({
      masterCredentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
      params: { RoleArn: 'arn:aws:iam::222222222222:role/Writer', RoleSessionName: 'test' },
      clientConfig: { region: 'eu-west-1', endpoint: simulator.endpoint },
    });
    const { accessKeyId } = await role();
    const { users } = await listAll(sdkClient(simulator.endpoint, accessKeyId), { UserPoolId: NEW_POOL });
    expect(users).toHaveLength(110);
    const subs = new Set([...simulator.pool(legacy.id).users.all()].map(({ attributes }) => attributes['sub']));
    const mapped = users.map(({ Attributes }) => Attributes?.find(({ Name }) => Name === 'custom:legacy_sub')?.Value);
    expect(mapped.slice(0, 90).every((value) => value === undefined || subs.has(value))).toBe(true);
    expect(mapped.filter((value) => value !== undefined).length).toBeGreaterThan(30);
  });
});
