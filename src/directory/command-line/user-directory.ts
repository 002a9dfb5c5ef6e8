import {
  AdminDeleteUserAttributesCommand,
  AdminUpdateUserAttributesCommand,
  DescribeIdentityProviderCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListIdentityProvidersCommand,
  ListUserPoolClientsCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toAppClient, toIdentityProvider, toItems, toPoolDescription, toToken, toUserPage } from '../answers.js';
import type { UserDirectory } from '../user-types.js';
import { connect, type UserDirectoryOptions } from './connect.js';

export type { UserDirectoryOptions } from './connect.js';

/** A value in a filter of ListUsers. */
const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;

/** The largest page ListUsers gives. */
const PAGE_SIZE = 60;

/**
 * A user pool behind AWS's SDK, which is told never to repeat a call by itself: its attempts would count against the quota
 * unseen.
 * @throws {@link ConfigurationError}
 */
export function createUserDirectory(options: UserDirectoryOptions): UserDirectory {
  const { userPoolId, client, call } = connect(options);
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
            ...(token === undefined ? {} : { PaginationToken: token }),
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
    describePool: (signal) =>
      call('DescribeUserPool', signal, async (http) =>
        toPoolDescription(await client.send(new DescribeUserPoolCommand(pool), http)),
      ),
    listClientIds: (token, signal) =>
      call('ListUserPoolClients', signal, async (http) => {
        const next = token === undefined ? {} : { NextToken: token };
        const page = await client.send(
          new ListUserPoolClientsCommand({ ...pool, MaxResults: PAGE_SIZE, ...next }),
          http,
        );
        const ids = page.UserPoolClients?.map((one) => one.ClientId);
        return {
          items: toItems('ListUserPoolClients', ids),
          nextToken: toToken('ListUserPoolClients', page.NextToken),
        };
      }),
    describeClient: (clientId, signal) =>
      call('DescribeUserPoolClient', signal, async (http) => {
        const answer = await client.send(new DescribeUserPoolClientCommand({ ...pool, ClientId: clientId }), http);
        return toAppClient(clientId, answer.UserPoolClient);
      }),
    listProviderNames: (token, signal) =>
      call('ListIdentityProviders', signal, async (http) => {
        const next = token === undefined ? {} : { NextToken: token };
        const page = await client.send(
          new ListIdentityProvidersCommand({ ...pool, MaxResults: PAGE_SIZE, ...next }),
          http,
        );
        const names = page.Providers?.map((one) => one.ProviderName);
        return {
          items: toItems('ListIdentityProviders', names),
          nextToken: toToken('ListIdentityProviders', page.NextToken),
        };
      }),
    describeProvider: (name, signal) =>
      call('DescribeIdentityProvider', signal, async (http) => {
        const answer = await client.send(new DescribeIdentityProviderCommand({ ...pool, ProviderName: name }), http);
        return toIdentityProvider(name, answer.IdentityProvider);
      }),
    close: () => client.destroy(),
  };
}
