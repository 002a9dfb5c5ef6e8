import { describe, expect, it, onTestFinished } from 'vitest';
import { createGroupDirectory } from '../../../src/directory/command-line/group-directory.js';
import type { PoolGroup } from '../../../src/directory/group-types.js';
import { type Fault, NEW_POOL, type PoolOptions } from '../../support/cognito-simulator/index.js';
import { people, started } from '../../support/cognito-simulator/testing.js';

const ADMINS: PoolGroup = {
  name: 'admins',
  description: 'All rights',
  precedence: 0,
  roleArn: 'arn:aws:iam::1:role/A',
};
const PLAIN: PoolGroup = { name: 'plain', description: undefined, precedence: undefined, roleArn: undefined };

async function directory(pool: Partial<PoolOptions> = {}, faults: readonly Fault[] = []) {
  const { simulator } = await started({ pools: [{ id: NEW_POOL, users: people(130), ...pool }], faults });
  const connect = (userPoolId: string) => {
    const groups = createGroupDirectory({ userPoolId, endpoint: simulator.endpoint });
    onTestFinished(() => groups.close());
    return groups;
  };
  return { groups: connect(NEW_POOL), pool: simulator.pool(NEW_POOL), simulator, connect };
}

it('creates groups, lists them page by page, and deletes them', async () => {
  const { groups } = await directory({ groups: people(70).map(({ username }) => ({ GroupName: username })) });
  await groups.createGroup(ADMINS);
  await groups.createGroup(PLAIN);
  const first = await groups.listGroups();
  expect(first.items).toHaveLength(60);
  const second = await groups.listGroups(first.nextToken);
  expect(second.items.slice(10)).toEqual([ADMINS, PLAIN]);
  expect(second.nextToken).toBeUndefined();
  expect(await groups.getGroup('admins')).toEqual(ADMINS);
  await groups.deleteGroup('admins');
  expect(await groups.getGroup('admins')).toBeUndefined();
});

it('adds, lists and removes members, twice without an error', async () => {
  const { groups, pool } = await directory({
    groups: [{ GroupName: 'staff', members: people(130).map(({ username }) => username) }, { GroupName: 'few' }],
  });
  const first = await groups.listMembers('staff');
  expect(first.users).toHaveLength(60);
  expect(first.users[0]).toMatchObject({ username: 'u0', sub: expect.any(String) });
  expect((await groups.listMembers('staff', first.nextToken)).users[0]).toMatchObject({ username: 'u60' });
  for (let time = 0; time < 2; time++) await groups.addMember('few', 'u7');
  expect([...(pool.groups.get('few')?.members ?? [])]).toEqual(['u7']);
  for (let time = 0; time < 2; time++) await groups.removeMember('few', 'u7');
  expect(pool.groups.get('few')?.members.size).toBe(0);
});

describe('a failure', () => {
  const limit: Fault = { kind: 'error', type: 'LimitExceededException', operations: ['AdminAddUserToGroup'] };

  it('says whether the user, the group or the pool is gone', async () => {
    const { groups, connect } = await directory({ groups: [{ GroupName: 'staff' }] });
    await expect(groups.addMember('staff', 'nobody')).rejects.toMatchObject({ kind: 'user-not-found' });
    await expect(groups.addMember('gone', 'u1')).rejects.toMatchObject({ kind: 'group-not-found' });
    await expect(groups.removeMember('gone', 'u1')).rejects.toMatchObject({ kind: 'group-not-found' });
    await expect(groups.listMembers('gone')).rejects.toMatchObject({ kind: 'group-not-found' });
    await expect(groups.deleteGroup('gone')).rejects.toMatchObject({ kind: 'group-not-found' });
    const other = connect('eu-west-1_Gone');
    await expect(other.addMember('staff', 'u1')).rejects.toMatchObject({ kind: 'refused' });
    await expect(other.getGroup('staff')).rejects.toMatchObject({ kind: 'refused' });
  });

  it('says that a group is there already', async () => {
    const { groups } = await directory({ groups: [{ GroupName: 'plain' }] });
    await expect(groups.createGroup(PLAIN)).rejects.toMatchObject({ kind: 'group-exists', operation: 'CreateGroup' });
  });

  it('of too many groups is one user’s', async () => {
    const { groups } = await directory({ groups: [{ GroupName: 'staff' }] }, [limit]);
    await expect(groups.addMember('staff', 'u1')).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('of a page token asks for the listing to begin again', async () => {
    const { groups } = await directory({ groups: [{ GroupName: 'staff' }] });
    await expect(groups.listMembers('staff', 'nonsense')).rejects.toMatchObject({ kind: 'token' });
    await expect(groups.listGroups('nonsense')).rejects.toMatchObject({ kind: 'token' });
  });

  it('is thrown at once, and names no user', async () => {
    const { groups, simulator } = await directory({ groups: [{ GroupName: 'staff' }] }, [
      { kind: 'throttle', operations: ['AdminAddUserToGroup'] },
    ]);
    const error: unknown = await groups.addMember('staff', 'u1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'throttled' });
    expect(String(error)).not.toContain('u1');
    expect(simulator.stats.of('AdminAddUserToGroup').attempts).toBe(1);
  });
});

it('stops when told to', async () => {
  const { groups } = await directory();
  const reason = new Error('enough');
  await expect(groups.listGroups(undefined, AbortSignal.abort(reason))).rejects.toBe(reason);
});
