import { inspect } from 'node:util';
import type { PreTokenGenerationV2TriggerEvent, UserMigrationTriggerEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLegacyPoolGateway } from '../../src/directory/lambda/legacy-pool-gateway.js';
import {
  createPostConfirmationTrigger,
  createPreSignUpTrigger,
  createPreTokenGenerationTrigger,
  createUserMigrationTrigger,
} from '../../src/triggers/index.js';
import { exception, type ReceivedCall, scriptedPool } from '../directory/scripted-pool.js';
import { eventBase, fails, LEGACY_POOL, MemoryPool, NEW_POOL } from './support.js';

/*
 * The faults of the user-migration samples that AWS, Amplify, Collaborne, 1904labs and others publish, one test each. The
 * triggers' own tests hold the rules in detail; this file is the list to read.
 */

const PASSWORD = 'Correct-Horse-1';
const SUB = '11111111-1111-4111-8111-111111111111';
const TOKEN = `e30.${Buffer.from(JSON.stringify({ sub: SUB })).toString('base64url')}.c2ln`;

let legacyPool: MemoryPool;
let newPool: MemoryPool;

beforeEach(() => {
  legacyPool = new MemoryPool(LEGACY_POOL);
  newPool = new MemoryPool(NEW_POOL);
});
afterEach(() => vi.restoreAllMocks());

function event(
  triggerSource: UserMigrationTriggerEvent['triggerSource'] = 'UserMigration_Authentication',
): UserMigrationTriggerEvent {
  return {
    ...eventBase(triggerSource, 'anna'),
    triggerSource,
    request: { password: PASSWORD },
    response: { userAttributes: {}, desiredDeliveryMediums: [] },
  };
}

const anna = {
  username: 'anna',
  password: PASSWORD,
  attributes: { email: 'anna@example.com', email_verified: 'true' },
};
const migrate = (handled = event()) =>
  createUserMigrationTrigger({ legacyPool, newPool, forgotPassword: 'move' })(handled);

describe('tokens and passwords are not logged', () => {
  /** Everything written to standard output and error while `work` runs. */
  async function written(work: () => Promise<unknown>): Promise<string> {
    const chunks: string[] = [];
    const record = (chunk: unknown) => {
      chunks.push(String(chunk));
      return true;
    };
    vi.spyOn(process.stdout, 'write').mockImplementation(record);
    vi.spyOn(process.stderr, 'write').mockImplementation(record);
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, method).mockImplementation((...args) => void chunks.push(inspect(args, { depth: 10 })));
    }
    // What leaves the handler is logged by Lambda's runtime, with all it holds.
    await work().catch((error: unknown) => chunks.push(inspect(error, { depth: 10, showHidden: true })));
    vi.restoreAllMocks();
    return chunks.join('\n');
  }
  const secrets = /anna|Correct-Horse|e30\.|example\.com/;

  it.each([
    [
      'the sign-in succeeds',
      ({ operation }: ReceivedCall) =>
        operation === 'AdminInitiateAuth'
          ? { AuthenticationResult: { AccessToken: TOKEN } }
          : { Username: 'anna', Enabled: true, UserStatus: 'CONFIRMED', UserAttributes: [{ Name: 'sub', Value: SUB }] },
    ],
    ['the pool refuses', () => exception('NotAuthorizedException', 'Incorrect username or password for anna.')],
    ['the pool repeats the parameters', () => exception('InvalidParameterException', `anna ${PASSWORD}`)],
    ['the pool is throttled', () => exception('TooManyRequestsException', 'anna')],
  ])('%s', async (_name, answer) => {
    const { endpoint } = await scriptedPool(answer);
    const gateway = createLegacyPoolGateway({ userPoolId: LEGACY_POOL, clientId: 'client', endpoint });
    const output = await written(() => createUserMigrationTrigger({ legacyPool: gateway, newPool })(event()));
    expect(output).not.toMatch(secrets);
  });

  it('by no other trigger either', async () => {
    const user = {
      ...eventBase('', 'anna'),
      request: { userAttributes: { sub: 'anna', email: 'anna@example.com' } },
      response: {},
    };
    const broken = fails(new Error('anna@example.com'));
    legacyPool.faults = { findUsers: broken };
    const handlers = [
      ['PreSignUp_SignUp', createPreSignUpTrigger({ legacyPool, newPool })],
      ['PostConfirmation_ConfirmSignUp', createPostConfirmationTrigger({ legacyPool, newPool })],
      ['TokenGeneration_Authentication', createPreTokenGenerationTrigger({ store: { get: broken } })],
    ] as const;
    for (const [triggerSource, handler] of handlers) {
      const output = await written(() => handler({ ...user, triggerSource } as never));
      expect(output).toContain('ERR_');
      expect(output).not.toMatch(secrets);
    }
  });
});

