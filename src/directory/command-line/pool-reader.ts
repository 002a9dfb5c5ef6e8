import {
  DescribeIdentityProviderCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetProvisionedLimitCommand,
  GetUserPoolMfaConfigCommand,
  ListGroupsCommand,
  ListIdentityProvidersCommand,
  ListResourceServersCommand,
  ListUserPoolClientsCommand,
  ListUserPoolReplicasCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toItems, toToken } from '../answers.js';
import type { PoolReader } from '../pool-types.js';
import { DirectoryError, type Page } from '../user-types.js';
import { connect, type UserDirectoryOptions } from './connect.js';

/** The largest pages there are. */
const PAGE_SIZE = 60;
const RESOURCE_SERVER_PAGE_SIZE = 50;

/**
 * The configuration of a user pool behind AWS's SDK. Needs read permissions only.
 * @throws {@link ConfigurationError}
 */
export function createPoolReader(options: UserDirectoryOptions): PoolReader {
  const { userPoolId, client, call } = connect(options);
  const pool = { UserPoolId: userPoolId };
  const from = (token: string | undefined) => (token === undefined ? {} : { NextToken: token });
  return {
    userPoolId,
    region: () => client.config.region(),
    describePool: (signal) =>
      call('DescribeUserPool', signal, async (http) => {
        const { UserPool } = await client.send(new DescribeUserPoolCommand(pool), http);
        return UserPool ?? absent('DescribeUserPool');
      }),
    mfaConfig: (signal) =>
      call('GetUserPoolMfaConfig', signal, (http) => client.send(new GetUserPoolMfaConfigCommand(pool), http)),
    listClientIds: (token, signal) =>
      call('ListUserPoolClients', signal, async (http) => {
        const command = new ListUserPoolClientsCommand({ ...pool, MaxResults: PAGE_SIZE, ...from(token) });
        const { UserPoolClients, NextToken } = await client.send(command, http);
        const ids = UserPoolClients?.map(({ ClientId }) => ClientId);
        return page('ListUserPoolClients', toItems('ListUserPoolClients', ids), NextToken);
      }),
    describeClient: (clientId, signal) =>
      unlessGone(() =>
        call('DescribeUserPoolClient', signal, async (http) => {
          const command = new DescribeUserPoolClientCommand({ ...pool, ClientId: clientId });
          const { UserPoolClient } = await client.send(command, http);
          return UserPoolClient ?? absent('DescribeUserPoolClient');
        }),
      ),
    listProviderNames: (token, signal) =>
      call('ListIdentityProviders', signal, async (http) => {
        const command = new ListIdentityProvidersCommand({ ...pool, MaxResults: PAGE_SIZE, ...from(token) });
        const { Providers, NextToken } = await client.send(command, http);
        const names = Providers?.map(({ ProviderName }) => ProviderName);
        return page('ListIdentityProviders', toItems('ListIdentityProviders', names), NextToken);
      }),
    describeProvider: (name, signal) =>
      unlessGone(() =>
        call('DescribeIdentityProvider', signal, async (http) => {
          const command = new DescribeIdentityProviderCommand({ ...pool, ProviderName: name });
          const { IdentityProvider } = await client.send(command, http);
          return IdentityProvider ?? absent('DescribeIdentityProvider');
        }),
      ),
    listResourceServers: (token, signal) =>
      call('ListResourceServers', signal, async (http) => {
        const size = { MaxResults: RESOURCE_SERVER_PAGE_SIZE };
        const answer = await client.send(new ListResourceServersCommand({ ...pool, ...size, ...from(token) }), http);
        return page('ListResourceServers', answer.ResourceServers, answer.NextToken);
      }),
    listGroups: (token, signal) =>
      call('ListGroups', signal, async (http) => {
        const { Groups, NextToken } = await client.send(
          new ListGroupsCommand({ ...pool, Limit: PAGE_SIZE, ...from(token) }),
          http,
        );
        return page('ListGroups', Groups, NextToken);
      }),
    listReplicas: (token, signal) =>
      call('ListUserPoolReplicas', signal, async (http) => {
        const command = new ListUserPoolReplicasCommand({ ...pool, ...from(token) });
        const { UserPoolReplicas, NextToken } = await client.send(command, http);
        return page('ListUserPoolReplicas', UserPoolReplicas, NextToken);
      }),
    quota: (category, signal) =>
      unless('InvalidParameterException', () =>
        call('GetProvisionedLimit', signal, async (http) => {
          const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: category } } as const;
          const { Limit } = await client.send(new GetProvisionedLimitCommand({ LimitDefinition }), http);
          return Limit ?? absent('GetProvisionedLimit');
        }),
      ),
    close: () => client.destroy(),
  };
}

function page<T>(operation: string, items: readonly T[] | undefined, token: string | undefined): Page<T> {
  return { items: items ?? absent(operation), nextToken: toToken(operation, token) };
}

function absent(operation: string): never {
  throw new DirectoryError('answer', operation, 'UnexpectedAnswer', `${operation} answered with nothing`);
}

/** Clients and providers may be deleted after they were listed. */
const unlessGone = <T>(call: () => Promise<T>): Promise<T | undefined> => unless('ResourceNotFoundException', call);

async function unless<T>(exception: string, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DirectoryError && error.exception === exception) return undefined;
    throw error;
  }
}
