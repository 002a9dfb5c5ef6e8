import {
  AdminCreateUserCommand,
  AdminDeleteUserAttributesCommand,
  AdminGetUserCommand,
  AdminUpdateUserAttributesCommand,
  DescribeUserPoolCommand,
  ListUsersCommand,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  migrationPair,
  type PopulationShares,
  type SimulatedUser,
  startSimulatorProcess,
} from './cognito-simulator/index.js';
import { listAll, people, sdkClient, started } from './cognito-simulator/testing.js';

const POOL = 'eu-west-1_Legacy';
const NEW = 'eu-west-1_New';
const subOf = (user: UserType) => user.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? '';
describe('listing', () => {
  it('pages through explicit users', async () => {
    const { client } = await started({ pools: [{ id: POOL, users: people(130) }] });
    const { users, pages } = await listAll(client, { UserPoolId: POOL });
    expect(pages).toEqual([60, 60, 10]);
    expect(users[7]).toMatchObject({ Username: 'u7', Enabled: true, UserStatus: 'CONFIRMED' });
    expect(users[7]?.UserCreateDate).toBeInstanceOf(Date);
  });

  it('splits a generated pool into 16 shards that sum up exactly', async () => {
    const { client } = await started({ pools: [{ id: POOL, generated: { count: 10_000 } }] });
    const subs = new Set<string>();
    let listed = 0;
    for (const digit of '0123456789abcdef') {
      const { users } = await listAll(client, { UserPoolId: POOL, Filter: `sub ^= "${digit}"` });
      for (const user of users) subs.add(subOf(user));
      expect(users.every((user) => subOf(user).startsWith(digit))).toBe(true);
      listed += users.length;
    }
    expect([listed, subs.size]).toEqual([10_000, 10_000]);
  });

  it('lists shards of a million users without looking at the others', async () => {
    const { client, simulator } = await started({ pools: [{ id: POOL, generated: { count: 1_000_000 } }] });
    const { users } = await listAll(client, { UserPoolId: POOL, Filter: 'sub ^= "a3f"' });
    expect(users.length).toBeGreaterThan(240);
    expect(users.length).toBeLessThan(250);
    const { Users } = await client.send(
      new ListUsersCommand({ UserPoolId: POOL, Filter: `sub = "${subOf(users[0]!)}"` }),
    );
    expect(Users?.[0]?.Username).toBe(users[0]?.Username);
    expect(simulator.pool(POOL).users.size).toBe(1_000_000);
  });

  it('knows the same person in both pools, under another sub', async () => {
    const generated = { count: 100, shares: { federated: 0.2 } };
    const { simulator } = await started({
      pools: [
        { id: POOL, generated },
        { id: NEW, generated },
      ],
    });
    const [legacy, fresh] = [POOL, NEW].map((id) => [...simulator.pool(id).users.all()]);
    expect(legacy!.map(({ username }) => username)).toEqual(fresh!.map(({ username }) => username));
    expect(legacy!.map(({ attributes }) => attributes['email'])).toEqual(
      fresh!.map(({ attributes }) => attributes['email']),
    );
    expect(legacy!.some(({ attributes }, n) => attributes['sub'] === fresh![n]?.attributes['sub'])).toBe(false);
    for (const { username } of legacy!) expect(simulator.pool(POOL).user(username)?.username).toBe(username);
  });
});

