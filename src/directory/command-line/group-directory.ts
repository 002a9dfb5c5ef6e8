import {
  AdminAddUserToGroupCommand,
  AdminRemoveUserFromGroupCommand,
  CreateGroupCommand,
  DeleteGroupCommand,
  GetGroupCommand,
  type GroupType,
  ListUsersInGroupCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toUserPage, unexpected } from '../answers.js';
import type { GroupDirectory, PoolGroup } from '../group-types.js';
import { from, PAGE_SIZE } from '../requests.js';
import { DirectoryError, type DirectoryErrorKind } from '../user-types.js';
import { configurationCalls } from './configuration.js';
import { connect, type UserDirectoryOptions } from './connect.js';

/**
 * The groups of a user pool, through the AWS SDK.
 * @throws {@link ConfigurationError}
 */
export function createGroupDirectory(options: UserDirectoryOptions): GroupDirectory {
  const connection = connect(options);
  const { userPoolId, client, call } = connection;
  const { listGroups } = configurationCalls(connection);
  const pool = { UserPoolId: userPoolId };

  const getGroup: GroupDirectory['getGroup'] = async (name, signal) => {
    try {
      return await aboutGroup(
        call('GetGroup', signal, async (http) => {
          const { Group } = await client.send(new GetGroupCommand({ ...pool, GroupName: name }), http);
          return toGroup('GetGroup', Group);
        }),
      );
    } catch (error) {
      if (error instanceof DirectoryError && error.kind === 'group-not-found') return undefined;
      throw error;
    }
  };

  return {
    userPoolId,
    getGroup,
    listGroups: async (token, signal) => {
      const { items, nextToken } = await listGroups(token, signal);
      return { items: items.map((group) => toGroup('ListGroups', group)), nextToken };
    },
    listMembers: (group, token, signal) =>
      aboutGroup(
        call(
          'ListUsersInGroup',
          signal,
          async (http) => {
            const input = { ...pool, GroupName: group, Limit: PAGE_SIZE, ...from(token) };
            const { Users, NextToken } = await client.send(new ListUsersInGroupCommand(input), http);
            return toUserPage({ Users, PaginationToken: NextToken });
          },
          { withToken: token !== undefined },
        ),
      ),
    createGroup: ({ name, description, precedence, roleArn }, signal) =>
      aboutGroup(
        call('CreateGroup', signal, async (http) => {
          const command = new CreateGroupCommand({
            ...pool,
            GroupName: name,
            ...(description === undefined ? {} : { Description: description }),
            ...(precedence === undefined ? {} : { Precedence: precedence }),
            ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
          });
          await client.send(command, http);
        }),
      ),
    deleteGroup: (name, signal) =>
      aboutGroup(
        call('DeleteGroup', signal, async (http) => {
          await client.send(new DeleteGroupCommand({ ...pool, GroupName: name }), http);
        }),
      ),
    addMember: (group, username, signal) =>
      aboutGroup(
        call(
          'AdminAddUserToGroup',
          signal,
          async (http) => {
            const input = { ...pool, GroupName: group, Username: username };
            await client.send(new AdminAddUserToGroupCommand(input), http);
          },
          { aboutUser: true },
        ),
      ),
    removeMember: (group, username, signal) =>
      aboutGroup(
        call(
          'AdminRemoveUserFromGroup',
          signal,
          async (http) => {
            const input = { ...pool, GroupName: group, Username: username };
            await client.send(new AdminRemoveUserFromGroupCommand(input), http);
          },
          { aboutUser: true },
        ),
      ),
    close: () => client.destroy(),
  };
}

function toGroup(operation: string, group: GroupType | undefined): PoolGroup {
  const { GroupName, Description, Precedence, RoleArn } = group ?? {};
  if (typeof GroupName !== 'string' || GroupName === '') unexpected(operation, 'a group without a name');
  return {
    name: GroupName,
    description: Description || undefined,
    precedence: typeof Precedence === 'number' ? Precedence : undefined,
    roleArn: RoleArn || undefined,
  };
}

/**
 * Failures of calls about a group need their own classification: the same exception reports a missing pool or a missing group,
 * and a limit can be that of one user.
 */
async function aboutGroup<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const kind = error instanceof DirectoryError ? kindOf(error) : undefined;
    if (!(error instanceof DirectoryError) || kind === undefined) throw error;
    throw new DirectoryError(kind, error.operation, error.exception, error.message, error.cause);
  }
}

function kindOf({ exception, operation, cause }: DirectoryError): DirectoryErrorKind | undefined {
  if (exception === 'GroupExistsException') return 'group-exists';
  // "Group not found."; for a pool, the message is "User pool … does not exist."
  if (exception === 'ResourceNotFoundException') {
    return cause instanceof Error && /^group\b/i.test(cause.message) ? 'group-not-found' : undefined;
  }
  if (exception === 'LimitExceededException' && operation === 'AdminAddUserToGroup') return 'invalid';
  return undefined;
}
