import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLegacyPoolGateway, type LegacyPoolOptions } from '../../../src/directory/lambda/legacy-pool-gateway.js';
import { DirectoryError } from '../../../src/directory/user-types.js';
import type { PoolOptions } from '../../support/cognito-simulator/index.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { exception, scriptedPool } from '../scripted-pool.js';

const POOL = 'eu-west-1_Legacy123';
const PASSWORD = 'Correct-Horse-1';
const SUB = '11111111-1111-4111-8111-111111111111';
const signal = new AbortController().signal;

const person = (username: string, more: object = {}) => ({
  username,
  password: PASSWORD,
  attributes: { email: `${username}@example.com`, email_verified: 'true' },
  ...more,
});

async function simulated(more: Partial<PoolOptions> = {}, options: Partial<LegacyPoolOptions> = {}) {
  const { simulator } = await started({
    pools: [
      {
        id: POOL,
        settings: { AliasAttributes: ['email'], MfaConfiguration: 'OPTIONAL' },
        clients: [
          { ClientId: 'plain', ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] },
          { ClientId: 'secret', ClientSecret: 's3cret', PreventUserExistenceErrors: 'ENABLED' },
          { ClientId: 'srp', ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] },
        ],
        users: [
          person('anna', { sub: SUB }),
          person('disabled', { enabled: false }),
          person('unconfirmed', { status: 'UNCONFIRMED' }),
          person('reset', { status: 'RESET_REQUIRED' }),
          person('invited', { status: 'FORCE_CHANGE_PASSWORD' }),
          person('mfa', { mfa: ['SMS_MFA'] }),
          person('external', { status: 'EXTERNAL_PROVIDER' }),
          person('quo"te'),
        ],
        groups: [
          { GroupName: 'staff', members: ['anna'] },
          { GroupName: 'admins', members: ['anna'] },
        ],
        ...more,
      },
    ],
  });
  const gateway = createLegacyPoolGateway({
    userPoolId: POOL,
    clientId: 'plain',
    endpoint: simulator.endpoint,
    ...options,
  });
  return { gateway, simulator };
}

