import {
  AdminDeleteUserAttributesCommand,
  AdminUpdateUserAttributesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toAppClient, toIdentityProvider, toPoolDescription, toUserPage } from '../answers.js';
import { PAGE_SIZE, paginatedFrom, quoted } from '../requests.js';
import type { UserDirectory } from '../user-types.js';
import { configurationCalls } from './configuration.js';
import { connect, type UserDirectoryOptions } from './connect.js';

export type { UserDirectoryOptions } from './connect.js';

/**
 * A user pool, through the AWS SDK. The SDK's own retries are off, because they would count against the quota without being
 * counted here.
 * @throws {@link ConfigurationError}
 */
export function createUserDirectory(options: UserDirectoryOptions): UserDirectory {
  const connection = connect(options);
  const { userPoolId, client, call } = connection;
  const { describePool, listClientIds, describeClient, listProviderNames, describeProvider } =
    configurationCalls(connection);
  const pool = { UserPoolId: userPoolId };
  return {
    userPoolId,
    listUsers: ({ subPrefix, username, token, signal } = {}) =>
      call(
        'ListUsers',
        signal,
        async (http) => {
          const command = new ListUsersCommand({
            ...pool,
            Limit: PAGE_SIZE,
            ...(subPrefix === undefined ? {} : { Filter: `sub ^= ${quoted(subPrefix)}` }),
            ...(username === undefined ? {} : { Filter: `username = ${quoted(username)}` }),
            ...paginatedFrom(token),
          });
          return toUserPage(await client.send(command, http));
        },
        { withToken: token !== undefined },
      ),
    updateAttributes: (username, attributes, signal) =>
      call(
        'AdminUpdateUserAttributes',
        signal,
        async (http) => {
          const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
          await client.send(
            new AdminUpdateUserAttributesCommand({ ...pool, Username: username, UserAttributes }),
            http,
          );
        },
        { aboutUser: true },
      ),
    deleteAttributes: (username, names, signal) =>
      call(
        'AdminDeleteUserAttributes',
        signal,
        async (http) => {
          const UserAttributeNames = [...names];
          await client.send(
            new AdminDeleteUserAttributesCommand({ ...pool, Username: username, UserAttributeNames }),
            http,
          );
        },
        { aboutUser: true },
      ),
    describePool: async (signal) => toPoolDescription(await describePool(signal)),
    listClientIds,
    describeClient: async (clientId, signal) => toAppClient(clientId, await describeClient(clientId, signal)),
    listProviderNames,
    describeProvider: async (name, signal) => toIdentityProvider(name, await describeProvider(name, signal)),
    close: () => client.destroy(),
  };
}
