import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DirectoryError } from '../../../src/directory/user-types.js';
import { createUserMigrationTrigger, type UserMigrationTriggerOptions } from '../../../src/triggers/user-migration.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import {
  fails,
  hangs,
  LEGACY_POOL,
  type MemberInput,
  MemoryPool,
  NEW_POOL,
  PASSWORD,
  signInEvent,
} from '../support.js';

/** The time limit, but for half a second. */
const PATIENCE_MS = 3500;
const WAITING = { timeout: 30_000, interval: 2 };

const MAPPING = { name: 'custom:legacy_sub', maxLength: 2048 };
let legacyPool: MemoryPool;

beforeEach(() => {
  legacyPool = new MemoryPool(LEGACY_POOL);
});

const anna: MemberInput = {
  username: 'anna',
  password: PASSWORD,
  attributes: { email: 'anna@example.com', email_verified: 'true', given_name: 'Anna' },
};

/** A new pool with Cognito's quotas, behind functions that have just started. A clock is that of both. */
async function launched(
  newPool: UserMigrationTriggerOptions['newPool'] = {},
  more: Partial<UserMigrationTriggerOptions> = {},
) {
  const { clock } = more;
  const pools = [{ id: NEW_POOL, customAttributes: ['legacy_sub'] }];
  const { simulator } = await started({ pools, quotas: {}, ...(clock && { now: () => clock.now() }) });
  const start = () =>
    createUserMigrationTrigger({ legacyPool, newPool: { endpoint: simulator.endpoint, ...newPool }, ...more });
  return { start, simulator, described: () => simulator.stats.of('DescribeUserPool') };
}

describe('newPool.attributes', () => {
  it('lets sixty functions start in one second, and none of them ask', async () => {
    const { start, described } = await launched({ attributes: [{ name: 'email' }, MAPPING], aliasAttributes: [] });
    const { sub } = legacyPool.add(anna);
    const moved = await Promise.all(Array.from({ length: 60 }, () => start()(signInEvent('anna@example.com'))));
    for (const { response } of moved) {
      expect(response.userAttributes).toEqual({
        email: 'anna@example.com',
        email_verified: 'true',
        'custom:legacy_sub': sub,
      });
    }
    expect(described().attempts).toBe(0);
  });

  it('does not guess what it does not say: whether an address is an alias is asked for', async () => {
    const { start, described } = await launched({ attributes: [{ name: 'email' }, MAPPING] });
    legacyPool.add(anna);
    await start()(signInEvent('anna'));
    expect(described().attempts).toBe(0);
    await start()(signInEvent('anna@example.com'));
    expect(described().accepted).toBe(1);
  });
});

describe('without it', () => {
  it('the pool is asked once for as many sign-ins as come, and never for a wrong password', async () => {
    const { start, described } = await launched();
    legacyPool.add(anna);
    const trigger = start();
    await expect(trigger(signInEvent('anna', 'wrong'))).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REFUSED' });
    expect(described().attempts).toBe(0);
    await Promise.all(Array.from({ length: 20 }, () => trigger(signInEvent('anna'))));
    expect(described().attempts).toBe(1);
  });

  it('functions that start together all move their user', async () => {
    const { start, described } = await launched();
    legacyPool.add(anna);
    const moved = await Promise.all(Array.from({ length: 8 }, () => start()(signInEvent('anna'))));
    expect(moved.map(({ response }) => response.finalUserStatus)).toEqual(Array(8).fill('CONFIRMED'));
    expect(described().accepted).toBe(8);
  });

  it('sixty functions that start together all move their user, whatever DescribeUserPool answers', async () => {
    const clock = new FakeClock();
    const { start, described } = await launched({}, { clock });
    const { sub } = legacyPool.add(anna);
    const moving = Promise.all(Array.from({ length: 60 }, () => start()(signInEvent('anna'))));
    await vi.waitFor(() => expect(described().accepted + described().throttled).toBe(60), WAITING);
    expect(described().accepted).toBeLessThan(15);
    await clock.advance(PATIENCE_MS);
    for (const { response } of await moving) {
      expect(response).toMatchObject({ finalUserStatus: 'CONFIRMED', userAttributes: { 'custom:legacy_sub': sub } });
    }
  });

  it('the log tells what kept the answer away, where nobody can be moved without it', async () => {
    const clock = new FakeClock();
    const { start, simulator } = await launched({}, { challenges: 'carry-sms', clock });
    const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
    legacyPool.add({ ...anna, attributes: { ...anna.attributes, ...phone }, challenge: 'SMS_MFA' });
    simulator.faults.set([{ kind: 'throttle', operations: ['GetUserPoolMfaConfig'] }]);
    const answer = start()(signInEvent('anna'));
    answer.catch(() => {});
    // Both limits, and the pause before the next attempt.
    await vi.waitFor(() => expect(clock.sleeping).toBe(3), WAITING);
    await clock.advance(PATIENCE_MS);
    await expect(answer).rejects.toMatchObject({
      code: 'ERR_NEW_POOL_UNAVAILABLE',
      reason: 'TooManyRequestsException',
    });
  });

  it('onFault hears of an outage while the last answer serves', async () => {
    const clock = new FakeClock();
    const onFault = vi.fn();
    const { start, simulator } = await launched({}, { clock, onFault });
    legacyPool.add(anna);
    const trigger = start();
    await trigger(signInEvent('anna'));
    simulator.faults.set([{ kind: 'error', type: 'AccessDeniedException' }]);
    await clock.advance(400_000);
    expect((await trigger(signInEvent('anna'))).response.finalUserStatus).toBe('CONFIRMED');
    expect(onFault).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: 'credentials' }));
  });
});

