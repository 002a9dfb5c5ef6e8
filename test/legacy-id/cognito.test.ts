import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { adminGetUserResolver, type CognitoResolverOptions, getUserResolver } from '../../src/legacy-id/cognito.js';
import type { LegacyIdQuery, LegacyIdResolver } from '../../src/legacy-id/resolver.js';
import { scriptedPool } from '../directory/scripted-pool.js';
import { NEW_POOL } from '../support/cognito-simulator/index.js';
import { sdkClient, started } from '../support/cognito-simulator/testing.js';
import { FakeClock } from '../support/fake-clock.js';
import { queryOf } from './support.js';

const MAPPED = { username: 'mapped', sub: 'sub-mapped', attributes: { 'custom:legacy_sub': 'legacy-id' } };
const UNMAPPED = { username: 'unmapped', sub: 'sub-unmapped' };
const EMPTY = { username: 'empty', sub: 'sub-empty', attributes: { 'custom:legacy_sub': '' } };

const KINDS = [
  { name: 'adminGetUserResolver', operation: 'AdminGetUser', factory: adminGetUserResolver },
  { name: 'getUserResolver', operation: 'GetUser', factory: getUserResolver },
] as const;

async function setUp(factory: (options: CognitoResolverOptions) => LegacyIdResolver, limits = {}) {
  const clock = new FakeClock();
  const { simulator } = await started({
    pools: [{ id: NEW_POOL, customAttributes: ['legacy_sub', 'old_id'], users: [MAPPED, UNMAPPED, EMPTY] }],
  });
  const resolve = factory({
    userPoolId: NEW_POOL,
    client: sdkClient(simulator.endpoint),
    cache: { clock },
    guard: { clock, ...limits },
  });
  const ask = async (user: { sub: string; username: string }, over: Partial<LegacyIdQuery> = {}) =>
    resolve(queryOf({ sub: user.sub, username: user.username, token: `sim-access:${user.sub}`, ...over }));
  return { clock, simulator, resolve, ask };
}

describe.each(KINDS)('$name', ({ factory, operation }) => {
  it('answers what the attribute holds', async () => {
    const { ask } = await setUp(factory);
    expect(await ask(MAPPED)).toBe('legacy-id');
    expect(await ask(UNMAPPED)).toBeUndefined();
    expect(await ask(EMPTY)).toBeUndefined();
  });

  it('forgets when told to', async () => {
    const { ask, resolve, simulator } = await setUp(factory);
    for (let n = 0; n < 2; n++) expect(await ask(MAPPED)).toBe('legacy-id');
    expect(simulator.stats.of(operation).attempts).toBe(1);
    resolve.forget?.(MAPPED.sub);
    expect(await ask(MAPPED)).toBe('legacy-id');
    expect(simulator.stats.of(operation).attempts).toBe(2);
  });

  it('answers nothing for a user who is gone', async () => {
    const { ask } = await setUp(factory);
    expect(await ask({ username: 'gone', sub: 'sub-gone' })).toBeUndefined();
  });

  it('answers nothing when the account found is of another user', async () => {
    const { ask } = await setUp(factory);
    // The username was given to somebody else, or the token belongs to another account.
    expect(await ask({ username: 'mapped', sub: 'sub-before' }, { token: 'sim-access:sub-mapped' })).toBeUndefined();
  });

  it('is unavailable, and never without a user, where the pool names nobody', async () => {
    const UserAttributes = [{ Name: 'custom:legacy_sub', Value: 'legacy-id' }];
    const { endpoint } = await scriptedPool(() => ({ Username: 'mapped', UserAttributes }));
    const resolve = factory({ userPoolId: NEW_POOL, client: sdkClient(endpoint) });
    const query = queryOf({ sub: 'sub-mapped', username: 'mapped', token: 'sim-access:sub-mapped' });
    await expect(async () => resolve(query)).rejects.toThrow(TypeError);
  });

  it('reads the attribute it is told to', async () => {
    const { simulator } = await setUp(factory);
    const client = sdkClient(simulator.endpoint);
    const resolve = factory({ userPoolId: NEW_POOL, client, attribute: 'custom:old_id' });
    expect(await resolve(queryOf({ sub: 'sub-mapped', username: 'mapped', token: 'sim-access:sub-mapped' }))).toBe(
      undefined,
    );
  });

  it('asks the pool once per user, however many ask at once and afterwards', async () => {
    const { ask, simulator } = await setUp(factory);
    await Promise.all(Array.from({ length: 50 }, (_, n) => ask(n % 2 === 0 ? MAPPED : UNMAPPED)));
    await Promise.all([ask(MAPPED), ask(UNMAPPED)]);
    expect(simulator.stats.of(operation).attempts).toBe(2);
  });

  it.each([
    ['throttling', { kind: 'throttle' }],
    ['an internal error', { kind: 'internal-error' }],
    ['a broken connection', { kind: 'drop-before' }],
    ['a pool that is gone', { kind: 'error', type: 'ResourceNotFoundException' }],
    ['missing rights', { kind: 'error', type: 'AccessDeniedException' }],
  ] as const)('never takes %s for "not mapped", asks once, and stops asking after some', async (_name, fault) => {
    const { ask, simulator, clock } = await setUp(factory, { failuresToOpen: 3, openSeconds: 10 });
    simulator.faults.set([fault]);
    for (let n = 0; n < 3; n++) await expect(ask(UNMAPPED)).rejects.toThrow(operation);
    await expect(ask(UNMAPPED)).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE', retryAfterSeconds: 10 });
    expect(simulator.stats.of(operation).attempts).toBe(3);

    simulator.faults.set([]);
    await clock.advance(10_000);
    expect(await ask(UNMAPPED)).toBeUndefined();
  });

  it('keeps the user and the token out of its errors', async () => {
    const { ask, simulator } = await setUp(factory);
    simulator.faults.set([{ kind: 'error', type: 'InternalErrorException', message: 'jo@example.com is odd' }]);
    await expect(ask(UNMAPPED)).rejects.toSatisfy((error) => !/jo@example|unmapped/.test(inspect(error, { depth: 9 })));
  });

  it('asks no more than 20 times a second after the first 8, if not told otherwise', async () => {
    const { ask, simulator, clock } = await setUp(factory);
    const users = Array.from({ length: 58 }, (_, n) => ({ username: `user-${n}`, sub: `sub-${n}` }));
    const answers = Promise.all(users.map((user) => ask(user)));
    const attempts = () => simulator.stats.of(operation).attempts;
    await expect.poll(attempts).toBe(8);
    // Each of these steps has room for one, once those before it have their answers.
    for (let step = 1; step <= 50; step++) {
      await expect.poll(() => clock.sleeping).toBeGreaterThan(0);
      await clock.advance(50);
      await expect.poll(attempts).toBe(8 + step);
    }
    expect(await answers).toHaveLength(58);
  });

  it('does not answer for users of another pool', async () => {
    const { ask } = await setUp(factory);
    await expect(ask(MAPPED, { userPoolId: 'eu-west-1_Other' })).rejects.toMatchObject({ status: 503 });
  });

  it.each([
    {},
    { userPoolId: '' },
    { userPoolId: NEW_POOL, attribute: '' },
    { userPoolId: NEW_POOL, region: 1 },
    { userPoolId: NEW_POOL, pool: 'x' },
    { userPoolId: NEW_POOL, guard: { maxConcurrent: 0 } },
    { userPoolId: NEW_POOL, cache: { maxEntries: 0 } },
    { userPoolId: NEW_POOL, client: {}, region: 'eu-west-1' },
    { userPoolId: NEW_POOL, client: {}, endpoint: 'http://127.0.0.1:1' },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(factory, undefined, [options])).toThrow(ConfigurationError);
  });
});

