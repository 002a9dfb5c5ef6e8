import type { UserMigrationTriggerEvent, UserMigrationTriggerHandler } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { DirectoryError } from '../../src/directory/user-types.js';
import { ConfigurationError } from '../../src/errors.js';
import { createUserMigrationTrigger, type UserMigrationTriggerOptions } from '../../src/triggers/user-migration.js';
import { FakeClock } from '../support/fake-clock.js';
import {
  ANNA as anna,
  fails,
  forgotPasswordEvent,
  freshPools,
  hangs,
  LEGACY_POOL,
  type MemberInput,
  NEW_POOL,
  signInEvent,
} from './support.js';

const pools = freshPools();

const trigger = (options: Partial<UserMigrationTriggerOptions> = {}) =>
  createUserMigrationTrigger({ ...pools, ...options });

describe('the first sign-in', () => {
  it('moves the user, mapped to the legacy sub and with the old password', async () => {
    const { sub } = pools.legacyPool.add(anna);
    const { response } = await trigger()(signInEvent('anna'));
    expect(response).toEqual({
      userAttributes: {
        email: 'anna@example.com',
        email_verified: 'true',
        given_name: 'Anna',
        'custom:legacy_sub': sub,
      },
      finalUserStatus: 'CONFIRMED',
      messageAction: 'SUPPRESS',
      desiredDeliveryMediums: [],
      forceAliasCreation: false,
    });
  });

  it('finds the user by an alias of the legacy pool', async () => {
    const { sub } = pools.legacyPool.add(anna);
    const { response } = await trigger()(signInEvent('anna@example.com'));
    expect(response.userAttributes['custom:legacy_sub']).toBe(sub);
    expect(response.userAttributes).not.toHaveProperty('username');
  });

  it('uses the attribute configured', async () => {
    const { sub } = pools.legacyPool.add(anna);
    pools.newPool.description = { ...pools.newPool.description, attributes: [{ name: 'custom:old' }] };
    const { response } = await trigger({ attribute: 'custom:old' })(signInEvent('anna'));
    expect(response.userAttributes).toEqual({ 'custom:old': sub });
  });

  it('takes the mapping from the account, never from what the legacy user wrote into an attribute of that name', async () => {
    const { sub } = pools.legacyPool.add({
      ...anna,
      attributes: { ...anna.attributes, 'custom:legacy_sub': '11111111-1111-4111-8111-111111111111' },
    });
    const { response } = await trigger()(signInEvent('anna'));
    expect(response.userAttributes['custom:legacy_sub']).toBe(sub);
  });

  it('is the same when Cognito calls again', async () => {
    pools.legacyPool.add(anna);
    const once = structuredClone((await trigger()(signInEvent('anna'))).response);
    expect((await trigger()(signInEvent('anna'))).response).toEqual(once);
  });
});

describe('who is refused', () => {
  const cases: readonly (readonly [string, MemberInput, string])[] = [
    ['a wrong password', { ...anna, password: 'Another-1' }, 'ERR_SIGN_IN_REFUSED'],
    ['an unknown user', { ...anna, username: 'somebody-else' }, 'ERR_SIGN_IN_REFUSED'],
    ['a disabled user', { ...anna, enabled: false }, 'ERR_SIGN_IN_REFUSED'],
    ['an unconfirmed user', { ...anna, status: 'UNCONFIRMED' }, 'ERR_USER_UNCONFIRMED'],
    ['a user with a second factor', { ...anna, challenge: 'SOFTWARE_TOKEN_MFA' }, 'ERR_CHALLENGE_REFUSED'],
    ['a user who must set up a second factor', { ...anna, challenge: 'MFA_SETUP' }, 'ERR_CHALLENGE_REFUSED'],
    ['a user with a temporary password', { ...anna, challenge: 'NEW_PASSWORD_REQUIRED' }, 'ERR_CHALLENGE_REFUSED'],
    ['a challenge nobody has heard of', { ...anna, challenge: 'WEB_AUTHN' }, 'ERR_CHALLENGE_REFUSED'],
    ['a legacy id of another form', { ...anna, attributes: { sub: 'anna' } }, 'ERR_LEGACY_ID_INVALID'],
  ];

  it.each(cases)('%s', async (_name, member, code) => {
    pools.legacyPool.add(member);
    const event = signInEvent('anna');
    await expect(trigger()(event)).rejects.toMatchObject({ code, message: expect.stringMatching(/refused|mapped/) });
    expect(event.response.userAttributes).toEqual({});
    expect(event.response.finalUserStatus).toBeUndefined();
  });

  it('learns nothing from the sentence: it is the same for every refusal', async () => {
    const messages = new Set<string>();
    for (const [, member, code] of cases) {
      if (code === 'ERR_LEGACY_ID_INVALID') continue;
      pools.legacyPool.members.length = 0;
      pools.legacyPool.add(member);
      await trigger()(signInEvent('anna')).catch((error: Error) => messages.add(error.message));
    }
    expect([...messages]).toEqual(['The sign-in was refused.']);
  });

  it('a user who was disabled between the sign-in and the lookup', async () => {
    const user = pools.legacyPool.add({ ...anna, enabled: false });
    vi.spyOn(pools.legacyPool, 'signIn').mockResolvedValue({ outcome: 'signed-in', sub: user.sub });
    await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
  });

  it('a user who was confirmed, and is not any more when they sign in', async () => {
    pools.legacyPool.add(anna);
    vi.spyOn(pools.legacyPool, 'signIn').mockResolvedValue({ outcome: 'unconfirmed' });
    await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_USER_UNCONFIRMED' });
  });

  it('a sub, with which nobody signs in: the legacy pool is not asked for its password', async () => {
    const sub = '11111111-1111-4111-8111-111111111111';
    pools.legacyPool.add({ ...anna, attributes: { ...anna.attributes, sub } });
    await expect(trigger()(signInEvent(sub))).rejects.toMatchObject({ reason: 'no name of the user' });
    expect(pools.legacyPool.calls).toEqual([`getUser ${sub}`]);
  });

  it('a name that means two accounts', async () => {
    pools.legacyPool.add(anna);
    vi.spyOn(pools.legacyPool, 'signIn').mockResolvedValue({ outcome: 'signed-in', sub: 'another' });
    await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_LEGACY_POOL_UNAVAILABLE' });
  });
});

