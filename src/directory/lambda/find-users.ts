import type { UserType } from '@aws-sdk/client-cognito-identity-provider';
import { toAttributes, toToken } from '../answers.js';
import { items } from '../pages.js';
import { paginatedFrom, quoted } from '../requests.js';
import type { PoolClient } from './pool-client.js';
import type { PoolUser, SearchField } from './trigger-pools.js';

/** Every user that ListUsers finds. Unlike AdminGetUser, it makes no user monthly active. */
export async function findPoolUsers(
  pool: PoolClient,
  field: SearchField,
  value: string,
  signal: AbortSignal,
): Promise<readonly PoolUser[]> {
  const Filter = `${field} = ${quoted(value)}`;
  const list = (token: string | undefined) =>
    pool.run('ListUsers', signal, async ({ client, sdk, options }) => {
      const command = new sdk.ListUsersCommand({ UserPoolId: pool.userPoolId, Filter, ...paginatedFrom(token) });
      const { Users = [], PaginationToken } = await client.send(command, options);
      return { items: Users.map(toPoolUser), nextToken: toToken('ListUsers', PaginationToken) };
    });
  const found: PoolUser[] = [];
  for await (const user of items(pool, list)) found.push(user);
  return found;
}

function toPoolUser(user: UserType): PoolUser {
  const attributes = toAttributes('ListUsers', user.Attributes);
  return {
    username: user.Username ?? '',
    sub: attributes['sub'],
    attributes,
    status: user.UserStatus ?? 'UNKNOWN',
    enabled: user.Enabled === true,
  };
}
