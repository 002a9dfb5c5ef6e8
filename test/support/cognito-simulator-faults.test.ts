import {
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it } from 'vitest';
import type { Fault, PoolOptions } from './cognito-simulator/index.js';
import { listAll, people, sdkClient, started } from './cognito-simulator/testing.js';

const POOL = 'eu-west-1_New';
const pool = (more: Partial<PoolOptions> = {}): PoolOptions => ({
  id: POOL,
  users: people(200),
  customAttributes: [
    'legacy_sub',
    { Name: 'fixed', Mutable: false },
    { Name: 'short', StringAttributeConstraints: { MaxLength: '5' } },
  ],
  ...more,
});
const write = (Name: string, Value: string, Username = 'u0') =>
  new AdminUpdateUserAttributesCommand({ UserPoolId: POOL, Username, UserAttributes: [{ Name, Value }] });
const usernames = (count: number) => people(count).map(({ username }) => username);

describe('a listing with oddities', () => {
  it.each([
    ['empty pages that go on', { emptyPages: 0.5 }, (pages: number[]) => pages.includes(0)],
    ['short pages', { shortPages: 0.5 }, (pages: number[]) => pages.slice(0, -1).some((size) => size < 60)],
    ['an ignored limit', { ignoreLimit: true }, (pages: number[]) => pages.length === 1],
    ['ignored paging', { ignorePaging: true }, (pages: number[]) => pages.length === 1],
  ])('has %s and every user once', async (_, listing, odd) => {
    const { client } = await started({ pools: [pool({ listing })] });
    const { users, pages } = await listAll(client, { UserPoolId: POOL });
    expect(users.map(({ Username }) => Username)).toEqual(usernames(200));
    expect(odd(pages)).toBe(true);
  });

  it('repeats users and loses none', async () => {
    const { client } = await started({ pools: [pool({ listing: { repeats: 1 } })] });
    const { users } = await listAll(client, { UserPoolId: POOL });
    expect(users.length).toBeGreaterThan(200);
    expect(new Set(users.map(({ Username }) => Username))).toEqual(new Set(usernames(200)));
  });

  it('can ignore the filter', async () => {
    const { client } = await started({ pools: [pool({ listing: { ignoreFilter: true } })] });
    expect((await listAll(client, { UserPoolId: POOL, Filter: 'sub ^= "0"' })).users).toHaveLength(200);
  });

  it('continues where it stands while users are created and deleted', async () => {
    const { client, simulator } = await started({
      pools: [pool()],
      onRequest: (_, { stats }) => {
        if (stats.of('ListUsers').attempts !== 2) return;
        simulator.pool(POOL).deleteUser('u3');
        simulator.pool(POOL).deleteUser('u150');
        simulator.pool(POOL).addUser({ username: 'late' });
      },
    });
    const { users } = await listAll(client, { UserPoolId: POOL });
    expect(users.map(({ Username }) => Username)).toEqual([
      ...usernames(200).filter((name) => name !== 'u150'),
      'late',
    ]);
  });
});

