import type { PreSignUpTriggerEvent, PreSignUpTriggerHandler } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { createPreSignUpTrigger, type PreSignUpTriggerOptions } from '../../src/triggers/pre-sign-up.js';
import { FakeClock } from '../support/fake-clock.js';
import { eventBase, fails, freshPools, hangs, type MemberInput } from './support.js';

const pools = freshPools();

type Source = PreSignUpTriggerEvent['triggerSource'];

function signUp(
  userName: string,
  userAttributes: Record<string, string> = {},
  triggerSource: Source = 'PreSignUp_SignUp',
): PreSignUpTriggerEvent {
  return {
    ...eventBase(triggerSource, userName),
    triggerSource,
    request: { userAttributes, validationData: {} },
    response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
  };
}

const trigger = (options: Partial<PreSignUpTriggerOptions> = {}) => createPreSignUpTrigger({ ...pools, ...options });

const refusal = { code: 'ERR_SIGN_UP_REFUSED' };
const anna: MemberInput = {
  username: 'anna',
  attributes: { email: 'anna@example.com', phone_number: '+4912345', preferred_username: 'annie' },
};

describe('a sign-up that brings the mapping attribute', () => {
  it.each(['PreSignUp_SignUp', 'PreSignUp_ExternalProvider'] as const)('is refused (%s)', async (source) => {
    for (const value of ['11111111-1111-4111-8111-111111111111', 'x', '']) {
      await expect(trigger()(signUp('mallory', { 'custom:legacy_sub': value }, source))).rejects.toMatchObject(refusal);
    }
    expect(pools.legacyPool.calls).toEqual([]);
  });

  it('is refused under the name configured', async () => {
    const event = signUp('mallory', { 'custom:old': 'x' });
    await expect(trigger({ attribute: 'custom:old' })(event)).rejects.toMatchObject(refusal);
    await expect(trigger()(event)).resolves.toBe(event);
  });

  it('may be an administrator’s, who creates the users that move', async () => {
    const event = signUp('anna', { 'custom:legacy_sub': 'x' }, 'PreSignUp_AdminCreateUser');
    await expect(trigger()(event)).resolves.toBe(event);
    await expect(trigger({ adminCreated: 'check' })(event)).rejects.toMatchObject(refusal);
  });
});

describe('a sign-up that takes a legacy user’s place', () => {
  const takers: readonly (readonly [string, PreSignUpTriggerEvent])[] = [
    ['username', signUp('anna')],
    ['username in other letters', signUp('Anna')],
    ['username as preferred username', signUp('mallory', { preferred_username: 'anna' })],
    ['preferred username as username', signUp('annie')],
    ['e-mail', signUp('mallory', { email: 'anna@example.com' })],
    ['e-mail in other letters', signUp('mallory', { email: 'Anna@Example.COM' })],
    ['e-mail as username', signUp('anna@example.com')],
    ['phone number', signUp('mallory', { phone_number: '+4912345' })],
    ['phone number as username', signUp('+4912345')],
  ];

  it.each(takers)('is refused: %s', async (_name, event) => {
    pools.legacyPool.add(anna);
    await expect(trigger()(event)).rejects.toMatchObject(refusal);
  });

  it.each(takers)('passes when nobody in the legacy pool has it: %s', async (_name, event) => {
    const before = structuredClone(event);
    await expect(trigger()(event)).resolves.toEqual(before);
  });

  it.each(takers)('passes once the legacy user has moved: %s', async (_name, event) => {
    const { sub } = pools.legacyPool.add(anna);
    pools.newPool.add({ username: 'anna', attributes: { ...anna.attributes, 'custom:legacy_sub': sub } });
    await expect(trigger()(event)).resolves.toBe(event);
  });

  it('is refused when the e-mail is a username of the legacy pool', async () => {
    pools.legacyPool.add({ username: 'anna@example.com' });
    await expect(trigger()(signUp('mallory', { email: 'anna@example.com' }))).rejects.toMatchObject(refusal);
  });

  it('is refused although a stranger in the new pool goes by the same e-mail', async () => {
    pools.legacyPool.add(anna);
    pools.newPool.add({
      username: 'stranger',
      attributes: { email: 'anna@example.com', 'custom:legacy_sub': 'another' },
    });
    await expect(trigger()(signUp('mallory', { email: 'anna@example.com' }))).rejects.toMatchObject(refusal);
  });

  it('is refused when one of two legacy users has moved and one has not', async () => {
    const { sub } = pools.legacyPool.add({ ...anna, username: 'first' });
    pools.legacyPool.add({ ...anna, username: 'second' });
    pools.newPool.add({ username: 'first', attributes: { 'custom:legacy_sub': sub } });
    await expect(trigger()(signUp('x', { email: 'anna@example.com' }))).rejects.toMatchObject(refusal);
  });

  it('is refused when the legacy user is disabled: the door stays shut', async () => {
    pools.legacyPool.add({ ...anna, enabled: false });
    await expect(trigger()(signUp('anna'))).rejects.toMatchObject(refusal);
  });

  it('passes when the legacy user never confirmed: who squats there must not keep the owner out here', async () => {
    pools.legacyPool.add({ ...anna, status: 'UNCONFIRMED' });
    await expect(trigger()(signUp('anna'))).resolves.toBeDefined();
  });

  it('passes when a pool that ignores filters answers other people', async () => {
    pools.legacyPool.add(anna);
    vi.spyOn(pools.legacyPool, 'findUsers').mockResolvedValue(pools.legacyPool.members);
    await expect(trigger()(signUp('bertram', { email: 'bertram@example.com' }))).resolves.toBeDefined();
  });

  it('is judged by the fields configured only, which saves calls', async () => {
    pools.legacyPool.add(anna);
    await expect(trigger({ fields: ['email'] })(signUp('anna'))).resolves.toBeDefined();
    expect(pools.legacyPool.calls).toEqual([]);
    await expect(trigger({ fields: ['email'] })(signUp('x', { email: 'anna@example.com' }))).rejects.toMatchObject(
      refusal,
    );
    expect(pools.legacyPool.calls).toEqual(['findUsers email anna@example.com']);
  });

  it('is refused for users made by an administrator where those are judged too', async () => {
    pools.legacyPool.add(anna);
    const event = signUp('anna', {}, 'PreSignUp_AdminCreateUser');
    await expect(trigger({ adminCreated: 'check' })(event)).rejects.toMatchObject(refusal);
    await expect(trigger()(event)).resolves.toBe(event);
  });
});

