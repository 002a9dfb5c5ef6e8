import {
  DescribeIdentityProviderCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListGroupsCommand,
  ListIdentityProvidersCommand,
  ListUserPoolClientsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toItems, toPage, unexpected } from '../answers.js';
import { from, PAGE_SIZE } from '../requests.js';
import type { Connection } from './connect.js';

/** The calls about a pool's configuration that several adapters make. Results are Cognito's own answers. */
export function configurationCalls({ userPoolId, client, call }: Connection) {
  const pool = { UserPoolId: userPoolId };
  return {
    describePool: (signal?: AbortSignal) =>
      call('DescribeUserPool', signal, async (http) => {
        const { UserPool } = await client.send(new DescribeUserPoolCommand(pool), http);
        return UserPool ?? unexpected('DescribeUserPool', 'no pool');
      }),
    listClientIds: (token?: string, signal?: AbortSignal) =>
      call(
        'ListUserPoolClients',
        signal,
        async (http) => {
          const command = new ListUserPoolClientsCommand({ ...pool, MaxResults: PAGE_SIZE, ...from(token) });
          const { UserPoolClients, NextToken } = await client.send(command, http);
          const ids = UserPoolClients?.map((one) => one?.ClientId);
          return toPage('ListUserPoolClients', toItems('ListUserPoolClients', ids), NextToken);
        },
        { withToken: token !== undefined },
      ),
    describeClient: (clientId: string, signal?: AbortSignal) =>
      call('DescribeUserPoolClient', signal, async (http) => {
        const command = new DescribeUserPoolClientCommand({ ...pool, ClientId: clientId });
        const { UserPoolClient } = await client.send(command, http);
        return UserPoolClient ?? unexpected('DescribeUserPoolClient', 'no app client');
      }),
    listProviderNames: (token?: string, signal?: AbortSignal) =>
      call(
        'ListIdentityProviders',
        signal,
        async (http) => {
          const command = new ListIdentityProvidersCommand({ ...pool, MaxResults: PAGE_SIZE, ...from(token) });
          const { Providers, NextToken } = await client.send(command, http);
          const names = Providers?.map((one) => one?.ProviderName);
          return toPage('ListIdentityProviders', toItems('ListIdentityProviders', names), NextToken);
        },
        { withToken: token !== undefined },
      ),
    describeProvider: (name: string, signal?: AbortSignal) =>
      call('DescribeIdentityProvider', signal, async (http) => {
        const command = new DescribeIdentityProviderCommand({ ...pool, ProviderName: name });
        const { IdentityProvider } = await client.send(command, http);
        return IdentityProvider ?? unexpected('DescribeIdentityProvider', 'no identity provider');
      }),
    listGroups: (token?: string, signal?: AbortSignal) =>
      call(
        'ListGroups',
        signal,
        async (http) => {
          const command = new ListGroupsCommand({ ...pool, Limit: PAGE_SIZE, ...from(token) });
          const { Groups, NextToken } = await client.send(command, http);
          return toPage('ListGroups', Groups, NextToken);
        },
        { withToken: token !== undefined },
      ),
  };
}