describe('adminGetUserResolver', () => {
  it('asks by sub where the token names no username', async () => {
    const { simulator } = await setUp(adminGetUserResolver);
    const { username: _, ...query } = queryOf({ sub: 'sub-mapped' });
    const asked: unknown[] = [];
    const client = sdkClient(simulator.endpoint);
    client.middlewareStack.add((next) => (args) => {
      asked.push(args.input);
      return next(args);
    });
    await adminGetUserResolver({ userPoolId: NEW_POOL, client })(query);
    expect(asked).toEqual([{ UserPoolId: NEW_POOL, Username: 'sub-mapped' }]);
  });
});

describe('getUserResolver', () => {
  it('needs no AWS credentials', async () => {
    const { simulator } = await setUp(getUserResolver);
    const resolve = getUserResolver({ userPoolId: NEW_POOL, endpoint: simulator.endpoint });
    expect(await resolve(queryOf({ sub: 'sub-mapped', token: 'sim-access:sub-mapped' }))).toBe('legacy-id');
    expect(simulator.stats.accessKeys).toEqual({});
  });

  it.each<[string, Partial<LegacyIdQuery>]>([
    ['an ID token', { tokenUse: 'id' }],
    ['an access token without the scope', { scopes: ['orders/read'] }],
  ])('cannot tell from %s, and does not try', async (_name, over) => {
    const { ask, simulator } = await setUp(getUserResolver);
    await expect(ask(MAPPED, over)).rejects.toMatchObject({ code: 'ERR_LEGACY_ID_UNAVAILABLE' });
    expect(simulator.stats.of('GetUser').attempts).toBe(0);
  });

  it('asks once about a token that the pool refuses, and does not count the pool as down', async () => {
    const { ask, simulator } = await setUp(getUserResolver, { failuresToOpen: 1 });
    for (let n = 0; n < 5; n++) {
      await expect(ask(UNMAPPED, { token: 'revoked' })).rejects.toMatchObject({ name: 'TokenRefused' });
    }
    expect(simulator.stats.of('GetUser').attempts).toBe(1);
    expect(await ask(MAPPED)).toBe('legacy-id');
    expect(await ask(UNMAPPED)).toBeUndefined();
  });
});
