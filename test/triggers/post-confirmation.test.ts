import type { PostConfirmationTriggerEvent, PostConfirmationTriggerHandler } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import {
  createPostConfirmationTrigger,
  type PostConfirmationTriggerOptions,
} from '../../src/triggers/post-confirmation.js';
import { FakeClock } from '../support/fake-clock.js';
import { eventBase, fails, freshPools, hangs, LEGACY_POOL, type MemberInput } from './support.js';

const NEW_SUB = '0f6d3c1a-0000-4000-8000-000000000001';
const STORED = '22222222-2222-4222-8222-222222222222';

const pools = freshPools();

const identities = (providerName: string, userId: string) =>
  JSON.stringify([{ userId, providerName, providerType: providerName, issuer: null, primary: true, dateCreated: 1 }]);

/** The event of a user who is in the new pool already, as Cognito has it by then. */
function confirmed(userName: string, attributes: Record<string, string> = {}): PostConfirmationTriggerEvent {
  const userAttributes = { sub: NEW_SUB, ...attributes };
  pools.newPool.add({ username: userName, attributes: userAttributes });
  return {
    ...eventBase('PostConfirmation_ConfirmSignUp', userName),
    triggerSource: 'PostConfirmation_ConfirmSignUp',
    request: { userAttributes },
    response: {},
  };
}

const federated = (provider = 'Google', userId = '123', attributes: Record<string, string> = {}) =>
  confirmed(`${provider}_${userId}`, {
    'cognito:user_status': 'EXTERNAL_PROVIDER',
    identities: identities(provider, userId),
    ...attributes,
  });

const googleAnna: MemberInput = {
  username: 'Google_123',
  status: 'EXTERNAL_PROVIDER',
  attributes: { identities: identities('Google', '123') },
  groups: ['staff', `${LEGACY_POOL}_Google`, 'closed-club', 'admins'],
};

const trigger = (options: Partial<PostConfirmationTriggerOptions> = {}) =>
  createPostConfirmationTrigger({ ...pools, ...options });

const stampOf = (username: string) =>
  pools.newPool.members.find((user) => user.username === username)?.attributes['custom:legacy_sub'];

describe('a user who never was in the legacy pool', () => {
  it.each([
    ['signed up', () => confirmed('bertram', { email: 'bertram@example.com' })],
    ['federated', () => federated('Google', '9', { email: 'bertram@example.com' })],
  ])('gets their own sub (%s)', async (_name, make) => {
    const event = make();
    await expect(trigger()(event)).resolves.toBe(event);
    expect(stampOf(event.userName)).toBe(NEW_SUB);
  });

  it('who signed up costs the searches for their names alone', async () => {
    await trigger({ fields: ['username'] })(confirmed('bertram', { email: 'bertram@example.com' }));
    expect(pools.legacyPool.calls.toSorted()).toEqual([
      'findUsers username bertram',
      'findUsers username bertram@example.com',
    ]);
  });

  it('is not written twice', async () => {
    await trigger()(confirmed('bertram', { 'custom:legacy_sub': NEW_SUB }));
    expect(pools.newPool.calls).toEqual([]);
  });

  it('never keeps a value that came with the sign-up', async () => {
    const victim = pools.legacyPool.add({ username: 'anna' });
    await trigger()(confirmed('mallory', { 'custom:legacy_sub': victim.sub }));
    expect(stampOf('mallory')).toBe(NEW_SUB);
  });
});

