import { randomUUID } from 'node:crypto';
import type { PreTokenGenerationTriggerEvent, PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { createTestPools } from '../../src/testing/index.js';
import {
  createPreTokenGenerationTrigger,
  type PreTokenGenerationTriggerOptions,
} from '../../src/triggers/pre-token-generation.js';
import type { PreTokenGenerationEvent } from '../../src/triggers/token-overrides.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';
import { eventBase, LEGACY_POOL, NEW_POOL } from './support.js';

const SUB = '0f6d3c1a-0000-4000-8000-000000000001';
const OTHER = '11111111-1111-4111-8111-111111111111';
const VERSIONS = ['1', '2', '3'] as const;
const SOURCES = ['HostedAuth', 'Authentication', 'NewPasswordChallenge', 'AuthenticateDevice', 'RefreshTokens'];

const groups = {
  groupsToOverride: ['admins', 'staff'],
  iamRolesToOverride: ['arn:aws:iam::123456789012:role/admin'],
  preferredRole: 'arn:aws:iam::123456789012:role/admin',
};

interface EventInput {
  readonly version?: string;
  readonly source?: string;
  readonly userPoolId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly response?: object | null;
}

/** As Cognito sends it for a user of the legacy pool: the response is there, and empty. */
function eventOf({ version = '2', source = 'Authentication', ...input }: EventInput): PreTokenGenerationEvent {
  const details = version === '1' ? 'claimsOverrideDetails' : 'claimsAndScopeOverrideDetails';
  return {
    ...eventBase(`TokenGeneration_${source}`, 'anna'),
    version,
    userPoolId: input.userPoolId ?? LEGACY_POOL,
    request: {
      userAttributes: { sub: SUB, email: 'anna@example.com', ...input.attributes },
      groupConfiguration: groups,
    },
    response: { [details]: input.response ?? null },
  } as unknown as PreTokenGenerationEvent;
}

interface Overrides {
  readonly claimsToAddOrOverride?: Readonly<Record<string, string>>;
  readonly claimsToSuppress?: readonly string[];
}

/** What the answer changes: in ID tokens, in access tokens, and the groups. */
function changes(event: PreTokenGenerationEvent) {
  const first = (event as PreTokenGenerationTriggerEvent).response.claimsOverrideDetails;
  const later = (event as PreTokenGenerationV2TriggerEvent).response.claimsAndScopeOverrideDetails;
  return {
    id: (later?.idTokenGeneration ?? first) as Overrides | undefined,
    access: later?.accessTokenGeneration as Overrides | undefined,
    groups: (later ?? first)?.groupOverrideDetails,
  };
}

const trigger = createPreTokenGenerationTrigger({ source: 'own-sub' });
const ofLegacyPool = createPreTokenGenerationTrigger({ source: 'own-sub', userPoolIds: [LEGACY_POOL] });

describe("a legacy user's own sub", () => {
  it.each(SOURCES.flatMap((source) => VERSIONS.map((version) => [source, version] as const)))(
    'is in every token that the version can change (%s, version %s)',
    async (source, version) => {
      const { id, access } = changes(await trigger(eventOf({ version, source })));
      expect(id?.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': SUB });
      expect(access?.claimsToAddOrOverride).toEqual(version === '1' ? undefined : { legacy_sub: SUB });
    },
  );

  it.each(VERSIONS)('leaves groups, roles and the overrides of a function before it (version %s)', async (version) => {
    const before = { claimsToAddOrOverride: { plan: 'gold' }, claimsToSuppress: ['email'] };
    const response = version === '1' ? before : { idTokenGeneration: before, accessTokenGeneration: before };
    const { id, access, groups: kept } = changes(await trigger(eventOf({ version, response })));
    expect(kept).toEqual(groups);
    const suppressed = { claimsToSuppress: ['email'] };
    expect(id).toMatchObject({ claimsToAddOrOverride: { plan: 'gold', 'custom:legacy_sub': SUB }, ...suppressed });
    if (version === '1') return;
    expect(access).toEqual({ claimsToAddOrOverride: { plan: 'gold', legacy_sub: SUB }, ...suppressed });
  });

  it('replaces what a user wrote into the attribute, and what a function before put there', async () => {
    const forged = { claimsToAddOrOverride: { 'custom:legacy_sub': OTHER, legacy_sub: OTHER } };
    for (const version of VERSIONS) {
      const response = version === '1' ? forged : { idTokenGeneration: forged, accessTokenGeneration: forged };
      const event = eventOf({ version, attributes: { 'custom:legacy_sub': OTHER }, response });
      const { id, access } = changes(await ofLegacyPool(event));
      expect(id?.claimsToAddOrOverride?.['custom:legacy_sub']).toBe(SUB);
      if (version !== '1') expect(access?.claimsToAddOrOverride?.['legacy_sub']).toBe(SUB);
    }
  });

  it('goes under the claims configured', async () => {
    const named = createPreTokenGenerationTrigger({
      source: 'own-sub',
      idTokenClaim: 'old_id',
      accessTokenClaim: 'https://example.com/old_id',
    });
    const { id, access } = changes(await named(eventOf({})));
    expect(id?.claimsToAddOrOverride).toEqual({ old_id: SUB });
    expect(access?.claimsToAddOrOverride).toEqual({ 'https://example.com/old_id': SUB });
  });

  it('is the same after a second call with the same event, as Cognito may make it', async () => {
    const once = structuredClone(await trigger(eventOf({})));
    expect(await trigger(structuredClone(once))).toEqual(once);
  });

  it.each([undefined, LEGACY_POOL])('is not in machine tokens (userPoolIds: %s)', async (userPoolId) => {
    const event = {
      ...eventOf({ version: '3', source: 'ClientCredentials' }),
      request: { userAttributes: {}, groupConfiguration: {}, scopes: ['orders/read'] },
    } as PreTokenGenerationEvent;
    const before = structuredClone(event);
    expect(await (userPoolId === undefined ? trigger : ofLegacyPool)(event)).toEqual(before);
  });

  it('has to be there', async () => {
    for (const attributes of [{ sub: '' }, { sub: undefined as unknown as string }]) {
      await expect(trigger(eventOf({ attributes }))).rejects.toMatchObject({ code: 'ERR_EVENT_UNEXPECTED' });
    }
  });
});

describe('a function that is attached to the new pool by mistake', () => {
  const mistake = { code: 'ERR_EVENT_UNEXPECTED' };

  it.each(VERSIONS)('issues no tokens where it knows the legacy pools (version %s)', async (version) => {
    const event = eventOf({ version, userPoolId: NEW_POOL });
    await expect(ofLegacyPool(event)).rejects.toMatchObject(mistake);
    expect(event).toEqual(eventOf({ version, userPoolId: NEW_POOL }));
  });

  it('serves each of several legacy pools', async () => {
    const both = createPreTokenGenerationTrigger({ source: 'own-sub', userPoolIds: ['eu-west-1_Older', LEGACY_POOL] });
    expect(changes(await both(eventOf({}))).access?.claimsToAddOrOverride).toEqual({ legacy_sub: SUB });
    await expect(both(eventOf({ userPoolId: NEW_POOL }))).rejects.toMatchObject(mistake);
  });

  it.each(VERSIONS)('otherwise issues none to a user who is mapped to another id (version %s)', async (version) => {
    const event = eventOf({ version, attributes: { 'custom:legacy_sub': OTHER } });
    await expect(trigger(event)).rejects.toMatchObject({ ...mistake, reason: 'custom:legacy_sub' });
  });

  it('finds the mapping under the name of the claim configured, too', async () => {
    const named = createPreTokenGenerationTrigger({ source: 'own-sub', idTokenClaim: 'custom:old_id' });
    for (const attribute of ['custom:old_id', 'custom:legacy_sub']) {
      await expect(named(eventOf({ attributes: { [attribute]: OTHER } }))).rejects.toMatchObject(mistake);
    }
  });

  it.each(['', SUB, SUB.toUpperCase()])(
    'is not suspected where the attribute says the same or nothing: %j',
    async (own) => {
      const { id } = changes(await trigger(eventOf({ attributes: { 'custom:legacy_sub': own } })));
      expect(id?.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': SUB });
    },
  );

  it('says so in an error that holds nothing of the user', async () => {
    const attributes = { 'custom:legacy_sub': OTHER };
    for (const one of [trigger(eventOf({ attributes })), ofLegacyPool(eventOf({ userPoolId: NEW_POOL, attributes }))]) {
      const error: unknown = await one.catch((reason: unknown) => reason);
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(new RegExp(`${SUB}|${OTHER}|anna`));
    }
  });
});

describe('our verifier', () => {
  it('ignores the claim in a legacy token, whatever it says', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const pools = await createTestPools({ serve: false });
    const options = { legacyPool: pools.legacyPool.options, newPool: pools.newPool.options };
    const verifier = createCutoverVerifier({ ...options, tokenUse: 'any' });
    const sub = randomUUID();
    for (const claim of [sub, OTHER, 'admin', '']) {
      for (const token of [
        pools.legacyPool.accessToken({ sub, legacy_sub: claim }),
        pools.legacyPool.idToken({ sub, 'custom:legacy_sub': claim }),
      ]) {
        expect(await verifier.verify(token)).toMatchObject({ userId: sub, userIdSource: 'sub', pool: 'legacy' });
      }
    }
    await pools.close();
  });
});

describe('options', () => {
  it.each([
    ['source', { source: 'sub' }],
    ['source', { source: null }],
    ['store', { source: 'own-sub', store: new Map() }],
    ['attribute', { source: 'own-sub', attribute: 'custom:legacy_sub' }],
    ['attribute', { source: 'own-sub', attribute: null }],
    ['format', { source: 'own-sub', format: 'uuid' }],
    ['onStoreFailure', { source: 'own-sub', onStoreFailure: 'fail' }],
    ['userPoolIds', { source: 'own-sub', userPoolIds: [] }],
    ['userPoolIds', { source: 'own-sub', userPoolIds: LEGACY_POOL }],
    ['userPoolIds', { source: 'own-sub', userPoolIds: null }],
    ['userPoolIds[1]', { source: 'own-sub', userPoolIds: [LEGACY_POOL, undefined] }],
    ['userPoolIds', { userPoolIds: [NEW_POOL] }],
    ['idTokenClaim', { source: 'own-sub', idTokenClaim: 'sub' }],
    ['accessTokenClaim', { source: 'own-sub', accessTokenClaim: 'username' }],
    ['userPoolId', { source: 'own-sub', userPoolId: LEGACY_POOL }],
    ['options', null],
  ])('%s wrong: named', (option, wrong) => {
    const make = () => createPreTokenGenerationTrigger(wrong as unknown as PreTokenGenerationTriggerOptions);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(option);
  });
});

it('what a user wrote into the mapping attribute stops nothing in a pool that is known to be a legacy one', async () => {
  const event = eventOf({ attributes: { 'custom:legacy_sub': OTHER } });
  const { response } = (await ofLegacyPool(event as never)) as PreTokenGenerationV2TriggerEvent;
  const { idTokenGeneration, accessTokenGeneration } = response.claimsAndScopeOverrideDetails;
  expect(idTokenGeneration?.claimsToAddOrOverride).toEqual({ 'custom:legacy_sub': SUB });
  expect(accessTokenGeneration?.claimsToAddOrOverride).toEqual({ legacy_sub: SUB });
});
