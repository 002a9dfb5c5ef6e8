import type {
  PreTokenGenerationTriggerEvent,
  PreTokenGenerationTriggerHandler,
  PreTokenGenerationV2TriggerEvent,
  PreTokenGenerationV2TriggerHandler,
  PreTokenGenerationV3TriggerEvent,
  PreTokenGenerationV3TriggerHandler,
} from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import {
  createPreTokenGenerationTrigger,
  type MappingTriggerOptions,
  type PreTokenGenerationTriggerOptions,
} from '../../src/triggers/pre-token-generation.js';
import { FakeClock, settled } from '../support/fake-clock.js';
import { eventBase, fails, hangs } from './support.js';

const SUB = '0f6d3c1a-0000-4000-8000-000000000001';
const OLD = '11111111-1111-4111-8111-111111111111';
const STORED = '22222222-2222-4222-8222-222222222222';

const SOURCES = ['HostedAuth', 'Authentication', 'NewPasswordChallenge', 'AuthenticateDevice', 'RefreshTokens'];

const groups = {
  groupsToOverride: ['admins', 'staff'],
  iamRolesToOverride: ['arn:aws:iam::123456789012:role/admin'],
  preferredRole: 'arn:aws:iam::123456789012:role/admin',
};

function request(attributes: Readonly<Record<string, string>>) {
  return { userAttributes: { sub: SUB, email: 'anna@example.com', ...attributes }, groupConfiguration: groups };
}

/** As Cognito sends them: the response is there, and empty. */
function v1(attributes: Readonly<Record<string, string>> = {}, source = 'Authentication') {
  const event = { ...eventBase(`TokenGeneration_${source}`, 'anna'), request: request(attributes) };
  return { ...event, response: { claimsOverrideDetails: null } } as unknown as PreTokenGenerationTriggerEvent;
}

function v2(attributes: Readonly<Record<string, string>> = {}, source = 'Authentication', version = '2') {
  const event = { ...eventBase(`TokenGeneration_${source}`, 'anna'), version, request: request(attributes) };
  return { ...event, response: { claimsAndScopeOverrideDetails: null } } as unknown as PreTokenGenerationV2TriggerEvent;
}

const mapped = { 'custom:legacy_sub': OLD };

