import {
  GetProvisionedLimitCommand,
  GetUserPoolMfaConfigCommand,
  ListResourceServersCommand,
  ListUserPoolReplicasCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toPage, unexpected } from '../answers.js';
import type { PoolReader } from '../pool-types.js';
import { from } from '../requests.js';
import { unless } from '../user-types.js';
import { configurationCalls } from './configuration.js';
import { connect, type UserDirectoryOptions } from './connect.js';

/** The largest page size of ListResourceServers. */
const RESOURCE_SERVER_PAGE_SIZE = 50;

/** Clients and providers can be deleted after they were listed. */
const GONE = 'ResourceNotFoundException';

/**
 * The configuration of a user pool, through the AWS SDK. Needs read permissions only.
 * @throws {@link ConfigurationError}
 */
export function createPoolReader(options: UserDirectoryOptions): PoolReader {
  const connection = connect(options);
  const { userPoolId, client, call } = connection;
  const calls = configurationCalls(connection);
  const pool = { UserPoolId: userPoolId };
  return {
    userPoolId,
    region: () => client.config.region(),
    describePool: calls.describePool,
    mfaConfig: (signal) =>
      call('GetUserPoolMfaConfig', signal, (http) => client.send(new GetUserPoolMfaConfigCommand(pool), http)),
    listClientIds: calls.listClientIds,
    describeClient: (clientId, signal) => unless(GONE, calls.describeClient(clientId, signal)),
    listProviderNames: calls.listProviderNames,
    describeProvider: (name, signal) => unless(GONE, calls.describeProvider(name, signal)),
    listResourceServers: (token, signal) =>
      call('ListResourceServers', signal, async (http) => {
        const size = { MaxResults: RESOURCE_SERVER_PAGE_SIZE };
        const answer = await client.send(new ListResourceServersCommand({ ...pool, ...size, ...from(token) }), http);
        return toPage('ListResourceServers', answer.ResourceServers, answer.NextToken);
      }),
    listGroups: calls.listGroups,
    listReplicas: (token, signal) =>
      call('ListUserPoolReplicas', signal, async (http) => {
        const command = new ListUserPoolReplicasCommand({ ...pool, ...from(token) });
        const { UserPoolReplicas, NextToken } = await client.send(command, http);
        return toPage('ListUserPoolReplicas', UserPoolReplicas, NextToken);
      }),
    quota: (category, signal) =>
      unless(
        'InvalidParameterException',
        call('GetProvisionedLimit', signal, async (http) => {
          const LimitDefinition = { LimitClass: 'API_CATEGORY', Attributes: { Category: category } } as const;
          const { Limit } = await client.send(new GetProvisionedLimitCommand({ LimitDefinition }), http);
          return Limit ?? unexpected('GetProvisionedLimit', 'no limit');
        }),
      ),
    close: () => client.destroy(),
  };
}