describe('while the schema is unavailable', () => {
  const throttled = new DirectoryError('throttled', 'DescribeUserPool', 'TooManyRequestsException', 'x');
  const everything = { ...anna.attributes, email: 'anna@example.com', 'custom:shoe_size': '38' };
  const shod: MemberInput = { ...anna, attributes: { ...everything, 'cognito:x': '1' } };
  let newPool: MemoryPool;
  beforeEach(() => {
    newPool = new MemoryPool(NEW_POOL);
  });
  const trigger = (options: Partial<UserMigrationTriggerOptions> = {}) =>
    createUserMigrationTrigger({ legacyPool, newPool, ...options });

  it('a right password moves its user with everything, which Cognito takes or refuses as a whole', async () => {
    newPool.faults = { describe: fails(throttled) };
    const { sub } = legacyPool.add(shod);
    const onFault = vi.fn();
    const { response } = await trigger({ onFault })(signInEvent('anna'));
    expect(response).toMatchObject({ finalUserStatus: 'CONFIRMED', forceAliasCreation: false });
    expect(response.userAttributes).toEqual({ ...everything, 'custom:legacy_sub': sub });
    expect(onFault).toHaveBeenCalledExactlyOnceWith(throttled);
    const { response: chosen } = await trigger({ attributes: ['email'] })(signInEvent('anna'));
    expect(Object.keys(chosen.userAttributes).sort()).toEqual(['custom:legacy_sub', 'email', 'email_verified']);
  });

  it('it is waited for until half a second before the deadline', async () => {
    const clock = new FakeClock();
    newPool.faults = { describe: hangs() };
    legacyPool.add(shod);
    const moved = vi.fn();
    const answer = trigger({ clock })(signInEvent('anna'));
    answer.then(moved);
    await clock.advance(3499);
    expect(moved).not.toHaveBeenCalled();
    await clock.advance(1);
    await settled();
    expect(moved).toHaveBeenCalledOnce();
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ['a password must be reset', { ...shod, status: 'RESET_REQUIRED' }, 'anna'],
    ['a preferred username was typed', { ...shod, attributes: { preferred_username: 'annie' } }, 'annie'],
    ['a second factor has to be carried over', { ...shod, challenge: 'SMS_MFA' }, 'anna'],
  ])('nobody is moved on a guess where %s', async (_name, member, typed) => {
    newPool.faults = { describe: fails(throttled), offersSmsMfa: fails(throttled) };
    const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
    const user = legacyPool.add({ ...member, attributes: { ...member.attributes, ...phone } });
    vi.spyOn(legacyPool, 'getUser').mockResolvedValue(user);
    const event = signInEvent(typed);
    await expect(trigger({ challenges: 'carry-sms' })(event)).rejects.toMatchObject({
      code: 'ERR_NEW_POOL_UNAVAILABLE',
    });
    expect(event.response.userAttributes).toEqual({});
  });

  it('nobody is moved where asking again will not help, or where it is not known whether it will', async () => {
    legacyPool.add(shod);
    const denied = new DirectoryError('credentials', 'DescribeUserPool', 'AccessDeniedException', 'x');
    for (const fault of [denied, new Error('x')]) {
      newPool.faults = { describe: fails(fault) };
      await expect(trigger()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NEW_POOL_UNAVAILABLE' });
    }
  });
});

describe('what newPool tells of second factors and resets', () => {
  const phone = { phone_number: '+4912345', phone_number_verified: 'true' };
  const attributes = [{ name: 'email' }, { name: 'phone_number' }, MAPPING];
  const smsAnna: MemberInput = {
    ...anna,
    attributes: { ...anna.attributes, ...phone },
    factors: ['SMS_MFA'],
    challenge: 'SMS_MFA',
  };

  it('lets sixty functions start in one second with carry-sms, and none of them ask', async () => {
    const { start, simulator } = await launched(
      { attributes, aliasAttributes: [], smsMfa: true },
      { challenges: 'carry-sms' },
    );
    legacyPool.add(smsAnna);
    const moved = await Promise.all(Array.from({ length: 60 }, () => start()(signInEvent('anna'))));
    expect(moved.map(({ response }) => response.enableSMSMFA)).toEqual(Array(60).fill(true));
    expect(simulator.stats.operations).toEqual({});
    expect(legacyPool.calls).not.toContain('mfaConfiguration');
  });

  it.each([
    ['smsMfa', { smsMfa: false }, 'carry-sms'],
    ['requiresMfa', { requiresMfa: false, recovery: ['email'] }, 'reset-and-enrol'],
  ] as const)('decides: %s', async (_name, known, challenges) => {
    const { start, simulator } = await launched({ attributes, aliasAttributes: [], ...known }, { challenges });
    legacyPool.add(smsAnna);
    await expect(start()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_CHALLENGE_REFUSED' });
    expect(simulator.stats.operations).toEqual({});
  });

  it('decides where a reset code goes', async () => {
    const known = { attributes, aliasAttributes: [], requiresMfa: true, smsMfa: false };
    legacyPool.add({ ...anna, status: 'RESET_REQUIRED' });
    const { start, simulator } = await launched({ ...known, recovery: ['email'] });
    expect((await start()(signInEvent('anna'))).response.finalUserStatus).toBe('RESET_REQUIRED');
    const { start: another } = await launched({ ...known, recovery: ['phone_number'] });
    await expect(another()(signInEvent('anna'))).rejects.toMatchObject({ code: 'ERR_NO_VERIFIED_CONTACT' });
    expect(simulator.stats.operations).toEqual({});
  });
});
