import { expect, it, onTestFinished } from 'vitest';
import { type PoolSource, readPool } from '../../../src/assess/reading/read-pool.js';
import { formatSnapshot, parseSnapshot } from '../../../src/assess/snapshot/snapshot-file.js';
import { createPoolReader } from '../../../src/directory/command-line/pool-reader.js';
import { createUserDirectory } from '../../../src/directory/command-line/user-directory.js';
import type { PoolOptions } from '../../support/cognito-simulator/pool.js';
import { started } from '../../support/cognito-simulator/testing.js';
import { LEGACY_ID, NOW } from '../pools.js';
import { faultlessPools } from '../simulated-pools.js';

async function source(changes: Partial<PoolOptions> = {}) {
  const [legacy] = faultlessPools();
  const { simulator } = await started({ pools: [{ ...legacy, ...changes }] });
  const options = { userPoolId: LEGACY_ID, endpoint: simulator.endpoint };
  const reader = createPoolReader(options);
  const directory = createUserDirectory(options);
  onTestFinished(() => {
    reader.close();
    directory.close();
  });
  const pool: PoolSource = {
    reader,
    send: (call) => call(),
    listUsers: async (users) => {
      let token: string | undefined;
      do {
        const page = await directory.listUsers(token === undefined ? {} : { token });
        users.add(page.users);
        token = page.nextToken;
      } while (token !== undefined);
    },
  };
  return { pool, simulator };
}

it('reads a pool with one call per app client and provider, and one per list', async () => {
  const { pool, simulator } = await source();
  const snapshot = await readPool(pool, NOW);
  const calls = (name: string) => simulator.stats.of(name).attempts;
  expect(
    Object.fromEntries(
      [
        'DescribeUserPool',
        'GetUserPoolMfaConfig',
        'ListUserPoolClients',
        'DescribeUserPoolClient',
        'ListIdentityProviders',
        'DescribeIdentityProvider',
        'ListResourceServers',
        'ListGroups',
        'AdminGetUser',
      ].map((name) => [name, calls(name)]),
    ),
  ).toEqual({
    DescribeUserPool: 1,
    GetUserPoolMfaConfig: 1,
    ListUserPoolClients: 1,
    DescribeUserPoolClient: 1,
    ListIdentityProviders: 1,
    DescribeIdentityProvider: 1,
    ListResourceServers: 1,
    ListGroups: 1,
    AdminGetUser: 0,
  });
  expect(snapshot).toMatchObject({
    userPoolId: LEGACY_ID,
    region: 'eu-west-1',
    settings: { known: 'yes', value: { name: 'shop', account: '111111111111' } },
    clients: { known: 'yes', value: [{ id: 'web-old' }] },
    providers: { known: 'yes', value: [{ name: 'Google', details: { client_id: 'a' } }] },
    groups: { known: 'yes', value: [{ name: 'admins', precedence: 1 }] },
    users: { known: 'yes', value: { total: 200, withoutSub: 0 } },
  });
});

it('gives a snapshot that can be kept, without secrets or users', async () => {
  const { pool } = await source();
  const snapshot = { takenAt: NOW, legacy: [await readPool(pool, NOW)], new: null };
  const file = formatSnapshot(snapshot);
  expect(parseSnapshot('--snapshot', file)).toEqual(snapshot);
  expect(file).not.toMatch(/provider-secret|@example|user0000/);
});

it('follows every list to its end', async () => {
  const many = Array.from({ length: 130 }, (_, at) => `n${String(at).padStart(3, '0')}`);
  const { pool, simulator } = await source({
    clients: many.map((name) => ({ ClientId: name, ClientName: name })),
    groups: many.map((GroupName) => ({ GroupName })),
    resourceServers: many.map((Identifier) => ({ Identifier, Name: Identifier })),
  });
  const { clients, groups, resourceServers } = await readPool(pool, NOW);
  expect([clients, groups, resourceServers].map((part) => part.known === 'yes' && part.value.length)).toEqual([
    130, 130, 130,
  ]);
  expect(simulator.stats.of('DescribeUserPoolClient').attempts).toBe(130);
});

it.each([
  ['DescribeUserPool', 'settings'],
  ['GetUserPoolMfaConfig', 'mfa'],
  ['ListUserPoolClients', 'clients'],
  ['DescribeUserPoolClient', 'clients'],
  ['ListIdentityProviders', 'providers'],
  ['DescribeIdentityProvider', 'providers'],
  ['ListResourceServers', 'resourceServers'],
  ['ListGroups', 'groups'],
  ['ListUsers', 'users'],
] as const)('continues without the permission for %s, and names it', async (operation, name) => {
  const { pool } = await source({ deny: [operation] });
  const snapshot = await readPool(pool, NOW);
  expect(snapshot[name]).toEqual({ known: 'no', permission: `cognito-idp:${operation}`, reason: 'denied' });
  const unknown = Object.values(snapshot).filter((part) => typeof part === 'object' && part.known === 'no');
  // The simulator has no replicas and no quotas to be asked about.
  expect(unknown).toHaveLength(3);
  expect(snapshot.replicas).toEqual({
    known: 'no',
    permission: 'cognito-idp:ListUserPoolReplicas',
    reason: 'not-supported',
  });
});

it('reads the quotas that an account can have raised, without those that Cognito does not know', async () => {
  const { pool } = await source();
  const asked: string[] = [];
  const quota: PoolSource['reader']['quota'] = async (category) => {
    asked.push(category);
    if (category !== 'UserToken') return undefined;
    const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: category } } as const;
    return { LimitDefinition, ProvisionedLimitValue: 300, FreeLimitValue: 120 };
  };
  const { quotas } = await readPool({ ...pool, reader: { ...pool.reader, quota } }, NOW);
  expect(quotas).toEqual({ known: 'yes', value: [{ category: 'UserToken', provisioned: 300, free: 120 }] });
  expect(asked).toEqual(expect.arrayContaining(['UserAuthentication', 'UserFederation', 'UserCreation']));
});

it('leaves out what was deleted between the list and the description', async () => {
  const { pool } = await source();
  const gone = { ...pool.reader, describeClient: async () => undefined };
  expect((await readPool({ ...pool, reader: gone }, NOW)).clients).toEqual({ known: 'yes', value: [] });
});

it('fails where the pool does not exist', async () => {
  const { pool } = await source({ id: 'eu-west-1_Other0001' });
  await expect(readPool(pool, NOW)).rejects.toMatchObject({ exception: 'ResourceNotFoundException' });
});

it.each<[string, object]>([
  ['a list that is none', { describeClient: async () => ({ ClientId: 'web', CallbackURLs: { 0: 'x' } }) }],
  ['no entry in a list', { describePool: async () => ({ SchemaAttributes: [null] }) }],
  ['a text that is none', { describeClient: async () => ({ ClientId: 'web', ClientName: { a: 1 } }) }],
])('fails where an answer has %s', async (_, answers) => {
  const { pool } = await source();
  const reader = { ...pool.reader, ...answers } as PoolSource['reader'];
  await expect(readPool({ ...pool, reader }, NOW)).rejects.toMatchObject({ kind: 'answer' });
});
