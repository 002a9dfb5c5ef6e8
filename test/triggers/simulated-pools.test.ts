import type { PostConfirmationTriggerEvent, PreSignUpTriggerEvent } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { createPostConfirmationTrigger } from '../../src/triggers/post-confirmation.js';
import { createPreSignUpTrigger } from '../../src/triggers/pre-sign-up.js';
import { createUserMigrationTrigger, type UserMigrationTriggerOptions } from '../../src/triggers/user-migration.js';
import type { PoolOptions, UserInput } from '../support/cognito-simulator/index.js';
import { started } from '../support/cognito-simulator/testing.js';
import { FakeClock } from '../support/fake-clock.js';
import { eventBase, LEGACY_POOL, NEW_POOL, PASSWORD, signInEvent } from './support.js';

/* The triggers with the AWS SDK against two pools over HTTP: which calls they make, and what they make of the answers. */

const SUB = '11111111-1111-4111-8111-111111111111';
const NEW_SUB = '0f6d3c1a-0000-4000-8000-000000000001';
const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
const email = { email: 'anna@example.com', email_verified: 'true' };
const anna: UserInput = { username: 'anna', sub: SUB, password: PASSWORD, attributes: { ...email, ...phone } };
const smsAnna: UserInput = { ...anna, mfa: ['SMS_MFA'] };
const smsPool: Partial<PoolOptions> = {
  settings: { MfaConfiguration: 'OPTIONAL' },
  mfaConfig: { SmsMfaConfiguration: { SmsConfiguration: { SnsCallerArn: 'arn:aws:iam::111111111111:role/sms' } } },
};

async function pools(legacyUsers: readonly UserInput[], newPool: Partial<PoolOptions> = {}) {
  const { simulator } = await started({
    pools: [
      {
        id: LEGACY_POOL,
        settings: { MfaConfiguration: 'OPTIONAL' },
        clients: [{ ClientId: 'migration', ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'] }],
        users: legacyUsers,
      },
      { id: NEW_POOL, customAttributes: ['legacy_sub'], ...newPool },
    ],
  });
  const { endpoint } = simulator;
  const legacyPool = { userPoolId: LEGACY_POOL, clientId: 'migration', endpoint };
  const migrate = (options: Partial<UserMigrationTriggerOptions> = {}) =>
    createUserMigrationTrigger({ legacyPool, newPool: { endpoint }, ...options });
  return { simulator, endpoint, legacyPool, migrate };
}

describe('a second factor by SMS', () => {
  it('is carried over where the new pool offers it', async () => {
    const { migrate } = await pools([smsAnna], smsPool);
    const { response } = await migrate({ challenges: 'carry-sms' })(signInEvent('anna'));
    expect(response).toMatchObject({
      userAttributes: { ...email, ...phone, 'custom:legacy_sub': SUB },
      finalUserStatus: 'CONFIRMED',
      enableSMSMFA: true,
    });
  });

  it.each(['refuse', 'carry-sms', 'reset-and-enrol'] as const)(
    'is not asked for by the legacy pool where nobody can be moved (%s)',
    async (challenges) => {
      const { migrate, simulator } = await pools([smsAnna]);
      await expect(migrate({ challenges })(signInEvent('anna'))).rejects.toMatchObject({
        code: 'ERR_CHALLENGE_REFUSED',
      });
      expect(simulator.stats.of('AdminInitiateAuth').attempts).toBe(0);
    },
  );
});

it('an outage of the legacy pool is told while its last answer serves', async () => {
  const { migrate, simulator } = await pools([{ ...anna, status: 'RESET_REQUIRED' }]);
  const clock = new FakeClock();
  const onFault = vi.fn();
  const trigger = migrate({ clock, onFault });
  await trigger(signInEvent('anna'));
  await clock.advance(400_000);
  simulator.faults.set([{ kind: 'error', type: 'AccessDeniedException', operations: ['DescribeUserPool'], times: 1 }]);
  expect((await trigger(signInEvent('anna'))).response.finalUserStatus).toBe('RESET_REQUIRED');
  expect(onFault).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'credentials' }));
});

it('an e-mail address is a name where the legacy pool knows usernames, for its one owner', async () => {
  const { migrate, simulator } = await pools([anna]);
  const trigger = migrate({ lookUpByEmail: true });
  const { response } = await trigger(signInEvent('Anna@Example.com'));
  expect(response.userAttributes).toMatchObject({ 'custom:legacy_sub': SUB, ...email });
  await expect(migrate()(signInEvent('anna@example.com'))).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
  simulator.pool(LEGACY_POOL).addUser({ ...anna, username: 'another', sub: NEW_SUB });
  await expect(trigger(signInEvent('anna@example.com'))).rejects.toMatchObject({ reason: 'several users' });
});

describe('a disabled legacy user who comes by SAML', () => {
  const identities = JSON.stringify([{ userId: 'anna', providerName: 'Corp', providerType: 'SAML' }]);
  const shutOut: UserInput = {
    username: 'Corp_anna',
    sub: SUB,
    enabled: false,
    status: 'EXTERNAL_PROVIDER',
    attributes: { identities },
  };

  it('is refused by pre sign-up at every try', async () => {
    const { legacyPool, endpoint } = await pools([shutOut]);
    const trigger = createPreSignUpTrigger({ legacyPool, newPool: { endpoint } });
    const event: PreSignUpTriggerEvent = {
      ...eventBase('PreSignUp_ExternalProvider', 'Corp_anna'),
      triggerSource: 'PreSignUp_ExternalProvider',
      request: { userAttributes: { email: 'anna@example.com' } },
      response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
    };
    for (const _try of [1, 2]) await expect(trigger(event)).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
  });

  it('is disabled by post confirmation where pre sign-up was not attached', async () => {
    const users = [{ username: 'Corp_anna', sub: NEW_SUB, status: 'EXTERNAL_PROVIDER', attributes: {} }] as const;
    const { legacyPool, endpoint, simulator } = await pools([shutOut], { users });
    const event: PostConfirmationTriggerEvent = {
      ...eventBase('PostConfirmation_ConfirmSignUp', 'Corp_anna'),
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      request: { userAttributes: { sub: NEW_SUB, identities } },
      response: {},
    };
    const trigger = createPostConfirmationTrigger({ legacyPool, newPool: { endpoint } });
    await expect(trigger(event)).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
    expect(simulator.pool(NEW_POOL).user('Corp_anna')).toMatchObject({ enabled: false });
  });
});
