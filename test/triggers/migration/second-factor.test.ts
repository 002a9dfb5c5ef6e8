import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { LegacyUser } from '../../../src/directory/lambda/trigger-pools.js';
import { challengedFactor, expectedFactor, settingsThatSend } from '../../../src/triggers/migration/second-factor.js';
import { createUserMigrationTrigger, type UserMigrationTriggerOptions } from '../../../src/triggers/user-migration.js';
import { FakeClock } from '../../support/fake-clock.js';
import {
  ANNA as anna,
  fails,
  forgotPasswordEvent,
  freshPools,
  hangs,
  type MemberInput,
  signInEvent,
} from '../support.js';

const pools = freshPools();

const trigger = (options: Partial<UserMigrationTriggerOptions> = {}) =>
  createUserMigrationTrigger({ ...pools, ...options });

describe('a second factor in a pool that asks nobody for one', () => {
  beforeEach(() => {
    pools.legacyPool.mfa = 'OFF';
  });

  it.each(['SMS_MFA', 'SOFTWARE_TOKEN_MFA'])('keeps nobody from a reset (%s)', async (factor) => {
    pools.legacyPool.add({ ...anna, status: 'RESET_REQUIRED', factors: [factor] });
    for (const make of [signInEvent, forgotPasswordEvent]) {
      const { response } = await trigger({ forgotPassword: 'move' })(make('anna'));
      expect(response.finalUserStatus).toBe('RESET_REQUIRED');
      expect(response.enableSMSMFA).toBeUndefined();
    }
  });

  it('counts where the pool cannot tell', async () => {
    pools.legacyPool.faults = { mfaConfiguration: fails(new Error('throttled')) };
    pools.legacyPool.add({ ...anna, status: 'RESET_REQUIRED', factors: ['SMS_MFA'] });
    await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_LEGACY_POOL_UNAVAILABLE' });
  });
});

describe('an unnecessary message', () => {
  const withFactor = (factor: string): MemberInput => ({ ...anna, factors: [factor], challenge: factor });
  const signIns = () => pools.legacyPool.calls.filter((call) => call.startsWith('signIn'));

  it.each(['SMS_MFA', 'EMAIL_OTP'])('is not sent for %s to users who are refused anyway', async (factor) => {
    pools.legacyPool.add(withFactor(factor));
    for (const challenges of ['refuse', 'carry-sms', 'reset-and-enrol'] as const) {
      await expect(trigger({ challenges })(signInEvent('anna'))).rejects.toMatchObject({
        code: 'ERR_CHALLENGE_REFUSED',
        message: 'The sign-in was refused.',
      });
    }
    expect(signIns()).toEqual([]);
  });

  it('does not keep out users who would not be asked for it', async () => {
    pools.legacyPool.mfa = 'OFF';
    pools.legacyPool.add({ ...anna, factors: ['SMS_MFA'] });
    expect((await trigger()(signInEvent('anna'))).response.finalUserStatus).toBe('CONFIRMED');
  });

  it('is sent rather than a user refused who might pass', async () => {
    const onFault = vi.fn();
    pools.legacyPool.faults = { mfaConfiguration: fails(new Error('throttled')) };
    pools.legacyPool.add({ ...anna, factors: ['SMS_MFA'] });
    expect((await trigger({ onFault })(signInEvent('anna'))).response.finalUserStatus).toBe('CONFIRMED');
    expect(onFault).toHaveBeenCalledOnce();
  });

  it('is not sent for the message that the legacy pool demands of everybody', async () => {
    pools.legacyPool.mfa = 'ON';
    pools.newPool.smsMfa = false;
    const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
    pools.legacyPool.add({ ...anna, attributes: { ...anna.attributes, ...phone }, challenge: 'SMS_MFA' });
    for (const challenges of ['refuse', 'carry-sms', 'reset-and-enrol'] as const) {
      await expect(trigger({ challenges })(signInEvent('anna'))).rejects.toMatchObject({
        code: 'ERR_CHALLENGE_REFUSED',
      });
    }
    expect(signIns()).toEqual([]);
  });

  it('is no reason to ask the new pool about people of whom the legacy pool asks nothing', async () => {
    pools.newPool.faults = { offersSmsMfa: fails(new Error('throttled')) };
    const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
    pools.legacyPool.add({ ...anna, attributes: { ...anna.attributes, ...phone } });
    const { response } = await trigger({ challenges: 'carry-sms' })(signInEvent('anna'));
    expect(response.finalUserStatus).toBe('CONFIRMED');
    expect(pools.newPool.calls).toEqual(['describe']);
  });

  it('is sent rather than the right password refused: the setting is waited for half a second', async () => {
    const clock = new FakeClock();
    const onFault = vi.fn();
    pools.legacyPool.faults = { mfaConfiguration: hangs() };
    pools.legacyPool.add({ ...anna, factors: ['SMS_MFA'] });
    const answer = trigger({ clock, onFault })(signInEvent('anna'));
    await clock.advance(499);
    expect(signIns()).toEqual([]);
    await clock.advance(1);
    expect((await answer).response.finalUserStatus).toBe('CONFIRMED');
    expect(onFault).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'TimeoutError' }));
    expect(clock.sleeping).toBe(0);
  });

  it('costs those nothing who have no such factor', async () => {
    pools.legacyPool.add({ ...anna, factors: ['SOFTWARE_TOKEN_MFA'], challenge: 'SOFTWARE_TOKEN_MFA' });
    await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ reason: 'SOFTWARE_TOKEN_MFA' });
    expect(pools.legacyPool.calls).toEqual(['getUser anna', 'signIn anna']);
  });
});