describe('challenges are not ignored', () => {
  it.each(['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'NEW_PASSWORD_REQUIRED', 'SELECT_MFA_TYPE', 'MFA_SETUP'])(
    '%s is no sign-in',
    async (challenge) => {
      legacyPool.add({ ...anna, challenge });
      await expect(migrate()).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
    },
  );

  it('nor is a forgotten password a way around the second factor', async () => {
    legacyPool.add({ ...anna, factors: ['SOFTWARE_TOKEN_MFA'] });
    await expect(migrate(event('UserMigration_ForgotPassword'))).rejects.toMatchObject({
      code: 'ERR_CHALLENGE_REFUSED',
    });
  });
});

it('email_verified is not hard-coded true', async () => {
  legacyPool.add({ ...anna, attributes: { email: 'victim@example.com', email_verified: 'false' } });
  expect((await migrate()).response.userAttributes['email_verified']).toBe('false');
  await expect(migrate(event('UserMigration_ForgotPassword'))).rejects.toMatchObject({
    code: 'ERR_NO_VERIFIED_CONTACT',
  });
});

it('the legacy sub is not dropped, and not handed to Cognito as sub either', async () => {
  const { sub } = legacyPool.add(anna);
  const { userAttributes } = (await migrate()).response;
  expect(userAttributes['custom:legacy_sub']).toBe(sub);
  expect(userAttributes).not.toHaveProperty('sub');
});

it('throttling is not reported as a wrong password', async () => {
  legacyPool.add({ ...anna, password: 'another' });
  const wrong = await migrate().catch((error: Error) => error);
  const { endpoint } = await scriptedPool(() => exception('TooManyRequestsException'));
  const gateway = createLegacyPoolGateway({ userPoolId: LEGACY_POOL, clientId: 'client', endpoint });
  const throttled = await createUserMigrationTrigger({ legacyPool: gateway, newPool })(event()).catch(
    (error: Error) => error,
  );
  expect(wrong).toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
  expect(throttled).toMatchObject({ code: 'ERR_LEGACY_POOL_UNAVAILABLE', reason: 'TooManyRequestsException' });
  expect((throttled as Error).message).not.toBe((wrong as Error).message);
});

it('disabled users are not revived through a forgotten password', async () => {
  legacyPool.add({ ...anna, enabled: false });
  await expect(migrate(event('UserMigration_ForgotPassword'))).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
});

it('aliases of users of the new pool are not stolen', async () => {
  legacyPool.add(anna);
  expect((await migrate()).response.forceAliasCreation).toBe(false);
});

it('groups are not dropped from the tokens', async () => {
  const groupConfiguration = { groupsToOverride: ['admins'], iamRolesToOverride: [], preferredRole: 'r' };
  const handled: PreTokenGenerationV2TriggerEvent = {
    ...eventBase('TokenGeneration_Authentication', 'anna'),
    triggerSource: 'TokenGeneration_Authentication',
    version: '2',
    request: { userAttributes: { 'custom:legacy_sub': SUB }, groupConfiguration },
    response: { claimsAndScopeOverrideDetails: {} },
  };
  const { response } = await createPreTokenGenerationTrigger()(handled);
  expect(response.claimsAndScopeOverrideDetails.groupOverrideDetails).toEqual(groupConfiguration);
});