describe('a password that must be reset', () => {
  it('moves the user without checking the password', async () => {
    const { sub } = pools.legacyPool.add({ ...anna, status: 'RESET_REQUIRED' });
    const { response } = await trigger()(signInEvent('anna', 'anything'));
    expect(response).toMatchObject({
      finalUserStatus: 'RESET_REQUIRED',
      userAttributes: { 'custom:legacy_sub': sub },
    });
  });

  it('needs a verified contact that a code can go to', async () => {
    const attributes = { email: 'anna@example.com', email_verified: 'false' };
    pools.legacyPool.add({ ...anna, status: 'RESET_REQUIRED', attributes });
    await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NO_VERIFIED_CONTACT' });
  });
});

describe('a forgotten password', () => {
  it('moves nobody: a stranger who knows a name could take its owner’s password away', async () => {
    pools.legacyPool.add(anna);
    for (const name of ['anna', 'anna@example.com', 'nobody']) {
      const event = forgotPasswordEvent(name);
      await expect(trigger()(event)).rejects.toMatchObject({
        code: 'ERR_FORGOT_PASSWORD_REFUSED',
        message: 'The sign-in was refused.',
      });
      expect(event.response).toEqual({ userAttributes: {}, desiredDeliveryMediums: [] });
    }
    expect([...pools.legacyPool.calls, ...pools.newPool.calls]).toEqual([]);
  });

  it('does not keep the owner from signing in with the old password afterwards', async () => {
    pools.legacyPool.add(anna);
    await trigger()(forgotPasswordEvent('anna')).catch(() => {});
    expect((await trigger()(signInEvent('anna'))).response.finalUserStatus).toBe('CONFIRMED');
  });
});