describe('the legacy id', () => {
  it.each(SOURCES)('goes into the ID token with an event of version 1 (%s)', async (source) => {
    const { response } = await createPreTokenGenerationTrigger()(v1(mapped, source));
    expect(response.claimsOverrideDetails.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': OLD });
  });

  it.each(SOURCES.flatMap((source) => ['2', '3'].map((version) => [source, version] as const)))(
    'goes into both tokens with an event of a later version (%s, version %s)',
    async (source, version) => {
      const { response } = await createPreTokenGenerationTrigger()(v2(mapped, source, version));
      const { idTokenGeneration, accessTokenGeneration } = response.claimsAndScopeOverrideDetails;
      expect(idTokenGeneration?.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': OLD });
      expect(accessTokenGeneration?.claimsToAddOrOverride).toEqual({ legacy_sub: OLD });
    },
  );

  it('comes from the store before the attribute, which users may have written where an app client lets them', async () => {
    const store = { get: vi.fn(async () => STORED) };
    const { response } = await createPreTokenGenerationTrigger({ store })(v2(mapped));
    expect(store.get).toHaveBeenCalledExactlyOnceWith(SUB);
    expect(JSON.stringify(response)).toContain(STORED);
    expect(JSON.stringify(response)).not.toContain(OLD);
  });

  it.each([
    ['a Map', new Map([[SUB, STORED]])],
    ['a store that answers later', { get: async () => STORED }],
  ])('may come from %s', async (_name, store) => {
    const { response } = await createPreTokenGenerationTrigger({ store })(v1());
    expect(response.claimsOverrideDetails.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': STORED });
  });

  it.each([[undefined], [null]])('comes from the attribute where the store answers %s', async (nothing) => {
    const trigger = createPreTokenGenerationTrigger({ store: { get: () => nothing } });
    const { response } = await trigger(v1(mapped));
    expect(response.claimsOverrideDetails.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': OLD });
  });

  it('goes under the claims configured, from the attribute configured', async () => {
    const trigger = createPreTokenGenerationTrigger({
      attribute: 'custom:old_id',
      idTokenClaim: 'old_id',
      accessTokenClaim: 'https://example.com/old_id',
      format: /\d+/,
    });
    const { response } = await trigger(v2({ 'custom:old_id': '4711', ...mapped }));
    const { idTokenGeneration, accessTokenGeneration } = response.claimsAndScopeOverrideDetails;
    expect(idTokenGeneration?.claimsToAddOrOverride).toEqual({ old_id: '4711' });
    expect(accessTokenGeneration?.claimsToAddOrOverride).toEqual({ 'https://example.com/old_id': '4711' });
  });

  it('leaves everything alone where there is none', async () => {
    const { response } = await createPreTokenGenerationTrigger()(v2());
    expect(response).toEqual({ claimsAndScopeOverrideDetails: null });
  });

  it.each(['', 'admin', `${OLD} `, OLD.replaceAll('-', ''), `${OLD}\n${OLD}`])(
    'never is an attribute that cannot be one: %j',
    async (value) => {
      const { response } = await createPreTokenGenerationTrigger()(v2({ 'custom:legacy_sub': value }));
      expect(response).toEqual({ claimsAndScopeOverrideDetails: null });
    },
  );

  it('is not read from the attribute at all where the store alone is trusted', async () => {
    const trigger = createPreTokenGenerationTrigger({ store: new Map(), attribute: null });
    const first = await trigger(v1(mapped));
    expect(first.response.claimsOverrideDetails).toEqual({
      claimsToSuppress: ['custom:legacy_sub'],
      groupOverrideDetails: groups,
    });
    const second = await trigger(v2(mapped));
    expect(second.response.claimsAndScopeOverrideDetails).toMatchObject({
      idTokenGeneration: { claimsToSuppress: ['custom:legacy_sub'] },
      accessTokenGeneration: { claimsToSuppress: ['legacy_sub'] },
    });
    expect(JSON.stringify(second.response)).not.toContain(OLD);
  });
});

describe('what else is in the tokens', () => {
  it('groups and roles stay: without them in the response Cognito drops them', async () => {
    const trigger = createPreTokenGenerationTrigger();
    const first = await trigger(v1(mapped));
    expect(first.response.claimsOverrideDetails.groupOverrideDetails).toEqual(groups);
    const second = await trigger(v2(mapped));
    expect(second.response.claimsAndScopeOverrideDetails.groupOverrideDetails).toEqual(groups);
  });

  it('overrides of another function that ran before stay, the groups it chose too', async () => {
    const chosen = { groupsToOverride: ['guests'] };
    const event = v2(mapped);
    event.response.claimsAndScopeOverrideDetails = {
      groupOverrideDetails: chosen,
      idTokenGeneration: { claimsToAddOrOverride: { plan: 'gold' }, claimsToSuppress: ['email'] },
      accessTokenGeneration: { scopesToAdd: ['orders/read'] },
    };
    const { response } = await createPreTokenGenerationTrigger()(event);
    expect(response.claimsAndScopeOverrideDetails).toEqual({
      groupOverrideDetails: chosen,
      idTokenGeneration: {
        claimsToAddOrOverride: { plan: 'gold', 'custom:legacy_sub': OLD },
        claimsToSuppress: ['email'],
      },
      accessTokenGeneration: { scopesToAdd: ['orders/read'], claimsToAddOrOverride: { legacy_sub: OLD } },
    });
  });

  it('machine tokens are left alone, and the store is not asked about them', async () => {
    const store = { get: vi.fn() };
    const event = {
      ...eventBase('TokenGeneration_ClientCredentials', 'client'),
      version: '3',
      request: { userAttributes: {}, groupConfiguration: {}, scopes: ['orders/read'] },
      response: { claimsAndScopeOverrideDetails: {} },
    } as PreTokenGenerationV3TriggerEvent;
    const before = structuredClone(event);
    expect(await createPreTokenGenerationTrigger({ store })(event)).toEqual(before);
    expect(store.get).not.toHaveBeenCalled();
  });

  it('is the same after a second call with the same event, as Cognito may make it', async () => {
    const trigger = createPreTokenGenerationTrigger({ store: new Map([[SUB, STORED]]) });
    const once = structuredClone(await trigger(v2(mapped)));
    expect(await trigger(structuredClone(once))).toEqual(once);
  });
});

describe('a store that cannot tell', () => {
  const fault = new Error(`no connection while asking for ${SUB}`);
  const broken: readonly (readonly [string, MappingTriggerOptions['store'], string])[] = [
    ['rejects', { get: fails(fault) }, 'ERR_LEGACY_ID_UNAVAILABLE'],
    [
      'throws',
      {
        get: () => {
          throw fault;
        },
      },
      'ERR_LEGACY_ID_UNAVAILABLE',
    ],
    ['answers something other than a string', { get: () => 42 as unknown as string }, 'ERR_LEGACY_ID_UNAVAILABLE'],
    ['answers empty text', { get: () => '' }, 'ERR_LEGACY_ID_UNAVAILABLE'],
    ['answers what cannot be a legacy id', { get: async () => 'admin' }, 'ERR_LEGACY_ID_INVALID'],
  ];

  it.each(broken)('%s: the sign-in fails', async (_name, store, code) => {
    if (store === undefined) throw new Error('no store');
    await expect(createPreTokenGenerationTrigger({ store })(v2(mapped))).rejects.toMatchObject({ code });
  });

  it.each(broken)('%s: with omit, tokens carry no legacy id, of the attribute neither', async (_name, store) => {
    if (store === undefined) throw new Error('no store');
    const onFault = vi.fn();
    const { response } = await createPreTokenGenerationTrigger({ store, onStoreFailure: 'omit', onFault })(v2(mapped));
    expect(response.claimsAndScopeOverrideDetails).toEqual({
      groupOverrideDetails: groups,
      idTokenGeneration: { claimsToSuppress: ['custom:legacy_sub'] },
      accessTokenGeneration: { claimsToSuppress: ['legacy_sub'] },
    });
    expect(onFault).toHaveBeenCalledOnce();
  });

  it.each([
    ['fail', { code: 'ERR_DEADLINE' }],
    ['omit', undefined],
  ] as const)('is not waited for longer than the time limit (%s)', async (onStoreFailure, error) => {
    const clock = new FakeClock();
    const trigger = createPreTokenGenerationTrigger({
      store: { get: hangs() },
      onStoreFailure,
      timeoutMs: 1500,
      clock,
    });
    const answer = trigger(v1(mapped));
    const outcome = vi.fn();
    answer.then(outcome, outcome);
    await clock.advance(1499);
    expect(outcome).not.toHaveBeenCalled();
    await clock.advance(1);
    if (error === undefined) await expect(answer).resolves.toBeDefined();
    else await expect(answer).rejects.toMatchObject(error);
    await settled();
    expect(clock.sleeping).toBe(0);
  });

  it('is told in an error that holds nothing of the user', async () => {
    const error: unknown = await createPreTokenGenerationTrigger({ store: { get: fails(fault) } })(v1()).catch(
      (e) => e,
    );
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(SUB);
    expect(error).toMatchObject({ reason: 'Error' });
  });
});

describe('events it does not know', () => {
  it.each(['PreSignUp_SignUp', 'PostConfirmation_ConfirmSignUp', ''])('%j: an error', async (triggerSource) => {
    const event = { ...v1(mapped), triggerSource } as unknown as PreTokenGenerationTriggerEvent;
    await expect(createPreTokenGenerationTrigger()(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it.each([
    ['nothing', undefined],
    ['an event without attributes', { ...v1(mapped), request: {} }],
    ['an event without a response', { ...v1(mapped), response: undefined }],
  ])('%s: an error', async (_name, event) => {
    const trigger = createPreTokenGenerationTrigger();
    await expect(trigger(event as never)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });

  it('an event without sub cannot be looked up', async () => {
    const event = v1();
    delete event.request.userAttributes['sub'];
    const trigger = createPreTokenGenerationTrigger({ store: new Map() });
    await expect(trigger(event)).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
  });
});

describe('options', () => {
  it.each([
    ['store', { store: {} }],
    ['attribute', { attribute: '' }],
    ['attribute', { attribute: null }],
    ['format', { format: 'guid' }],
    ['onStoreFailure', { onStoreFailure: 'ignore' }],
    ['timeoutMs', { timeoutMs: 5000 }],
    ['onFault', { onFault: true }],
    ['idTokenClaim', { idTokenClaim: 'cognito:groups' }],
    ['accessTokenClaim', { accessTokenClaim: 'sub' }],
    ['accessTokenClaim', { accessTokenClaim: 'username' }],
    ['idClaim', { idClaim: 'x' }],
  ])('%s wrong: named', (option, wrong) => {
    const make = () => createPreTokenGenerationTrigger(wrong as PreTokenGenerationTriggerOptions);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(option);
  });

  it('fits the handler types of every version', () => {
    const trigger = createPreTokenGenerationTrigger();
    const handlers: [
      PreTokenGenerationTriggerHandler,
      PreTokenGenerationV2TriggerHandler,
      PreTokenGenerationV3TriggerHandler,
    ] = [trigger, trigger, trigger];
    expect(handlers).toHaveLength(3);
  });
});

describe('an event that lacks something', () => {
  it('without groups gets none: nothing is said of them', async () => {
    const event = v2(mapped);
    const bare = { ...event, request: { userAttributes: event.request.userAttributes } };
    const { response } = await createPreTokenGenerationTrigger()(bare as unknown as PreTokenGenerationV2TriggerEvent);
    expect(response.claimsAndScopeOverrideDetails).not.toHaveProperty('groupOverrideDetails');
  });

  it('of version 0, as emulators number the first, is answered in the form of version 1', async () => {
    const event = { ...v1(mapped), version: '0' } as unknown as PreTokenGenerationTriggerEvent;
    const { response } = await createPreTokenGenerationTrigger()(event);
    expect(response.claimsOverrideDetails.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': OLD });
  });

  it.each(['custom:sub', 'subject', 'my_iss', 'issuer', 'custom:dev:x'])(
    '%s is not a reserved claim',
    async (claim) => {
      const { response } = await createPreTokenGenerationTrigger({ idTokenClaim: claim })(v1(mapped));
      expect(response.claimsOverrideDetails.claimsToAddOrOverride).toEqual({ [claim]: OLD });
    },
  );
});