describe('a federated user', () => {
  it('gets the id of the legacy user with the same provider and provider user id', async () => {
    const { sub } = pools.legacyPool.add(googleAnna);
    await trigger()(federated());
    expect(stampOf('Google_123')).toBe(sub);
  });

  it('is found although a pool without regard to case wrote the username in small letters', async () => {
    const { sub } = pools.legacyPool.add({ ...googleAnna, username: 'google_123' });
    await trigger()(federated());
    expect(stampOf('Google_123')).toBe(sub);
  });

  it('of a provider that is another’s namesake is nobody’s: the legacy one is mapped to another', async () => {
    const { sub } = pools.legacyPool.add({
      ...googleAnna,
      username: 'Okta_anna',
      attributes: { identities: identities('Okta', 'anna') },
    });
    const mapping = trigger({ providerMap: { Okta: 'OktaEU' } });
    await mapping(federated('Okta', 'anna'));
    expect(stampOf('Okta_anna')).toBeUndefined();
    await mapping(federated('OktaEU', 'anna'));
    expect(stampOf('OktaEU_anna')).toBe(sub);
  });

  it('is found where two legacy providers became one, and is left to the plan where each has such a user', async () => {
    const { sub } = pools.legacyPool.add({
      ...googleAnna,
      username: 'OldGoogle_123',
      attributes: { identities: identities('OldGoogle', '123') },
    });
    const mapping = trigger({ providerMap: { OldGoogle: 'Google', Google: 'Google' } });
    await mapping(federated());
    expect(stampOf('Google_123')).toBe(sub);
    pools.newPool.members.length = 0;
    pools.legacyPool.add(googleAnna);
    await mapping(federated());
    expect(stampOf('Google_123')).toBeUndefined();
  });

  it('is left to the plan where the identity at the other of the two is linked to somebody else', async () => {
    pools.legacyPool.add(googleAnna);
    pools.legacyPool.add({
      username: 'bertram',
      attributes: { email: 'anna@example.com', identities: identities('OldGoogle', '123') },
    });
    const mapping = trigger({ providerMap: { OldGoogle: 'Google', Google: 'Google' } });
    await mapping(federated('Google', '123', { email: 'anna@example.com' }));
    expect(stampOf('Google_123')).toBeUndefined();
  });

  it('is found by the username alone where there can be no other owner', async () => {
    pools.legacyPool.add(googleAnna);
    const findUsers = vi.spyOn(pools.legacyPool, 'findUsers');
    await trigger()(federated('Google', '123', { email: 'anna@example.com' }));
    expect(new Set(findUsers.mock.calls.map(([field]) => field))).toEqual(new Set(['username']));
  });

  it('is found under the provider’s name in the legacy pool', async () => {
    const { sub } = pools.legacyPool.add(googleAnna);
    await trigger({ providerMap: { Google: 'GoogleNew' } })(federated('GoogleNew'));
    expect(stampOf('GoogleNew_123')).toBe(sub);
  });

  it('is not mistaken for another whose provider and id make the same username', async () => {
    pools.legacyPool.add({ ...googleAnna, username: 'A_b_c', attributes: { identities: identities('A', 'b_c') } });
    await trigger()(federated('A_b', 'c'));
    expect(stampOf('A_b_c')).toBeUndefined();
  });

  it.each(['Facebook', 'google'])('is not found at another provider: %s', async (provider) => {
    pools.legacyPool.add({ ...googleAnna, attributes: { identities: identities('Google', '123') } });
    await trigger()(federated(provider));
    expect(stampOf(`${provider}_123`)).toBe(NEW_SUB);
  });

  it('gets the id of the legacy user with a password to whom the identity is linked', async () => {
    const { sub } = pools.legacyPool.add({
      username: 'anna',
      attributes: { email: 'anna@example.com', identities: identities('Google', '123') },
      groups: ['staff'],
    });
    await trigger({ copyGroups: true })(federated('Google', '123', { email: 'anna@example.com' }));
    expect(stampOf('Google_123')).toBe(sub);
    expect(pools.newPool.members[0]?.groups).toEqual(['staff']);
  });

  it.each([['username'], ['preferred_username']] as const)(
    'gets the id of the user to whom the identity is linked although people sign in with the %s',
    async (field) => {
      const { sub } = pools.legacyPool.add({
        username: 'anna',
        attributes: { email: 'anna@example.com', identities: identities('Google', '123') },
      });
      await trigger({ fields: [field] })(federated('Google', '123', { email: 'anna@example.com' }));
      expect(stampOf('Google_123')).toBe(sub);
    },
  );

  it('is new where the owner of the address neither has the identity nor signs in with it', async () => {
    pools.legacyPool.add({ username: 'anna', attributes: { email: 'anna@example.com' } });
    await trigger({ fields: ['username'] })(federated('Google', '123', { email: 'anna@example.com' }));
    expect(stampOf('Google_123')).toBe(NEW_SUB);
  });

  it.each([
    ['another user id', identities('Google', '124')],
    ['another provider', identities('Facebook', '123')],
    ['no identities', ''],
    ['identities that nobody can read', '[{'],
  ])('is left to the plan when the owner of the address has %s', async (_name, linked) => {
    pools.legacyPool.add({ username: 'anna', attributes: { email: 'anna@example.com', identities: linked } });
    await trigger()(federated('Google', '123', { email: 'anna@example.com' }));
    expect(stampOf('Google_123')).toBeUndefined();
  });

  it('is left to the plan when the identity is said to be two users’', async () => {
    for (const username of ['anna', 'bertram']) {
      pools.legacyPool.add({
        username,
        attributes: { email: 'a@example.com', identities: identities('Google', '123') },
      });
    }
    await trigger()(federated('Google', '123', { email: 'a@example.com' }));
    expect(stampOf('Google_123')).toBeUndefined();
  });

  it.each([
    ['of the provider', googleAnna],
    [
      'with a linked identity',
      { ...googleAnna, username: 'anna', attributes: { ...googleAnna.attributes, email: 'anna@example.com' } },
    ],
  ])(
    'is disabled when the legacy user %s was: Cognito does not ask again at the next sign-in',
    async (_name, member) => {
      pools.legacyPool.add({ ...member, enabled: false });
      const store = new Map<string, string>();
      const event = federated('Google', '123', { email: 'anna@example.com', 'custom:legacy_sub': STORED });
      await expect(trigger({ store, fields: ['username'] })(event)).rejects.toMatchObject({
        code: 'ERR_USER_DISABLED',
      });
      expect(pools.newPool.members).toMatchObject([{ username: 'Google_123', enabled: false }]);
      expect(stampOf('Google_123')).toBe('');
      expect(store.size).toBe(0);
      // And when Lambda repeats the event.
      await expect(trigger({ store })(event)).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
    },
  );

  it.each(['disableUser', 'setAttribute'] as const)(
    'is an error and not a way in while %s fails: the other of the two is done',
    async (method) => {
      pools.legacyPool.add({ ...googleAnna, enabled: false });
      pools.newPool.faults = { [method]: fails(new Error('throttled')) };
      await expect(trigger()(federated('Google', '123', { 'custom:legacy_sub': STORED }))).rejects.toMatchObject({
        code: 'ERR_NEW_POOL_UNAVAILABLE',
      });
      expect(pools.newPool.calls).toEqual(['setAttribute Google_123 custom:legacy_sub ', 'disableUser Google_123']);
      expect(pools.newPool.members).toMatchObject([{ enabled: method === 'disableUser' }]);
      expect(stampOf('Google_123')).toBe(method === 'disableUser' ? '' : STORED);
    },
  );

  it('is disabled with one call where no value came with the sign-up', async () => {
    pools.legacyPool.add({ ...googleAnna, enabled: false });
    await expect(trigger()(federated())).rejects.toMatchObject({ code: 'ERR_USER_DISABLED' });
    expect(pools.newPool.calls).toEqual(['disableUser Google_123']);
  });

  it('is not disabled for having the address of a disabled legacy user', async () => {
    pools.legacyPool.add({ username: 'anna', enabled: false, attributes: { email: 'anna@example.com' } });
    await trigger()(federated('Google', '123', { email: 'anna@example.com' }));
    expect(pools.newPool.members).toMatchObject([{ enabled: true }]);
    expect(stampOf('Google_123')).toBeUndefined();
  });

  it('of the legacy pool itself, federated, is who that pool says', async () => {
    const { sub } = pools.legacyPool.add({ username: 'anna' });
    await trigger({ legacyPoolProvider: 'OldPool' })(federated('OldPool', sub));
    expect(stampOf(`OldPool_${sub}`)).toBe(sub);
  });

  it('of the legacy pool itself has its groups there too', async () => {
    const { sub } = pools.legacyPool.add({ username: 'anna', groups: ['staff'] });
    await trigger({ legacyPoolProvider: 'OldPool', copyGroups: true })(federated('OldPool', sub));
    expect(pools.newPool.members[0]?.groups).toEqual(['staff']);
  });

  it('is not trusted when the provider that stands for the legacy pool hands over no legacy id', async () => {
    const event = federated('OldPool', 'anna');
    await expect(trigger({ legacyPoolProvider: 'OldPool' })(event)).rejects.toMatchObject({
      code: 'ERR_LEGACY_ID_INVALID',
    });
  });
});

