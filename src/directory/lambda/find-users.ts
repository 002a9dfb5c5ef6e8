import type { AttributeType, UserType } from '@aws-sdk/client-cognito-identity-provider';
import { toToken } from '../answers.js';
import { items } from '../pages.js';
import type { PoolClient } from './pool-client.js';
import type { PoolUser, SearchField } from './trigger-pools.js';

export function attributesOf(list: readonly AttributeType[] | undefined): Readonly<Record<string, string>> {
  const entries = (list ?? []).map(({ Name, Value }): [string, string] => [Name ?? '', Value ?? '']);
  return Object.fromEntries(entries);
}

/** Every user that ListUsers finds: it makes nobody monthly active, unlike AdminGetUser. */
export async function findPoolUsers(
  pool: PoolClient,
  field: SearchField,
  value: string,
  signal: AbortSignal,
): Promise<readonly PoolUser[]> {
  const Filter = `${field} = "${value.replace(/["\\]/g, '\\$&')}"`;
  const list = (token: string | undefined) =>
    pool.run('ListUsers', signal, async ({ client, sdk, options }) => {
      const from = token === undefined ? {} : { PaginationToken: token };
      const command = new sdk.ListUsersCommand({ UserPoolId: pool.userPoolId, Filter, ...from });
      const { Users = [], PaginationToken } = await client.send(command, options);
      return { items: Users.map(toPoolUser), nextToken: toToken('ListUsers', PaginationToken) };
    });
  const found: PoolUser[] = [];
  for await (const user of items(pool, list)) found.push(user);
  return found;
}

function toPoolUser(user: UserType): PoolUser {
  const attributes = attributesOf(user.Attributes);
  return {
    username: user.Username ?? '',
    sub: attributes['sub'],
    attributes,
    status: user.UserStatus ?? 'UNKNOWN',
    enabled: user.Enabled === true,
  };
}