describe('the first sign-in with an identity provider', () => {
  const identities = (providerName: string, userId: string) => JSON.stringify([{ userId, providerName }]);
  const first = (userName: string, attributes: Record<string, string> = {}) =>
    signUp(userName, { email: 'anna@example.com', ...attributes }, 'PreSignUp_ExternalProvider');
  const samlAnna: MemberInput = {
    username: 'Corp_anna',
    status: 'EXTERNAL_PROVIDER',
    attributes: { identities: identities('Corp', 'anna') },
  };

  it('passes, whoever has the e-mail', async () => {
    pools.legacyPool.add(anna);
    pools.legacyPool.add({ ...anna, username: 'annas-other-account', enabled: false });
    const event = first('Google_123');
    await expect(trigger()(event)).resolves.toBe(event);
  });

  it('passes for a legacy user who is enabled', async () => {
    pools.legacyPool.add(samlAnna);
    await expect(trigger()(first('Corp_anna'))).resolves.toBeDefined();
  });

  it('is refused to a disabled legacy user, at every try, and nobody is created', async () => {
    pools.legacyPool.add({ ...samlAnna, enabled: false });
    for (const _try of [1, 2, 3]) {
      await expect(trigger()(first('Corp_anna'))).rejects.toMatchObject({
        code: 'ERR_USER_DISABLED',
        message: 'The sign-in was refused.',
      });
    }
    expect(pools.newPool.calls).toEqual([]);
  });

  it('is refused to a disabled legacy user with a password to whom the identity is linked', async () => {
    pools.legacyPool.add({
      ...anna,
      enabled: false,
      attributes: { ...anna.attributes, identities: identities('Corp', 'anna') },
    });
    for (const fields of [undefined, ['username'], ['preferred_username']] as const) {
      await expect(trigger(fields && { fields })(first('Corp_anna'))).rejects.toMatchObject({
        code: 'ERR_USER_DISABLED',
      });
    }
  });

  it('passes at a provider that the map tells apart from the legacy provider of that name', async () => {
    pools.legacyPool.add({ ...samlAnna, enabled: false });
    const mapping = trigger({ providerMap: { Corp: 'CorpEU' } });
    await expect(mapping(first('Corp_anna'))).resolves.toBeDefined();
    await expect(mapping(first('CorpEU_anna'))).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
  });

  it.each([
    ['a pool without regard to case', 'corp_anna', 'corp_anna', {}],
    ['a provider with an underscore in its name', 'My_Corp_anna', 'My_Corp_anna', {}],
    ['a provider of another name', 'New_Corp_anna', 'Corp_anna', { Corp: 'New_Corp' }],
    ['a provider of another name in small letters', 'new_corp_anna', 'Corp_anna', { Corp: 'New_Corp' }],
  ])('is refused to them in %s', async (_name, userName, legacyName, providerMap) => {
    const provider = legacyName.startsWith('My') ? 'My_Corp' : 'Corp';
    pools.legacyPool.add({
      username: legacyName,
      enabled: false,
      attributes: { identities: identities(provider, 'anna') },
    });
    await expect(trigger({ providerMap })(first(userName))).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
  });

  it('is not decided while the legacy pool cannot tell', async () => {
    pools.legacyPool.faults = { findUsers: fails(new Error('throttled')) };
    await expect(trigger()(first('Corp_anna'))).rejects.toMatchObject({ code: 'ERR_LEGACY_POOL_UNAVAILABLE' });
  });
});

