import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateUserPoolCommand,
  ListGroupsCommand,
  ListUsersInGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, it } from 'vitest';
import { LEGACY_POOL, migrationPair, NEW_POOL } from '../support/cognito-simulator/index.js';
import { folder } from '../support/folder.js';
import { CognitoLocal } from '../triggers/emulator.js';
import { startMigration } from './migration.js';
import { runBin } from './support.js';

const USERS = 300;

/** Which call of which command the process is killed at. */
const KILLS = [
  ['plan', 'ListUsersInGroup', 4],
  ['apply', 'CreateGroup', 2],
  ['apply', 'AdminAddUserToGroup', 1],
  ['apply', 'AdminAddUserToGroup', 150],
  ['rollback', 'AdminRemoveUserFromGroup', 100],
  ['rollback', 'DeleteGroup', 1],
] as const;

it('lose nothing and repeat only what was in flight, killed at any moment', { timeout: 120_000 }, async () => {
  const [legacy, fresh] = migrationPair({ users: USERS });
  let left = Number.POSITIVE_INFINITY;
  let awaited = '';
  let kill = () => {};
  await using migration = await startMigration([legacy, fresh], {
    latencyMs: 2,
    onRequest: ({ operation }) => {
      // Some are carried out after the process is dead: their results are never recorded.
      if (operation === awaited && --left === 0) kill();
    },
  });
  const { simulator, state } = migration;
  const everybody = [...simulator.pool(LEGACY_POOL).users.all()].map(({ username }) => username);
  const groups = [
    { GroupName: 'all', Description: 'Everybody', members: everybody },
    { GroupName: 'some', Precedence: 3, members: everybody.slice(0, 70) },
  ];
  for (const group of groups) simulator.pool(LEGACY_POOL).addGroup(group);
  const started = (name: string) => {
    const endpoints = ['--legacy-endpoint', simulator.endpoint, '--new-endpoint', simulator.endpoint];
    const where = ['--legacy-pool', LEGACY_POOL, '--new-pool', NEW_POOL, ...endpoints, '--state', state];
    const paces = { plan: ['--groups', '--read-rps', '1000'], apply: ['--rps', '1000', '--quota', '1000', '--yes'] };
    const rollback = [...paces.apply, '--read-rps', '1000'];
    return runBin([name, ...where, ...(name === 'rollback' ? rollback : paces[name as 'plan' | 'apply'])]);
  };
  for (const [index, [command, operation, count]] of KILLS.entries()) {
    const { child, ended } = started(command);
    [awaited, left, kill] = [operation, count, () => child.kill('SIGKILL')];
    expect((await ended).code, `${command} ${operation}`).toBeNull();
    if (KILLS[index + 1]?.[0] === command) continue;
    // As often as it was killed, one run more finishes it.
    expect(await started(command).ended).toMatchObject({ code: 0 });
    const pool = simulator.pool(NEW_POOL);
    if (command === 'plan') {
      // Six pages, and once more at most what was in flight.
      expect(simulator.stats.of('ListUsersInGroup').attempts).toBeLessThanOrEqual(7 + 2);
    } else if (command === 'apply') {
      expect([...pool.groups.values()]).toMatchObject([
        { name: 'all', Description: 'Everybody', members: { size: USERS } },
        { name: 'some', Precedence: 3, members: { size: 70 } },
      ]);
      const { document } = await migration.json('verify');
      expect(document).toMatchObject({ groups: { checked: USERS + 72, right: USERS + 72, missing: 0, extra: 0 } });
      const added = pool.journal.filter(({ operation: name }) => name === 'AdminAddUserToGroup').length;
      expect(added - USERS - 70).toBeLessThanOrEqual(2 * 8);
    } else {
      expect(pool.groups.size).toBe(0);
      expect(migration.values()).toEqual({});
    }
  }
});

it('create and fill groups on cognito-local', { timeout: 90_000 }, async () => {
  const emulator = await CognitoLocal.start({});
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new CognitoIdentityProviderClient({ endpoint: emulator.endpoint, region: 'local', credentials });
  try {
    const createPool = async (PoolName: string, usernames: readonly string[]) => {
      const { UserPool } = await client.send(
        new CreateUserPoolCommand({
          PoolName,
          AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
          Schema: [{ Name: 'legacy_sub', AttributeDataType: 'String', Mutable: true }],
        }),
      );
      const UserPoolId = UserPool?.Id ?? '';
      for (const Username of usernames) {
        const attributes = { email: Username, email_verified: 'true' };
        const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
        const input = { UserPoolId, Username, UserAttributes, MessageAction: 'SUPPRESS' as const };
        await client.send(new AdminCreateUserCommand(input));
      }
      return UserPoolId;
    };
    const legacy = await createPool('legacy', ['anna@example.com', 'bert@example.com', 'carl@example.com']);
    const fresh = await createPool('new', ['anna@example.com', 'bert@example.com']);
    const group = { GroupName: 'staff', Description: 'Staff', Precedence: 4 };
    await client.send(new CreateGroupCommand({ UserPoolId: legacy, ...group }));
    for (const Username of ['anna@example.com', 'carl@example.com']) {
      await client.send(new AdminAddUserToGroupCommand({ UserPoolId: legacy, GroupName: 'staff', Username }));
    }
    const cwd = folder();
    const endpoints = ['--legacy-endpoint', emulator.endpoint, '--new-endpoint', emulator.endpoint];
    const cutover = async (...args: string[]) => {
      const { code, stdout, stderr } = await runBin([...args, ...endpoints, '--json'], {
        cwd,
        env: { AWS_REGION: 'eu-west-1' },
      }).ended;
      expect(stdout, stderr).not.toBe('');
      return { code, ...JSON.parse(stdout) };
    };
    const groupsOfNew = async () => (await client.send(new ListGroupsCommand({ UserPoolId: fresh }))).Groups;

    expect(await cutover('plan', '--legacy-pool', legacy, '--new-pool', fresh, '--groups')).toMatchObject({
      code: 0,
      writes: 4,
      groups: { toCreate: 1, memberships: 1, existing: 0, unmapped: 1, overLimit: 0 },
    });
    expect(await cutover('apply', '--yes')).toMatchObject({ code: 0, written: 4 });
    expect(await groupsOfNew()).toMatchObject([group]);
    const { Users } = await client.send(new ListUsersInGroupCommand({ UserPoolId: fresh, GroupName: 'staff' }));
    const emails = Users?.map(({ Attributes }) => Attributes?.find(({ Name }) => Name === 'email')?.Value);
    expect(emails).toEqual(['anna@example.com']);
    expect(await cutover('verify')).toMatchObject({ code: 0, groups: { checked: 2, right: 2, missing: 0, extra: 0 } });
    expect(await cutover('rollback', '--yes')).toMatchObject({ code: 0, removed: 4, remaining: 0 });
    expect(await groupsOfNew()).toEqual([]);
  } finally {
    client.destroy();
    await emulator.stop();
  }
});
