import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createUserMigrationTrigger, type UserMigrationTriggerOptions } from '../../../src/triggers/user-migration.js';
import { ANNA as anna, fails, forgotPasswordEvent, freshPools, type MemberInput, signInEvent } from '../support.js';

const pools = freshPools();

const trigger = (options: Partial<UserMigrationTriggerOptions> = {}) =>
  createUserMigrationTrigger({ ...pools, ...options });

describe('second factors with reset-and-enrol', () => {
  const lenient = () => trigger({ challenges: 'reset-and-enrol', forgotPassword: 'move' });

  beforeEach(() => {
    pools.newPool.description = { ...pools.newPool.description, requiresMfa: true };
  });

  it.each(['SMS_MFA', 'SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'SELECT_MFA_TYPE', 'MFA_SETUP', 'NEW_PASSWORD_REQUIRED'])(
    'moves a user challenged with %s, who must reset the password and then enrol',
    async (challenge) => {
      const { sub } = pools.legacyPool.add({ ...anna, challenge, factors: ['SOFTWARE_TOKEN_MFA'] });
      const { response } = await lenient()(signInEvent('anna'));
      expect(response).toMatchObject({
        finalUserStatus: 'RESET_REQUIRED',
        userAttributes: { 'custom:legacy_sub': sub },
      });
      expect(response.enableSMSMFA).toBeUndefined();
    },
  );

  const smsUser = (attributes: Readonly<Record<string, string>>): MemberInput => ({
    ...anna,
    attributes,
    challenge: 'SMS_MFA',
    factors: ['SMS_MFA'],
  });
  const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
  const email = { email: 'anna@example.com', email_verified: 'true' };

  it('keeps SMS messages switched on for a verified phone number', async () => {
    pools.legacyPool.add(smsUser({ ...phone, ...email }));
    expect((await lenient()(signInEvent('anna'))).response.enableSMSMFA).toBe(true);
  });

  it.each([
    ['the new pool offers none', false, undefined],
    ['the phone number is not carried over', true, ['email']],
  ] as const)('does not switch them on where %s', async (_name, offered, attributes) => {
    pools.newPool.smsMfa = offered;
    pools.legacyPool.add(smsUser({ ...phone, ...email }));
    const options = { challenges: 'reset-and-enrol', ...(attributes && { attributes }) } as const;
    const { response } = await trigger(options)(signInEvent('anna'));
    expect(response.finalUserStatus).toBe('RESET_REQUIRED');
    expect(response.enableSMSMFA).toBeUndefined();
  });

  it('does not switch them on where a gateway of your own cannot tell', async () => {
    pools.legacyPool.add(smsUser({ ...phone, ...email }));
    const newPool = { describe: () => pools.newPool.describe() };
    const { response } = await trigger({ newPool, challenges: 'reset-and-enrol' })(signInEvent('anna'));
    expect(response.finalUserStatus).toBe('RESET_REQUIRED');
    expect(response.enableSMSMFA).toBeUndefined();
  });

  it('moves nobody whose only contact is the phone of the second factor: Cognito sends no reset code there', async () => {
    pools.legacyPool.add(smsUser(phone));
    await expect(lenient()(forgotPasswordEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NO_VERIFIED_CONTACT' });
    await expect(lenient()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
  });

  it.each([[undefined], ['SMS_MFA']])('counts a message that the pool demands of everybody (%s)', async (challenge) => {
    pools.legacyPool.mfa = 'ON';
    // Nothing is set up: the pool sends messages all the same.
    const state = challenge === undefined ? { status: 'RESET_REQUIRED' } : { challenge };
    pools.legacyPool.add({ ...anna, attributes: phone, ...state });
    await expect(lenient()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
    await expect(lenient()(forgotPasswordEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NO_VERIFIED_CONTACT' });
    expect(pools.legacyPool.calls).not.toContainEqual(expect.stringContaining('signIn'));
    pools.legacyPool.members.length = 0;
    pools.legacyPool.add({ ...anna, attributes: { ...phone, ...email }, ...state });
    const { response } = await lenient()(signInEvent('anna'));
    expect(response).toMatchObject({ finalUserStatus: 'RESET_REQUIRED', enableSMSMFA: true });
  });

  it('keeps the second factor in mind when the password was forgotten', async () => {
    pools.legacyPool.add({ ...anna, factors: ['SOFTWARE_TOKEN_MFA'] });
    expect((await lenient()(forgotPasswordEvent('anna'))).response.finalUserStatus).toBe('RESET_REQUIRED');
  });

  it.each([signInEvent, forgotPasswordEvent])(
    'does nothing where the new pool lets people in without (%o)',
    async (make) => {
      pools.newPool.description = { ...pools.newPool.description, requiresMfa: false };
      pools.legacyPool.add({ ...anna, challenge: 'SOFTWARE_TOKEN_MFA', factors: ['SOFTWARE_TOKEN_MFA'] });
      await expect(lenient()(make('anna'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
    },
  );

  it('takes the challenge for a second factor although the account lists none', async () => {
    pools.newPool.description = { ...pools.newPool.description, requiresMfa: false };
    pools.legacyPool.add({ ...anna, challenge: 'SMS_MFA' });
    await expect(lenient()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
  });

  it('moves an invited user without factors also where the new pool demands none', async () => {
    pools.newPool.description = { ...pools.newPool.description, requiresMfa: false };
    pools.legacyPool.add({ ...anna, challenge: 'NEW_PASSWORD_REQUIRED' });
    expect((await lenient()(signInEvent('anna'))).response.finalUserStatus).toBe('RESET_REQUIRED');
  });

  it.each(['CUSTOM_CHALLENGE', 'DEVICE_SRP_AUTH', 'WEB_AUTHN'])('never accepts %s', async (challenge) => {
    pools.legacyPool.add({ ...anna, challenge });
    await expect(lenient()(signInEvent('anna'))).rejects.toMatchObject({
      code: 'ERR_CHALLENGE_REFUSED',
      reason: challenge,
    });
  });

  it('never accepts a wrong password', async () => {
    pools.legacyPool.add({ ...anna, challenge: 'SMS_MFA' });
    await expect(lenient()(signInEvent('anna', 'wrong'))).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
  });
});

describe('second factors that nobody is moved with', () => {
  it.each([
    ['reset', { status: 'RESET_REQUIRED' }, signInEvent],
    ['forgotten', {}, forgotPasswordEvent],
  ] as const)('stay where the password is %s, also if the new pool demands one', async (_name, state, make) => {
    pools.newPool.description = { ...pools.newPool.description, requiresMfa: true };
    pools.legacyPool.add({ ...anna, ...state, factors: ['SOFTWARE_TOKEN_MFA'] });
    await expect(trigger({ forgotPassword: 'move' })(make('anna'))).rejects.toMatchObject({
      code: 'ERR_CHALLENGE_REFUSED',
    });
  });

  it('send no message, though the new pool could', async () => {
    const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
    const attributes = { ...anna.attributes, ...phone };
    pools.legacyPool.add({ ...anna, attributes, factors: ['SMS_MFA'], challenge: 'SMS_MFA' });
    await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
    expect(pools.legacyPool.calls).not.toContainEqual(expect.stringContaining('signIn'));
  });
});

describe('second factors with carry-sms', () => {
  const carrying = (options: Partial<UserMigrationTriggerOptions> = {}) =>
    trigger({ challenges: 'carry-sms', ...options });
  const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
  const smsUser: MemberInput = {
    ...anna,
    attributes: { ...anna.attributes, ...phone },
    factors: ['SMS_MFA'],
    challenge: 'SMS_MFA',
  };

  it('moves users challenged with a message, and has the new pool ask for one', async () => {
    const { sub } = pools.legacyPool.add(smsUser);
    const { response } = await carrying()(signInEvent('anna'));
    expect(response).toMatchObject({
      userAttributes: { ...phone, 'custom:legacy_sub': sub },
      finalUserStatus: 'CONFIRMED',
      enableSMSMFA: true,
    });
  });

  it('never asks users who were not challenged for a message', async () => {
    pools.legacyPool.add(anna);
    expect((await carrying()(signInEvent('anna'))).response.enableSMSMFA).toBeUndefined();
  });

  it.each([
    ['the new pool offers no messages', false, {}, undefined],
    ['the phone number is not verified', true, { phone_number_verified: 'false' }, undefined],
    ['there is no phone number', true, { phone_number: '' }, undefined],
    ['the phone number is not carried over', true, {}, ['email']],
  ] as const)('refuses where %s', async (_name, offered, attributes, carried) => {
    pools.newPool.smsMfa = offered;
    pools.legacyPool.add({ ...smsUser, attributes: { ...smsUser.attributes, ...attributes } });
    const event = signInEvent('anna');
    await expect(carrying(carried && { attributes: carried })(event)).rejects.toMatchObject({
      code: 'ERR_CHALLENGE_REFUSED',
    });
    expect(event.response).toEqual({ userAttributes: {}, desiredDeliveryMediums: [] });
  });

  it.each(['SOFTWARE_TOKEN_MFA', 'EMAIL_OTP', 'SELECT_MFA_TYPE', 'MFA_SETUP', 'NEW_PASSWORD_REQUIRED', 'WEB_AUTHN'])(
    'refuses %s, whatever else the user has set up',
    async (challenge) => {
      pools.legacyPool.add({ ...smsUser, challenge });
      await expect(carrying()(signInEvent('anna'))).rejects.toMatchObject({
        code: 'ERR_CHALLENGE_REFUSED',
        reason: challenge,
      });
    },
  );

  it('moves nobody who has a second factor without the password', async () => {
    pools.legacyPool.add(smsUser);
    await expect(carrying({ forgotPassword: 'move' })(forgotPasswordEvent('anna'))).rejects.toMatchObject({
      code: 'ERR_CHALLENGE_REFUSED',
    });
    pools.legacyPool.members.length = 0;
    pools.legacyPool.add({ ...smsUser, status: 'RESET_REQUIRED' });
    await expect(carrying()(signInEvent('anna', 'anything'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
  });

  it('moves nobody while it cannot tell what the new pool offers', async () => {
    pools.legacyPool.add(smsUser);
    pools.newPool.faults = { offersSmsMfa: fails(new Error('throttled')) };
    await expect(carrying()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NEW_POOL_UNAVAILABLE' });
  });

  it.each([
    ['a wrong password', { ...smsUser, password: 'Another-1' }, 'ERR_SIGN_IN_REFUSED'],
    ['a disabled user', { ...smsUser, enabled: false }, 'ERR_SIGN_IN_REFUSED'],
  ])('refuses %s', async (_name, member, code) => {
    pools.legacyPool.add(member);
    await expect(carrying()(signInEvent('anna'))).rejects.toMatchObject({ code });
  });
});

describe('a contact that is not carried over', () => {
  it('does not count for a reset code', async () => {
    pools.legacyPool.add({ ...anna, status: 'RESET_REQUIRED' });
    const event = signInEvent('anna');
    await expect(trigger({ attributes: ['given_name'] })(event)).rejects.toMatchObject({
      code: 'ERR_NO_VERIFIED_CONTACT',
    });
    expect(event.response.userAttributes).toEqual({});
  });

  it('does not count either where the new pool’s schema has no room for it', async () => {
    pools.newPool.description = {
      ...pools.newPool.description,
      attributes: [{ name: 'custom:legacy_sub' }, { name: 'email', maxLength: 5 }],
    };
    pools.legacyPool.add(anna);
    await expect(trigger({ forgotPassword: 'move' })(forgotPasswordEvent('anna'))).rejects.toMatchObject({
      code: 'ERR_NO_VERIFIED_CONTACT',
    });
  });

  it.each([[['phone_number']], [[]]] as const)(
    'does not count where the new pool resets through %j',
    async (recovery) => {
      pools.newPool.description = { ...pools.newPool.description, recovery };
      pools.legacyPool.add({ ...anna, status: 'RESET_REQUIRED' });
      await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NO_VERIFIED_CONTACT' });
    },
  );

  it.each([
    ['an alias', ['email'], {}],
    ['perhaps the username', [], {}],
    ['the legacy username', [], { username: 'anna@example.com' }],
  ] as const)('cannot be typed to sign in, where it is %s', async (_name, aliasAttributes, more) => {
    pools.newPool.description = { ...pools.newPool.description, aliasAttributes };
    pools.legacyPool.add({ ...anna, ...more });
    const event = signInEvent('anna@example.com');
    await expect(trigger({ attributes: ['given_name'] })(event)).rejects.toMatchObject({
      code: 'ERR_NO_VERIFIED_CONTACT',
      reason: 'email',
    });
    expect(event.response.userAttributes).toEqual({});
  });

  it('does not keep anybody from moving with their password', async () => {
    const { sub } = pools.legacyPool.add(anna);
    const { response } = await trigger({ attributes: [] })(signInEvent('anna'));
    expect(response).toMatchObject({ finalUserStatus: 'CONFIRMED', userAttributes: { 'custom:legacy_sub': sub } });
  });
});

it('names the user beside an alias of the new pool', async () => {
  pools.newPool.description = { ...pools.newPool.description, aliasAttributes: ['email'] };
  const { sub } = pools.legacyPool.add(anna);
  const { response } = await trigger()(signInEvent('anna@example.com'));
  expect(response.userAttributes).toMatchObject({ username: 'anna', 'custom:legacy_sub': sub });
});

it('leaves out values that the new pool would refuse, and says which', async () => {
  const range = { type: 'Number', minValue: 1, maxValue: 10 } as const;
  pools.newPool.description = {
    ...pools.newPool.description,
    attributes: [
      { name: 'custom:legacy_sub' },
      { name: 'custom:level', ...range },
      { name: 'custom:rank', ...range },
      { name: 'custom:size', ...range },
      { name: 'custom:agreed', type: 'Boolean' },
      { name: 'custom:since', type: 'DateTime' },
    ],
  };
  const { sub } = pools.legacyPool.add({
    ...anna,
    attributes: {
      'custom:level': '11',
      'custom:rank': 'gold',
      'custom:size': '7',
      'custom:agreed': 'yes',
      'custom:since': 'long ago',
    },
  });
  const onFault = vi.fn();
  const { response } = await trigger({ onFault })(signInEvent('anna'));
  expect(response.userAttributes).toEqual({ 'custom:size': '7', 'custom:legacy_sub': sub });
  expect(onFault.mock.calls.map(([fault]) => fault.reason)).toEqual([
    'custom:level',
    'custom:rank',
    'custom:agreed',
    'custom:since',
  ]);
});