describe('a user whom nothing proves to be the legacy user of the same name or address', () => {
  it.each([
    ['federated, same e-mail', () => federated('Google', '123', { email: 'anna@example.com' })],
    ['signed up, same e-mail', () => confirmed('x', { email: 'anna@example.com' })],
    ['signed up, same username', () => confirmed('anna')],
  ])('is left to the plan (%s)', async (_name, make) => {
    pools.legacyPool.add({ username: 'anna', attributes: { email: 'anna@example.com' } });
    const event = make();
    await expect(trigger()(event)).resolves.toBe(event);
    expect(stampOf(event.userName)).toBeUndefined();
    expect(pools.newPool.calls.filter((call) => call.startsWith('setAttribute'))).toEqual([]);
  });

  it('loses a value that came with the sign-up', async () => {
    pools.legacyPool.add({ username: 'anna' });
    await trigger({ store: new Map() })(
      confirmed('anna', { 'custom:legacy_sub': '11111111-1111-4111-8111-111111111111' }),
    );
    expect(stampOf('anna')).toBe('');
  });

  it('is new when that legacy user has moved', async () => {
    const { sub } = pools.legacyPool.add({ username: 'anna', attributes: { email: 'anna@example.com' } });
    pools.newPool.add({ username: 'moved', attributes: { email: 'anna@example.com', 'custom:legacy_sub': sub } });
    await trigger()(confirmed('x', { email: 'anna@example.com' }));
    expect(stampOf('x')).toBe(NEW_SUB);
  });
});

