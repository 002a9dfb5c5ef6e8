import {
  AdminDeleteUserAttributesCommand,
  AdminUpdateUserAttributesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { withTimeLimit } from '../../time-limit.js';
import { toAppClient, toIdentityProvider, toPoolDescription, toUserPage } from '../answers.js';
import { PAGE_SIZE, paginatedFrom, quoted } from '../requests.js';
import type { CallerIdentity, UserDirectory } from '../user-types.js';
import { accountOf } from './caller.js';
import { configurationCalls } from './configuration.js';
import { connect, type UserDirectoryOptions } from './connect.js';

export type { UserDirectoryOptions } from './connect.js';

/** How long a pool is asked for its account: a pool that does not answer is reported by the call that needs it. */
const ACCOUNT_MS = 1_000;

/** A user pool, and who calls it. */
export interface IdentifiedDirectory extends UserDirectory {
  /** Whose credentials the calls are signed with. Never rejects: what cannot be found out within seconds is `undefined`. */
  caller(signal?: AbortSignal): Promise<CallerIdentity>;
}

/**
 * A user pool, through the AWS SDK. The SDK's own retries are off, because they would count against the quota without being
 * counted here.
 * @throws {@link ConfigurationError}
 */
export function createUserDirectory(options: UserDirectoryOptions): IdentifiedDirectory {
  const connection = connect(options);
  const { userPoolId, client, call } = connection;
  const {
    describePool: describe,
    listClientIds,
    describeClient,
    listProviderNames,
    describeProvider,
  } = configurationCalls(connection);
  const pool = { UserPoolId: userPoolId };
  let account: string | undefined;
  const describePool = async (signal?: AbortSignal) => {
    const described = await describe(signal);
    account = accountOf(described.Arn);
    return described;
  };
  return {
    userPoolId,
    caller: async (signal) => {
      const caller = await connection.caller(signal);
      if (caller?.account === undefined && account === undefined) {
        const limit = { timeoutMs: ACCOUNT_MS, ...(signal === undefined ? {} : { ending: signal }) };
        await withTimeLimit(limit, describePool).catch(() => undefined);
      }
      // A pool can only be called with credentials of its own account.
      return { account: caller?.account ?? account, arn: caller?.arn };
    },
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
        { withToken: token !== undefined, aboutUser: username !== undefined },
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