describe('what the legacy pool asks of a user', () => {
  const phone = { phone_number: '+4912345' };
  const user = (factors: readonly string[], attributes: Readonly<Record<string, string>> = {}): LegacyUser => ({
    ...{ username: 'anna', sub: undefined, status: 'CONFIRMED', enabled: true },
    attributes,
    factors,
  });

  it.each([
    ['OFF', ['SMS_MFA'], phone, { any: false, sms: false }],
    ['OPTIONAL', [], phone, { any: false, sms: false }],
    ['OPTIONAL', ['SOFTWARE_TOKEN_MFA'], phone, { any: true, sms: false }],
    ['OPTIONAL', ['SMS_MFA'], {}, { any: true, sms: true }],
    ['ON', [], {}, { any: true, sms: false }],
    ['ON', [], phone, { any: true, sms: true }],
    ['ON', ['SOFTWARE_TOKEN_MFA'], phone, { any: true, sms: false }],
  ] as const)('with MFA %s, factors %j and %j: %j', (mfa, factors, attributes, expected) => {
    expect(expectedFactor(user(factors, attributes), mfa)).toEqual(expected);
  });

  it.each([
    ['SMS_MFA', [], true],
    ['SELECT_MFA_TYPE', ['SMS_MFA', 'SOFTWARE_TOKEN_MFA'], true],
    ['MFA_SETUP', [], false],
  ] as const)('is told by the challenge %s with %j', (challenge, factors, sms) => {
    expect(challengedFactor(user(factors, phone), challenge)).toEqual({ any: true, sms });
  });

  it.each([
    [['EMAIL_OTP'], {}, ['OPTIONAL', 'ON']],
    [['SOFTWARE_TOKEN_MFA', 'SMS_MFA'], {}, ['OPTIONAL', 'ON']],
    [['SOFTWARE_TOKEN_MFA'], phone, []],
    [[], phone, ['ON']],
    [[], {}, []],
  ] as const)(
    'is sent as a message to users with %j and %j where MFA is one of %j',
    (factors, attributes, settings) => {
      expect(settingsThatSend(user(factors, attributes))).toEqual(settings);
    },
  );
});