describe('signing in', () => {
  it('answers the sub in the access token, and keeps no token', async () => {
    const payload = Buffer.from(JSON.stringify({ sub: SUB })).toString('base64url');
    const { endpoint, calls } = await scriptedPool(() => ({
      AuthenticationResult: { AccessToken: `e30.${payload}.c2ln` },
    }));
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, clientId: 'plain', endpoint });
    expect(await gateway.signIn('anna', PASSWORD, signal)).toEqual({ outcome: 'signed-in', sub: SUB });
    expect(calls).toMatchObject([
      {
        operation: 'AdminInitiateAuth',
        input: {
          UserPoolId: POOL,
          ClientId: 'plain',
          AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: 'anna', PASSWORD },
        },
      },
    ]);
  });

  it.each([
    ['anna', 'wrong', { outcome: 'refused' }],
    ['nobody', PASSWORD, { outcome: 'refused' }],
    ['disabled', PASSWORD, { outcome: 'refused' }],
    ['external', PASSWORD, { outcome: 'refused' }],
    ['unconfirmed', PASSWORD, { outcome: 'unconfirmed' }],
    ['reset', PASSWORD, { outcome: 'reset-required' }],
    ['mfa', PASSWORD, { outcome: 'challenge', challenge: 'SMS_MFA' }],
    ['invited', PASSWORD, { outcome: 'challenge', challenge: 'NEW_PASSWORD_REQUIRED' }],
  ])('%s with %s: %j', async (username, password, expected) => {
    const { gateway } = await simulated();
    expect(await gateway.signIn(username, password, signal)).toEqual(expected);
  });

  it.each([
    ['throttled', exception('TooManyRequestsException'), 3],
    ['unavailable', { status: 500, body: { __type: 'InternalErrorException' } }, 1],
  ])('is repeated only where the call has done nothing: %s', async (kind, answer, attempts) => {
    const { endpoint, calls } = await scriptedPool(() => answer);
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, clientId: 'plain', endpoint });
    await expect(gateway.signIn('anna', PASSWORD, signal)).rejects.toMatchObject({ kind });
    expect(calls).toHaveLength(attempts);
  });

  it('sends the secret hash of a client with a secret', async () => {
    const { gateway } = await simulated({}, { clientId: 'secret', clientSecret: 's3cret' });
    expect(await gateway.signIn('mfa', PASSWORD, signal)).toMatchObject({ outcome: 'challenge' });
    expect(await gateway.signIn('anna', 'wrong', signal)).toEqual({ outcome: 'refused' });
  });

  it.each([
    ['no secret', { clientId: 'secret' }],
    ['a wrong secret', { clientId: 'secret', clientSecret: 'wrong' }],
    ['a client without the flow', { clientId: 'srp' }],
    ['no such client', { clientId: 'unknown' }],
  ])('%s is a fault of the configuration, not a wrong password', async (_name, options) => {
    const { gateway } = await simulated({}, options);
    await expect(gateway.signIn('anna', PASSWORD, signal)).rejects.toBeInstanceOf(DirectoryError);
  });

  it.each([
    ['TooManyRequestsException', 'throttled'],
    ['LimitExceededException', 'refused'],
    ['InternalErrorException', 'invalid'],
    ['AccessDeniedException', 'credentials'],
    ['UnexpectedLambdaException', 'invalid'],
  ])('%s is never a refusal', async (type, kind) => {
    const { endpoint } = await scriptedPool(() => exception(type));
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, clientId: 'plain', endpoint });
    await expect(gateway.signIn('anna', PASSWORD, signal)).rejects.toMatchObject({
      name: 'DirectoryError',
      kind,
      exception: type,
    });
  });

  it('rides over a short throttle', async () => {
    const { gateway, simulator } = await simulated();
    simulator.faults.set([{ kind: 'throttle', times: 1 }]);
    expect(await gateway.signIn('anna', 'wrong', signal)).toEqual({ outcome: 'refused' });
  });

  it.each([
    ['UserLambdaValidationException', 'the legacy pool’s own pre-authentication trigger'],
    ['InvalidPasswordException', 'cognito-local'],
  ])('takes %s for a refusal, by %s', async (type) => {
    const { endpoint } = await scriptedPool(() => exception(type));
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, clientId: 'plain', endpoint });
    expect(await gateway.signIn('anna', PASSWORD, signal)).toEqual({ outcome: 'refused' });
  });

  it.each([
    ['no token', {}],
    ['no JWT', { AuthenticationResult: { AccessToken: 'opaque' } }],
    ['a token without sub', { AuthenticationResult: { AccessToken: 'e30.e30.e30' } }],
    ['a token of no object', { AuthenticationResult: { AccessToken: 'e30.bnVsbA.e30' } }],
  ])('an answer with %s signs nobody in', async (_name, answer) => {
    const { endpoint } = await scriptedPool(() => answer);
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, clientId: 'plain', endpoint });
    await expect(gateway.signIn('anna', PASSWORD, signal)).rejects.toMatchObject({ kind: 'answer' });
  });

  it('fails without a word of the user, as Lambda logs what a function throws', async () => {
    const message = 'Value anna at userName and Correct-Horse-1 failed to satisfy constraint';
    const { endpoint } = await scriptedPool(() => exception('InvalidParameterException', message));
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, clientId: 'plain', endpoint });
    const error = await gateway.signIn('anna', PASSWORD, signal).catch((thrown: unknown) => thrown);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toMatch(/anna|Correct-Horse/);
  });

  it('stops when it is not waited for any longer', async () => {
    const { endpoint } = await scriptedPool(() => undefined);
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, clientId: 'plain', endpoint });
    const late = new AbortController();
    const answer = gateway.signIn('anna', PASSWORD, late.signal);
    late.abort(new Error('too late'));
    await expect(answer).rejects.toThrow('too late');
    await expect(gateway.signIn('anna', PASSWORD, late.signal)).rejects.toThrow('too late');
  });
});

