import type {
  AdminAddUserToGroupRequest,
  AdminListGroupsForUserRequest,
  CreateGroupRequest,
  DeleteGroupRequest,
  GetGroupRequest,
  ListGroupsRequest,
  ListUsersInGroupRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidRequest, notFound, ServiceError } from '../errors.js';
import type { Call, Operation } from '../operation.js';
import { pageOf } from '../page-tokens.js';
import type { SimulatedGroup, SimulatedPool } from '../pool.js';
import { wireUser } from '../users.js';
import { namedUser } from './users.js';

const MAX_GROUPS = 10_000;
const MAX_GROUPS_PER_USER = 100;

function namedGroup(pool: SimulatedPool, name: string | undefined): SimulatedGroup {
  const group = pool.groups.get(name ?? '');
  if (group === undefined) throw notFound('Group not found.');
  return group;
}

const wireGroup = (pool: SimulatedPool, { name, members, createdAt, ...group }: SimulatedGroup): object => ({
  ...group,
  GroupName: name,
  UserPoolId: pool.id,
  CreationDate: createdAt,
  LastModifiedDate: createdAt,
});

function limitOf(limit: number | undefined): number {
  if (limit !== undefined && (limit < 0 || limit > 60)) {
    throw invalidRequest('limit', 'have value less than or equal to 60');
  }
  return limit || 60;
}

function list({ input, pool, now }: Call<ListGroupsRequest>): object {
  const scope = `${pool.id} groups`;
  const page = { limit: limitOf(input.Limit), token: input.NextToken, scope, now };
  const { items, next } = pageOf([...pool.groups.values()], page);
  return { Groups: items.map((group) => wireGroup(pool, group)), NextToken: next };
}

const get = ({ input, pool }: Call<GetGroupRequest>): object => ({
  Group: wireGroup(pool, namedGroup(pool, input.GroupName)),
});

function create({ operation, input, pool }: Call<CreateGroupRequest>): object {
  const { GroupName, Description, Precedence, RoleArn } = input;
  if (GroupName === undefined) throw invalidRequest('groupName', 'not be null');
  if (pool.groups.has(GroupName)) {
    throw new ServiceError('GroupExistsException', 'A group with the name already exists.');
  }
  if (pool.groups.size >= MAX_GROUPS) throw new ServiceError('LimitExceededException', 'Too many groups.');
  pool.addGroup({
    GroupName,
    ...(Description === undefined ? {} : { Description }),
    ...(Precedence === undefined ? {} : { Precedence }),
    ...(RoleArn === undefined ? {} : { RoleArn }),
  });
  pool.record(operation, GroupName, {});
  return { Group: wireGroup(pool, namedGroup(pool, GroupName)) };
}

function remove({ operation, input, pool }: Call<DeleteGroupRequest>): object {
  const { name } = namedGroup(pool, input.GroupName);
  pool.groups.delete(name);
  pool.record(operation, name, {});
  return {};
}

function listMembers({ input, pool, now }: Call<ListUsersInGroupRequest>): object {
  const { name, members } = namedGroup(pool, input.GroupName);
  const scope = `${pool.id} members ${name}`;
  const page = { limit: limitOf(input.Limit), token: input.NextToken, scope, now };
  const { items, next } = pageOf([...members], page);
  const users = items.map((username) => pool.user(username)).filter((user) => user !== undefined);
  return { Users: users.map(wireUser), NextToken: next };
}

const groupsOf = (pool: SimulatedPool, username: string) =>
  [...pool.groups.values()].filter(({ members }) => members.has(username));

function addMember({ operation, input, pool }: Call<AdminAddUserToGroupRequest>): object {
  const { username } = namedUser(pool, input.Username);
  const { name, members } = namedGroup(pool, input.GroupName);
  if (!members.has(username) && groupsOf(pool, username).length >= MAX_GROUPS_PER_USER) {
    throw new ServiceError('LimitExceededException', 'User is in too many groups.');
  }
  members.add(username);
  pool.record(operation, username, { group: name });
  return {};
}

function removeMember({ operation, input, pool }: Call<AdminAddUserToGroupRequest>): object {
  const { username } = namedUser(pool, input.Username);
  const { name, members } = namedGroup(pool, input.GroupName);
  members.delete(username);
  pool.record(operation, username, { group: name });
  return {};
}

function listOfUser({ input, pool, now }: Call<AdminListGroupsForUserRequest>): object {
  const { username } = namedUser(pool, input.Username);
  const scope = `${pool.id} groups of ${username}`;
  const page = { limit: limitOf(input.Limit), token: input.NextToken, scope, now };
  const { items, next } = pageOf(groupsOf(pool, username), page);
  return { Groups: items.map((group) => wireGroup(pool, group)), NextToken: next };
}

export const groupOperations = {
  ListGroups: { category: 'UserPoolResourceRead', run: list },
  GetGroup: { category: 'UserPoolResourceRead', run: get },
  CreateGroup: { category: 'UserPoolResourceUpdate', write: true, run: create },
  DeleteGroup: { category: 'UserPoolResourceUpdate', write: true, run: remove },
  ListUsersInGroup: { category: 'UserList', run: listMembers },
  AdminAddUserToGroup: { category: 'UserUpdate', write: true, run: addMember },
  AdminRemoveUserFromGroup: { category: 'UserUpdate', write: true, run: removeMember },
  AdminListGroupsForUser: { category: 'UserResourceRead', run: listOfUser },
} satisfies Record<string, Operation>;
