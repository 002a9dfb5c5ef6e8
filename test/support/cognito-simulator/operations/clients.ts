import type {
  DescribeUserPoolClientRequest,
  ListUserPoolClientsRequest,
  UpdateUserPoolClientRequest,
  UserPoolClientType,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidRequest, notFound } from '../errors.js';
import type { Call, Operation } from '../operation.js';
import { pageOf } from '../page-tokens.js';
import type { SimulatedPool } from '../pool.js';
import { wireTimes } from '../users.js';

/** @throws ResourceNotFoundException */
export function namedClient(pool: SimulatedPool, id: string | undefined): UserPoolClientType {
  const client = pool.clients.get(id ?? '');
  if (client === undefined) throw notFound(`User pool client ${id} does not exist.`);
  return client;
}

function list({ input, pool, now }: Call<ListUserPoolClientsRequest>): object {
  const { MaxResults: limit = 60, NextToken: token } = input;
  if (limit > 60) throw invalidRequest('maxResults', 'have value less than or equal to 60');
  const { items, next } = pageOf([...pool.clients.values()], { limit, token, scope: `${pool.id} clients`, now });
  return {
    UserPoolClients: items.map(({ ClientId, ClientName, UserPoolId }) => ({ ClientId, ClientName, UserPoolId })),
    NextToken: next,
  };
}

const describe = ({ input, pool }: Call<DescribeUserPoolClientRequest>): object => ({
  UserPoolClient: wireTimes(namedClient(pool, input.ClientId)),
});

/** What the call leaves out is reset, as in the service: only the name and the secret stay. */
function update({ operation, input, pool }: Call<UpdateUserPoolClientRequest>): object {
  const { ClientName, ClientSecret } = namedClient(pool, input.ClientId);
  const client = { ClientName, ...(ClientSecret === undefined ? {} : { ClientSecret }), ...input };
  pool.clients.set(input.ClientId ?? '', client);
  pool.record(operation, '', {});
  return { UserPoolClient: client };
}

export const clientOperations = {
  ListUserPoolClients: { category: 'UserPoolClientRead', run: list },
  DescribeUserPoolClient: { category: 'UserPoolClientRead', run: describe },
  UpdateUserPoolClient: { category: 'UserPoolClientUpdate', write: true, run: update },
} satisfies Record<string, Operation>;