describe('reading a user', () => {
  it('tells who they are', async () => {
    const { gateway } = await simulated();
    expect(await gateway.getUser('anna', signal)).toMatchObject({
      username: 'anna',
      sub: SUB,
      attributes: { email: 'anna@example.com', email_verified: 'true', sub: SUB },
      status: 'CONFIRMED',
      enabled: true,
      factors: [],
    });
  });

  it('tells disabled users and second factors', async () => {
    const { gateway } = await simulated();
    expect(await gateway.getUser('disabled', signal)).toMatchObject({ enabled: false });
    expect(await gateway.getUser('mfa', signal)).toMatchObject({ factors: ['SMS_MFA'] });
  });

  it('counts a second factor that was set up in the old way', async () => {
    const { endpoint } = await scriptedPool(() => ({
      Username: 'anna',
      Enabled: true,
      MFAOptions: [{ DeliveryMedium: 'SMS' }],
    }));
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, endpoint });
    expect(await gateway.getUser('anna', signal)).toMatchObject({ factors: ['SMS_MFA'], sub: undefined });
  });

  it('takes a user of whom the pool does not say that they are enabled for disabled', async () => {
    const { endpoint } = await scriptedPool(() => ({ Username: 'anna' }));
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, endpoint });
    expect(await gateway.getUser('anna', signal)).toMatchObject({ enabled: false, status: 'UNKNOWN' });
  });

  it('answers nobody only when there is nobody', async () => {
    const { gateway, simulator } = await simulated();
    expect(await gateway.getUser('nobody', signal)).toBeUndefined();
    simulator.faults.set([{ kind: 'error', type: 'AccessDeniedException' }]);
    await expect(gateway.getUser('nobody', signal)).rejects.toMatchObject({ kind: 'credentials' });
  });
});

describe('finding users', () => {
  it.each([
    ['email', 'anna@example.com', ['anna']],
    ['username', 'anna', ['anna']],
    ['sub', SUB, ['anna']],
    ['username', 'quo"te', ['quo"te']],
    ['email', 'nobody@example.com', []],
  ] as const)('%s = %s: %j', async (field, value, expected) => {
    const { gateway } = await simulated();
    const found = await gateway.findUsers(field, value, signal);
    expect(found.map((user) => user.username)).toEqual(expected);
  });

  it('continues after an empty page', async () => {
    const { endpoint } = await scriptedPool(({ input }) =>
      input['PaginationToken'] === undefined
        ? { Users: [], PaginationToken: 'more' }
        : { Users: [{ Username: 'anna', Enabled: true, UserStatus: 'CONFIRMED' }] },
    );
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, endpoint });
    expect(await gateway.findUsers('username', 'anna', signal)).toHaveLength(1);
  });
});

describe('groups and settings', () => {
  it('reads the groups of a user, page by page', async () => {
    const { gateway } = await simulated();
    expect([...(await gateway.groupsOf('anna', signal))].sort()).toEqual(['admins', 'staff']);
    const { endpoint } = await scriptedPool(({ input }) =>
      input['NextToken'] === undefined
        ? { Groups: [{ GroupName: 'a' }], NextToken: 'n' }
        : { Groups: [{ GroupName: 'b' }] },
    );
    expect(await createLegacyPoolGateway({ userPoolId: POOL, endpoint }).groupsOf('anna', signal)).toEqual(['a', 'b']);
  });

  it.each(['ON', 'OPTIONAL', 'OFF'] as const)('tells the pool’s setting of second factors: %s', async (mfa) => {
    const { gateway, simulator } = await simulated({ settings: { MfaConfiguration: mfa } });
    expect(await gateway.mfaConfiguration(signal)).toBe(mfa);
    expect(await gateway.mfaConfiguration(signal)).toBe(mfa);
    expect(simulator.stats.of('DescribeUserPool').accepted).toBe(1);
  });

  it('does not take a pool that says nothing of second factors for one without', async () => {
    const { endpoint } = await scriptedPool(() => ({ UserPool: {} }));
    const gateway = createLegacyPoolGateway({ userPoolId: POOL, endpoint });
    await expect(gateway.mfaConfiguration(signal)).rejects.toMatchObject({ kind: 'answer' });
  });
});