describe('a page token', () => {
  const first = { UserPoolId: POOL, Filter: 'email ^= "u"', Limit: 10 };

  it.each([
    ['another filter', { Filter: 'email ^= "u1"' }, 0],
    ['no filter', { Filter: undefined }, 0],
    ['another pool', { UserPoolId: 'eu-west-1_Other' }, 0],
    ['an hour and a second later', {}, 3_601_000],
    ['one that is made up', { PaginationToken: 'abc' }, 0],
  ])('is refused with %s', async (_, change, laterMs) => {
    let now = 1_000_000;
    const { client } = await started({ pools: [pool(), pool({ id: 'eu-west-1_Other' })], now: () => now });
    const { PaginationToken } = await client.send(new ListUsersCommand(first));
    now += laterMs;
    await expect(client.send(new ListUsersCommand({ ...first, PaginationToken, ...change }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid pagination token',
    });
  });
});

describe('ListUsers refuses', () => {
  it.each([
    ['a limit above 60', { Limit: 61 }],
    ['a filter on a custom attribute', { Filter: 'custom:legacy_sub = "x"' }],
    ['an unescaped quote', { Filter: 'email = "a"b"' }],
    ['two conditions', { Filter: 'email = "a" and name = "b"' }],
    ['a custom attribute that some user lacks', { AttributesToGet: ['sub', 'custom:legacy_sub'] }],
  ])('%s', async (_, input) => {
    const { client } = await started({ pools: [pool()] });
    const listing = client.send(new ListUsersCommand({ UserPoolId: POOL, ...input }));
    await expect(listing).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('no value with escaped quotes', async () => {
    const odd = { username: 'odd', attributes: { name: 'a "b" \\c' } };
    const { client } = await started({ pools: [pool({ users: [odd] })] });
    const { users } = await listAll(client, { UserPoolId: POOL, Filter: 'name = "a \\"b\\" \\\\c"' });
    expect(users.map(({ Username }) => Username)).toEqual(['odd']);
  });
});

describe('a write is refused', () => {
  it.each([
    ['of an attribute outside the schema', write('custom:other', 'x'), 'InvalidParameterException'],
    ['of an immutable attribute', write('custom:fixed', 'x'), 'InvalidParameterException'],
    ['of a value that is too long for it', write('custom:short', 'longer'), 'InvalidParameterException'],
    ['of a value beyond 2048 characters', write('custom:legacy_sub', 'x'.repeat(2049)), 'InvalidParameterException'],
    ['of the sub', write('sub', 'x'), 'InvalidParameterException'],
    ['to nobody', write('custom:legacy_sub', 'x', 'nobody'), 'UserNotFoundException'],
    ['by sub, where only usernames are taken', write('custom:legacy_sub', 'x', 'sub-of-u0'), 'UserNotFoundException'],
  ])('%s', async (_, command, name) => {
    const { client, simulator } = await started({ pools: [pool({ users: [{ username: 'u0', sub: 'sub-of-u0' }] })] });
    await expect(client.send(command)).rejects.toMatchObject({ name });
    expect(simulator.pool(POOL).journal).toEqual([]);
  });
});

describe('quotas', () => {
  it.each(['bucket', 'sliding'] as const)('admit so many in a second (%s)', async (quotaModel) => {
    let now = 1_000_000;
    const { client, simulator } = await started({ pools: [pool()], quotas: {}, quotaModel, now: () => now });
    const burst = async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 40 }, (_, n) => client.send(write('custom:legacy_sub', 'x', `u${n}`))),
      );
      return results.filter(({ status }) => status === 'fulfilled').length;
    };
    expect(await burst()).toBe(25);
    now += 1000;
    expect(await burst()).toBe(25);
    expect(simulator.stats.of('AdminUpdateUserAttributes')).toMatchObject({
      attempts: 80,
      accepted: 50,
      throttled: 30,
    });
    expect(simulator.stats.maxInWindow('UserUpdate')).toBe(40);
    expect(simulator.stats.maxInWindow('UserUpdate', 1001)).toBe(80);
  });

  it('are shared by the pools of an account, and are what others leave', async () => {
    const other = pool({ id: 'eu-west-1_Other' });
    const foreign = pool({ id: 'eu-west-1_Foreign', account: '222222222222' });
    const pools = [pool(), other, foreign];
    const { client } = await started({ pools, quotas: { UserList: 10 }, othersShare: 0.5, now: () => 1_000_000 });
    const admitted: string[] = [];
    for (const UserPoolId of [POOL, other.id, foreign.id].flatMap((id) => Array<string>(4).fill(id))) {
      const listing = client.send(new ListUsersCommand({ UserPoolId }));
      await listing.then(() => admitted.push(UserPoolId)).catch(() => undefined);
    }
    const counts = [POOL, other.id, foreign.id].map((id) => admitted.filter((one) => one === id).length);
    expect(counts).toEqual([4, 1, 4]);
  });

  it('admit 5 descriptions of one pool, and 10 reads of one user', async () => {
    const { client } = await started({ pools: [pool()], quotas: {}, now: () => 1_000_000 });
    const admitted = async (times: number, send: () => Promise<unknown>) =>
      (await Promise.allSettled(Array.from({ length: times }, send))).filter((one) => one.status === 'fulfilled')
        .length;
    expect(await admitted(8, () => client.send(new DescribeUserPoolCommand({ UserPoolId: POOL })))).toBe(5);
    const get = () => client.send(new AdminGetUserCommand({ UserPoolId: POOL, Username: 'u1' }));
    expect(await admitted(15, get)).toBe(10);
  });
});

describe('faults', () => {
  it.each<[Fault, string, number]>([
    [{ kind: 'throttle' }, 'TooManyRequestsException', 0],
    [{ kind: 'internal-error' }, 'InternalErrorException', 0],
    [{ kind: 'error', type: 'ExpiredTokenException', message: 'expired' }, 'ExpiredTokenException', 0],
    [{ kind: 'drop-before' }, 'TimeoutError', 0],
    [{ kind: 'drop-after' }, 'TimeoutError', 1],
  ])('%o', async (fault, name, writes) => {
    const operations = ['AdminUpdateUserAttributes'];
    const { client, simulator } = await started({ pools: [pool()], faults: [{ ...fault, operations, times: 1 }] });
    await expect(client.send(write('custom:legacy_sub', 'x'))).rejects.toMatchObject({ name });
    expect(simulator.pool(POOL).journal).toHaveLength(writes);
    await client.send(write('custom:legacy_sub', 'x'));
    expect(simulator.pool(POOL).user('u0')?.attributes['custom:legacy_sub']).toBe('x');
  });

  it('hit the given share', async () => {
    const { client, simulator } = await started({ pools: [pool()], faults: [{ kind: 'throttle', share: 0.3 }] });
    const send = () => client.send(new ListUsersCommand({ UserPoolId: POOL, Limit: 1 }));
    await Promise.allSettled(Array.from({ length: 200 }, send));
    expect(simulator.stats.of('ListUsers').throttled).toBeGreaterThan(40);
    expect(simulator.stats.of('ListUsers').throttled).toBeLessThan(80);
  });
});

describe('permissions', () => {
  it('are missing where denied, and in a replica for writes', async () => {
    const { client } = await started({ pools: [pool({ deny: ['DescribeUserPoolClient'], replica: true })] });
    const describeClient = new DescribeUserPoolClientCommand({ UserPoolId: POOL, ClientId: 'web' });
    await expect(client.send(describeClient)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('cognito-idp:DescribeUserPoolClient'),
    });
    const refused = client.send(write('custom:legacy_sub', 'x'));
    await expect(refused).rejects.toMatchObject({ name: 'OperationNotEnabledException' });
  });

  it("hide a pool from another account's keys", async () => {
    const { client, simulator } = await started({ pools: [pool({ accessKeys: ['AKIAOWNER'] })] });
    const describePool = new DescribeUserPoolCommand({ UserPoolId: POOL });
    await expect(client.send(describePool)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await sdkClient(simulator.endpoint, 'AKIAOWNER').send(describePool);
    expect(simulator.stats.accessKeys[POOL]).toEqual(['AKIATEST', 'AKIAOWNER']);
  });
});