describe('the shares of a generated pool', () => {
  const oddities: [keyof PopulationShares, (user: SimulatedUser) => boolean][] = [
    ['unverified', ({ attributes }) => attributes['email_verified'] === 'false'],
    ['caseDiffering', ({ attributes }) => /[A-Z]/.test(attributes['email'] ?? '')],
    ['noEmail', ({ attributes }) => attributes['email'] === undefined],
    ['federated', ({ status, attributes }) => status === 'EXTERNAL_PROVIDER' && attributes['identities'] !== undefined],
    ['disabled', ({ enabled }) => !enabled],
    ['unconfirmed', ({ status }) => status === 'UNCONFIRMED'],
    ['mapped', ({ attributes }) => attributes['custom:legacy_sub'] !== undefined],
    ['wronglyMapped', ({ attributes }) => attributes['custom:legacy_sub'] !== undefined],
  ];

  it.each(oddities)('hold for %s', async (share, odd) => {
    const [, fresh] = migrationPair({ users: 2000, shares: { [share]: 0.2 } });
    const { simulator } = await started({ pools: [fresh] });
    const count = [...simulator.pool(fresh.id).users.all()].filter(odd).length;
    expect(count / 2000).toBeGreaterThan(0.16);
    expect(count / 2000).toBeLessThan(0.24);
  });

  it('make pairs with one address', async () => {
    const [, fresh] = migrationPair({ users: 2000, shares: { duplicate: 0.2 } });
    const { simulator } = await started({ pools: [fresh] });
    const emails = new Set([...simulator.pool(fresh.id).users.all()].map(({ attributes }) => attributes['email']));
    expect(emails.size).toBeGreaterThan(1750);
    expect(emails.size).toBeLessThan(1850);
  });
});

describe('writing', () => {
  it('changes and deletes attributes of explicit and generated users, and journals it', async () => {
    const { client, simulator } = await started({
      pools: [{ id: NEW, users: people(1), generated: { count: 3 }, customAttributes: ['legacy_sub'] }],
    });
    for (const Username of ['u0', 'user0000002']) {
      const UserAttributes = [{ Name: 'custom:legacy_sub', Value: 'abc' }];
      await client.send(new AdminUpdateUserAttributesCommand({ UserPoolId: NEW, Username, UserAttributes }));
      const user = await client.send(new AdminGetUserCommand({ UserPoolId: NEW, Username }));
      expect(user.UserAttributes).toContainEqual({ Name: 'custom:legacy_sub', Value: 'abc' });
      const UserAttributeNames = ['custom:legacy_sub'];
      await client.send(new AdminDeleteUserAttributesCommand({ UserPoolId: NEW, Username, UserAttributeNames }));
      expect(simulator.pool(NEW).user(Username)?.attributes['custom:legacy_sub']).toBeUndefined();
    }
    expect(simulator.pool(NEW).journal.map(({ operation, username }) => [operation, username])).toEqual([
      ['AdminUpdateUserAttributes', 'u0'],
      ['AdminDeleteUserAttributes', 'u0'],
      ['AdminUpdateUserAttributes', 'user0000002'],
      ['AdminDeleteUserAttributes', 'user0000002'],
    ]);
  });

  it('creates users, and describes the pool with them', async () => {
    const { client } = await started({ pools: [{ id: NEW, users: people(2) }] });
    const created = await client.send(new AdminCreateUserCommand({ UserPoolId: NEW, Username: 'eve' }));
    expect(created.User?.UserStatus).toBe('FORCE_CHANGE_PASSWORD');
    const { UserPool } = await client.send(new DescribeUserPoolCommand({ UserPoolId: NEW }));
    expect(UserPool?.EstimatedNumberOfUsers).toBe(3);
    expect(UserPool?.SchemaAttributes?.[0]).toMatchObject({ Name: 'sub', Mutable: false });
  });
});

describe('a simulator in another process', () => {
  it('answers the SDK and tells what it saw', async () => {
    const simulator = await startSimulatorProcess({ quotas: null, pools: [{ id: POOL, generated: { count: 90 } }] });
    onTestFinished(() => simulator.close());
    const { users } = await listAll(sdkClient(simulator.endpoint), { UserPoolId: POOL });
    expect(users).toHaveLength(90);
    const report = await simulator.ask('report', null);
    expect(report.operations['ListUsers']).toEqual({ attempts: 2, accepted: 2, throttled: 0, failed: 0 });
    await simulator.ask('setAttribute', { pool: POOL, username: users[0]?.Username ?? '', name: 'x', value: '1' });
    expect(await simulator.ask('values', { pool: POOL, attribute: 'x' })).toEqual({ [users[0]?.Username ?? '']: '1' });
  });
});