describe('the store', () => {
  it('is asked first', async () => {
    pools.legacyPool.add(googleAnna);
    await trigger({ store: new Map([[NEW_SUB, STORED]]) })(federated());
    expect(stampOf('Google_123')).toBe(STORED);
    expect(pools.legacyPool.calls).toEqual([]);
  });

  it('is told what was found, so that the very first tokens are right', async () => {
    const { sub } = pools.legacyPool.add(googleAnna);
    const store = new Map<string, string>();
    await trigger({ store })(federated());
    expect(store).toEqual(new Map([[NEW_SUB, sub]]));
  });

  it('is told nothing of a user who is left to the plan', async () => {
    pools.legacyPool.add({ username: 'anna' });
    const store = new Map<string, string>();
    await trigger({ store })(confirmed('anna'));
    expect(store.size).toBe(0);
  });

  it('decides alone once the legacy pool is gone', async () => {
    await trigger({ legacyPool: null, store: new Map([[NEW_SUB, STORED]]) })(federated());
    expect(stampOf('Google_123')).toBe(STORED);
    await trigger({ legacyPool: null, store: new Map() })(confirmed('bertram'));
    expect(stampOf('bertram')).toBe(NEW_SUB);
  });
});

describe('groups', () => {
  const groupsOf = (username: string) => pools.newPool.members.find((user) => user.username === username)?.groups;

  it('are left alone unless asked for', async () => {
    pools.legacyPool.add(googleAnna);
    await trigger()(federated());
    expect(groupsOf('Google_123')).toEqual([]);
  });

  it('are copied where the new pool has them, except those Cognito makes for a provider', async () => {
    pools.legacyPool.add(googleAnna);
    const onFault = vi.fn();
    await trigger({ copyGroups: true, onFault })(federated());
    expect(groupsOf('Google_123')).toEqual(['staff', 'admins']);
    expect(pools.newPool.calls).not.toContainEqual(expect.stringContaining(`${LEGACY_POOL}_Google`));
    expect(onFault).toHaveBeenCalledOnce();
  });

  it('are those of the stored legacy id', async () => {
    pools.legacyPool.add({ username: 'anna', attributes: { sub: STORED }, groups: ['staff'] });
    await trigger({ copyGroups: true, store: new Map([[NEW_SUB, STORED]]) })(federated());
    expect(groupsOf('Google_123')).toEqual(['staff']);
  });

  it('are nobody else’s, should the pool ignore the filter', async () => {
    pools.legacyPool.add({ username: 'root', groups: ['admins'] });
    vi.spyOn(pools.legacyPool, 'findUsers').mockResolvedValue(pools.legacyPool.members);
    await trigger({ copyGroups: true, store: new Map([[NEW_SUB, STORED]]) })(federated());
    expect(groupsOf('Google_123')).toEqual([]);
  });

  it('are not looked for where the user is new', async () => {
    await trigger({ copyGroups: true })(confirmed('bertram'));
    expect(pools.legacyPool.calls).not.toContainEqual(expect.stringContaining('groupsOf'));
  });

  it.each([
    ['for the first time', new Map<string, string>()],
    ['as the store says', new Map([[NEW_SUB, NEW_SUB]])],
  ])('are nobody’s where the user is new, %s, though a legacy user should have the same sub', async (_name, store) => {
    pools.legacyPool.add({ username: 'root', attributes: { sub: NEW_SUB }, groups: ['admins'] });
    await trigger({ copyGroups: true, store })(confirmed('bertram'));
    expect(stampOf('bertram')).toBe(NEW_SUB);
    expect(groupsOf('bertram')).toEqual([]);
  });

  it('are no longer looked for once the legacy pool is gone', async () => {
    await trigger({ copyGroups: true, legacyPool: null, store: new Map([[NEW_SUB, STORED]]) })(federated());
    expect(groupsOf('Google_123')).toEqual([]);
  });
});