describe('a forgotten password, where it moves people', () => {
  const mover = () => trigger({ forgotPassword: 'move' });

  it.each(['CONFIRMED', 'RESET_REQUIRED'])('moves a user of status %s, to be reset', async (status) => {
    const { sub } = pools.legacyPool.add({ ...anna, status });
    const { response } = await mover()(forgotPasswordEvent('anna@example.com'));
    expect(response).toMatchObject({
      finalUserStatus: 'RESET_REQUIRED',
      messageAction: 'SUPPRESS',
      forceAliasCreation: false,
      userAttributes: { email: 'anna@example.com', email_verified: 'true', 'custom:legacy_sub': sub },
    });
    expect(pools.legacyPool.calls).not.toContainEqual(expect.stringContaining('signIn'));
  });

  it.each([
    ['unknown', { ...anna, username: 'b', attributes: {} }, 'ERR_SIGN_IN_REFUSED'],
    ['disabled', { ...anna, enabled: false }, 'ERR_USER_DISABLED'],
    ['unconfirmed', { ...anna, status: 'UNCONFIRMED' }, 'ERR_USER_UNCONFIRMED'],
    ['invited, and never signed in', { ...anna, status: 'FORCE_CHANGE_PASSWORD' }, 'ERR_SIGN_IN_REFUSED'],
    ['of an identity provider', { ...anna, status: 'EXTERNAL_PROVIDER' }, 'ERR_SIGN_IN_REFUSED'],
    ['without a verified contact', { ...anna, attributes: { email: 'anna@example.com' } }, 'ERR_NO_VERIFIED_CONTACT'],
    ['with a second factor', { ...anna, factors: ['SOFTWARE_TOKEN_MFA'] }, 'ERR_CHALLENGE_REFUSED'],
  ])('does not move a user who is %s', async (_name, member, code) => {
    pools.legacyPool.add(member);
    const event = forgotPasswordEvent('anna');
    await expect(mover()(event)).rejects.toMatchObject({ code });
    expect(event.response.userAttributes).toEqual({});
  });

  it('does not move anybody of a pool that demands a second factor of all', async () => {
    pools.legacyPool.add(anna);
    pools.legacyPool.mfa = 'ON';
    await expect(mover()(forgotPasswordEvent('anna'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
  });
});

describe('what cannot be decided now', () => {
  const throttled = new DirectoryError('throttled', 'AdminInitiateAuth', 'TooManyRequestsException', 'x');

  it.each([
    ['signIn', signInEvent, 'ERR_LEGACY_POOL_UNAVAILABLE'],
    ['getUser', signInEvent, 'ERR_LEGACY_POOL_UNAVAILABLE'],
    ['getUser', forgotPasswordEvent, 'ERR_LEGACY_POOL_UNAVAILABLE'],
    ['mfaConfiguration', forgotPasswordEvent, 'ERR_LEGACY_POOL_UNAVAILABLE'],
    ['describe', forgotPasswordEvent, 'ERR_NEW_POOL_UNAVAILABLE'],
  ] as const)('a throttle of %s (%o) is not a wrong password', async (method, make, code) => {
    pools.legacyPool.add(anna);
    const pool = method === 'describe' ? pools.newPool : pools.legacyPool;
    pool.faults = { [method]: fails(throttled) };
    const onFault = vi.fn();
    const event = make('anna');
    await expect(trigger({ onFault, forgotPassword: 'move' })(event)).rejects.toMatchObject({
      code,
      reason: 'TooManyRequestsException',
      message: 'The service is currently unavailable. Try again later.',
    });
    expect(onFault).toHaveBeenCalledExactlyOnceWith(throttled);
    expect(event.response.userAttributes).toEqual({});
  });

  it('is not waited for until Cognito gives up', async () => {
    pools.legacyPool.add(anna);
    pools.legacyPool.faults = { signIn: hangs() };
    const clock = new FakeClock();
    const answer = trigger({ clock })(signInEvent('anna'));
    const outcome = vi.fn();
    answer.catch(outcome);
    await clock.advance(3999);
    expect(outcome).not.toHaveBeenCalled();
    await clock.advance(1);
    await expect(answer).rejects.toMatchObject({ code: 'ERR_DEADLINE' });
  });
});

describe('wiring', () => {
  const gateway = {
    userPoolId: LEGACY_POOL,
    signIn: hangs(),
    getUser: hangs(),
    mfaConfiguration: hangs(),
  };

  it('refuses to move users of the legacy pool into itself', async () => {
    pools.legacyPool.add(anna);
    const event = { ...signInEvent('anna'), userPoolId: LEGACY_POOL };
    await expect(trigger()(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
    expect(pools.legacyPool.calls).toEqual([]);
  });

  it('refuses events of other triggers', async () => {
    const event = { ...signInEvent('anna'), triggerSource: 'PreSignUp_SignUp' } as unknown as UserMigrationTriggerEvent;
    await expect(trigger()(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it.each([
    ['nothing', undefined],
    ['an event without a response', { ...signInEvent('anna'), response: undefined }],
  ])('refuses %s', async (_name, event) => {
    pools.legacyPool.add(anna);
    await expect(trigger()(event as never)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it.each<[string, Partial<UserMigrationTriggerOptions>]>([
    ['offersSmsMfa() unless SMS messages are carried over', { newPool: { describe: () => pools.newPool.describe() } }],
    ['a gateway', { newPool: {}, challenges: 'carry-sms' }],
    ['anything but aliases', { newPool: { aliasAttributes: ['email', 'phone_number', 'preferred_username'] } }],
  ])('does not need %s', (_name, options) => {
    expect(trigger(options)).toBeTypeOf('function');
  });

  it('reports attributes that the new pool has no room for', async () => {
    pools.legacyPool.add({ ...anna, attributes: { ...anna.attributes, 'custom:shoe_size': '38' } });
    const onFault = vi.fn();
    await trigger({ onFault })(signInEvent('anna'));
    expect(onFault).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({
        code: 'ERR_ATTRIBUTE_LEFT_OUT',
        reason: 'custom:shoe_size',
        message: 'An attribute was not carried over.',
      }),
    );
  });

  it.each([
    ['legacyPool', { legacyPool: undefined }],
    ['legacyPool.userPoolId', { legacyPool: { clientId: 'x' } }],
    ['legacyPool.clientId', { legacyPool: { userPoolId: LEGACY_POOL } }],
    ['legacyPool.clientSecret', { legacyPool: { userPoolId: LEGACY_POOL, clientId: 'x', clientSecret: '' } }],
    ['legacyPool.roleArn', { legacyPool: { userPoolId: LEGACY_POOL, clientId: 'x', roleArn: 1 } }],
    ['legacyPool.secret', { legacyPool: { userPoolId: LEGACY_POOL, clientId: 'x', secret: 'y' } }],
    ['newPool.endpoint', { newPool: { endpoint: '' } }],
    ['newPool.userPoolId', { newPool: { userPoolId: NEW_POOL } }],
    ['attribute', { attribute: '' }],
    ['attributes', { attributes: 'email' }],
    ['challenges', { challenges: 'accept' }],
    ['forgotPassword', { forgotPassword: 'allow' }],
    ['forgotPassword', { forgotPassword: true }],
    ['lookUpByEmail', { lookUpByEmail: 'verified' }],
    ['lookUpByEmail', { lookUpByEmail: true, legacyPool: { ...gateway, findUsers: undefined } }],
    ['newPool', { challenges: 'carry-sms', newPool: { describe: async () => ({}) } }],
    ['newPool.attributes', { newPool: { attributes: 'email' } }],
    ['newPool.attributes', { newPool: { attributes: [{ name: 'email' }] } }],
    ['newPool.attributes[0].name', { newPool: { attributes: [{ name: '' }] } }],
    ['newPool.attributes[0].type', { newPool: { attributes: [{ name: 'x', type: 'Text' }] } }],
    ['newPool.attributes[0].required', { newPool: { attributes: [{ name: 'x', required: 'no' }] } }],
    ['newPool.attributes[0].maxLength', { newPool: { attributes: [{ name: 'x', maxLength: '36' }] } }],
    ['newPool.attributes[0].maxLength', { newPool: { attributes: [{ name: 'x', maxLength: 1.5 }] } }],
    ['newPool.attributes[0].minValue', { newPool: { attributes: [{ name: 'x', minValue: '1' }] } }],
    ['newPool.attributes[0].minValue', { newPool: { attributes: [{ name: 'x', minValue: Number.NaN }] } }],
    ['newPool.attributes[0].mutable', { newPool: { attributes: [{ name: 'x', mutable: true }] } }],
    ['newPool.attributes[0]', { newPool: { attributes: ['email'] } }],
    ['newPool.aliasAttributes', { newPool: { aliasAttributes: 'email' } }],
    ['newPool.aliasAttributes[0]', { newPool: { aliasAttributes: ['name'] } }],
    ['newPool.requiresMfa', { newPool: { requiresMfa: 'ON' } }],
    ['newPool.smsMfa', { newPool: { smsMfa: null } }],
    ['newPool.recovery', { newPool: { recovery: 'email' } }],
    ['newPool.recovery[0]', { newPool: { recovery: ['verified_email'] } }],
    ['newPool.attribute', { newPool: { attribute: [] } }],
    ['newPool', { newPool: null }],
    ['newPool', { newPool: 'eu-west-1_New' }],
    ['newPool', { newPool: { findUsers: async () => [] } }],
    ['newPool', { newPool: { offersSmsMfa: hangs() } }],
    ['newPool', { newPool: { offersSmsMfa: hangs() }, challenges: 'carry-sms' }],
    ['legacyPool', { legacyPool: { ...gateway, getUser: undefined } }],
    ['format', { format: 'guid' }],
    ['timeoutMs', { timeoutMs: 99 }],
    ['challenge', { challenge: 'refuse' }],
  ])('%s wrong: named', (option, wrong) => {
    const options = { legacyPool: pools.legacyPool, ...wrong } as UserMigrationTriggerOptions;
    expect(() => createUserMigrationTrigger(options)).toThrow(ConfigurationError);
    expect(() => createUserMigrationTrigger(options)).toThrow(`${option}: `);
  });

  it('fits the handler type', () => {
    const handler: UserMigrationTriggerHandler = trigger();
    expect(handler).toBeTypeOf('function');
  });
});