describe('what the refusal tells', () => {
  it('is one sentence for every reason, without a word of the event', async () => {
    pools.legacyPool.add(anna);
    const events = [
      signUp('mallory', { 'custom:legacy_sub': 'x' }),
      signUp('anna'),
      signUp('mallory', { email: 'anna@example.com' }),
      signUp('mallory', { phone_number: '+4912345' }),
    ];
    const messages = await Promise.all(events.map((event) => trigger()(event).catch((error: Error) => error.message)));
    expect(new Set(messages).size).toBe(1);
    expect(messages[0]).not.toMatch(/anna|mallory|legacy|example/);
  });

  it('is asked for the same way whether or not the first question was answered already', async () => {
    await trigger()(signUp('mallory', { email: 'anna@example.com' }));
    const asked = [...pools.legacyPool.calls];
    pools.legacyPool.calls.length = 0;
    pools.legacyPool.add({ username: 'mallory' });
    await trigger()(signUp('mallory', { email: 'anna@example.com' })).catch(() => {});
    expect(pools.legacyPool.calls).toEqual(asked);
  });
});

describe('pools that cannot tell', () => {
  it('let nobody sign up', async () => {
    pools.legacyPool.faults = { findUsers: fails(new Error('throttled')) };
    await expect(trigger()(signUp('x'))).rejects.toMatchObject({ code: 'ERR_LEGACY_POOL_UNAVAILABLE' });
    pools.legacyPool.faults = {};
    pools.legacyPool.add(anna);
    pools.newPool.faults = { findUsers: fails(new Error('throttled')) };
    await expect(trigger()(signUp('anna'))).rejects.toMatchObject({ code: 'ERR_NEW_POOL_UNAVAILABLE' });
  });

  it('are not waited for beyond the time limit', async () => {
    pools.legacyPool.faults = { findUsers: hangs() };
    const clock = new FakeClock();
    const answer = trigger({ clock, timeoutMs: 100 })(signUp('x'));
    answer.catch(() => {});
    await clock.advance(100);
    await expect(answer).rejects.toMatchObject({ code: 'ERR_DEADLINE' });
  });
});

describe('wiring', () => {
  it.each([
    ['nothing', undefined],
    ['an event without attributes', { ...signUp('x'), request: {} }],
  ])('refuses %s', async (_name, event) => {
    await expect(trigger()(event as never)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it('refuses events of other triggers', async () => {
    const event = {
      ...signUp('x'),
      triggerSource: 'PostConfirmation_ConfirmSignUp',
    } as unknown as PreSignUpTriggerEvent;
    await expect(trigger()(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it.each([
    ['legacyPool', { legacyPool: null }],
    ['legacyPool.userPoolId', { legacyPool: {} }],
    ['legacyPool', { legacyPool: { groupsOf: async () => [] } }],
    ['fields', { fields: [] }],
    ['fields[0]', { fields: ['name'] }],
    ['adminCreated', { adminCreated: true }],
    ['attribute', { attribute: 7 }],
    ['newPool.region', { newPool: { region: '' } }],
    ['newPool', { newPool: { describe: async () => ({}) } }],
    ['providerMap.Corp', { providerMap: { Corp: '' } }],
    ['strict', { strict: true }],
  ])('%s wrong: named', (option, wrong) => {
    const options = { legacyPool: pools.legacyPool, ...wrong } as PreSignUpTriggerOptions;
    expect(() => createPreSignUpTrigger(options)).toThrow(ConfigurationError);
    expect(() => createPreSignUpTrigger(options)).toThrow(`${option}: `);
  });

  it('fits the handler type', () => {
    const handler: PreSignUpTriggerHandler = trigger();
    expect(handler).toBeTypeOf('function');
  });
});