describe('other events', () => {
  it('a new password changes nothing', async () => {
    const event: PostConfirmationTriggerEvent = {
      ...confirmed('bertram'),
      triggerSource: 'PostConfirmation_ConfirmForgotPassword',
    };
    await expect(trigger()(event)).resolves.toBe(event);
    expect([...pools.legacyPool.calls, ...pools.newPool.calls]).toEqual([]);
  });

  it.each([
    ['another trigger', { triggerSource: 'PreSignUp_SignUp' }],
    ['no sub', { request: { userAttributes: {} } }],
    ['no attributes', { request: {} }],
  ])('%s: an error', async (_name, part) => {
    const event = { ...confirmed('bertram'), ...part } as unknown as PostConfirmationTriggerEvent;
    await expect(trigger()(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it('none at all: an error', async () => {
    await expect(trigger()(undefined as never)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });
});

describe('pools and stores that cannot tell', () => {
  it.each([
    ['legacy', 'findUsers', 'ERR_LEGACY_POOL_UNAVAILABLE'],
    ['legacy', 'groupsOf', 'ERR_LEGACY_POOL_UNAVAILABLE'],
    ['new', 'setAttribute', 'ERR_NEW_POOL_UNAVAILABLE'],
    ['new', 'addToGroup', 'ERR_NEW_POOL_UNAVAILABLE'],
  ] as const)('%s pool, %s: an error, and nobody is taken for new', async (side, method, code) => {
    pools.legacyPool.add(googleAnna);
    const pool = side === 'legacy' ? pools.legacyPool : pools.newPool;
    pool.faults = { [method]: fails(new Error('throttled')) };
    await expect(trigger({ copyGroups: true })(federated())).rejects.toMatchObject({ code });
    expect(stampOf('Google_123')).not.toBe(NEW_SUB);
  });

  it.each([
    ['get', { get: fails(new Error('down')), set: () => {} }],
    ['set', { get: () => undefined, set: fails(new Error('down')) }],
  ])('store, %s', async (_name, store) => {
    await expect(trigger({ store })(confirmed('bertram'))).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE' });
  });

  it('are not waited for beyond the time limit', async () => {
    pools.legacyPool.faults = { findUsers: hangs() };
    const clock = new FakeClock();
    const answer = trigger({ clock })(federated());
    answer.catch(() => {});
    await clock.advance(4000);
    await expect(answer).rejects.toMatchObject({ code: 'ERR_DEADLINE' });
  });
});

describe('options', () => {
  it.each([
    ['legacyPool', { legacyPool: undefined }],
    ['legacyPool', { legacyPool: { findUsers: async () => [] } }],
    ['store', { store: { get: () => undefined } }],
    ['store', { store: { set: () => {} } }],
    ['store', { store: null }],
    ['copyGroups', { copyGroups: ['staff'] }],
    ['legacyPoolProvider', { legacyPoolProvider: '' }],
    ['providerMap', { providerMap: [] }],
    ['providerMap.Google', { providerMap: { Google: 1 } }],
    ['fields', { fields: 'email' }],
    ['newPool', { newPool: 'eu-west-1_New' }],
    ['newPool', { newPool: null }],
    ['newPool', { newPool: { findUsers: async () => [], setAttribute: async () => {} } }],
    ['groups', { groups: true }],
  ])('%s wrong: named', (option, wrong) => {
    const options = { ...pools, ...wrong } as unknown as PostConfirmationTriggerOptions;
    expect(() => createPostConfirmationTrigger(options)).toThrow(ConfigurationError);
    expect(() => createPostConfirmationTrigger(options)).toThrow(`${option}: `);
  });

  it('fits the handler type', () => {
    const handler: PostConfirmationTriggerHandler = trigger();
    expect(handler).toBeTypeOf('function');
  });
});
