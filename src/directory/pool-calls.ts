import type { AttributeType } from '@aws-sdk/client-cognito-identity-provider';
import type { PoolClient } from './pool-client.js';
import type { PoolUser, SearchField } from './trigger-pools.js';

export function attributesOf(list: readonly AttributeType[] | undefined): Readonly<Record<string, string>> {
  const entries = (list ?? []).map(({ Name, Value }): [string, string] => [Name ?? '', Value ?? '']);
  return Object.fromEntries(entries);
}

/** Every user that ListUsers finds: it makes nobody monthly active, unlike AdminGetUser. */
export async function findPoolUsers(
  pool: PoolClient,
  userPoolId: string,
  field: SearchField,
  value: string,
  signal: AbortSignal,
): Promise<readonly PoolUser[]> {
  const found: PoolUser[] = [];
  let token: string | undefined;
  do {
    const page = await pool.run('ListUsers', signal, ({ client, sdk, options }) =>
      client.send(
        new sdk.ListUsersCommand({
          UserPoolId: userPoolId,
          Filter: `${field} = "${value.replace(/["\\]/g, '\\$&')}"`,
          ...(token === undefined ? {} : { PaginationToken: token }),
        }),
        options,
      ),
    );
    for (const user of page.Users ?? []) {
      const attributes = attributesOf(user.Attributes);
      found.push({
        username: user.Username ?? '',
        sub: attributes['sub'],
        attributes,
        status: user.UserStatus ?? 'UNKNOWN',
        enabled: user.Enabled === true,
      });
    }
    // A page may be empty and still not be the last.
    token = page.PaginationToken;
  } while (token !== undefined);
  return found;
}
