import { toAttributes } from '../answers.js';
import type { PoolClient } from './pool-client.js';
import type { LegacyUser } from './trigger-pools.js';

/** The user that AdminGetUser finds, with their second factors; `undefined` only if the user does not exist. */
export function getPoolUser(pool: PoolClient, username: string, signal: AbortSignal): Promise<LegacyUser | undefined> {
  return pool.run('AdminGetUser', signal, async ({ client, sdk, options }) => {
    try {
      const user = await client.send(
        new sdk.AdminGetUserCommand({ UserPoolId: pool.userPoolId, Username: username }),
        options,
      );
      const attributes = toAttributes('AdminGetUser', user.UserAttributes);
      return {
        username: user.Username ?? username,
        sub: attributes['sub'],
        attributes,
        status: user.UserStatus ?? 'UNKNOWN',
        enabled: user.Enabled === true,
        // Before UserMFASettingList existed, SMS was set up in MFAOptions.
        factors: [...(user.UserMFASettingList ?? []), ...((user.MFAOptions ?? []).length > 0 ? ['SMS_MFA'] : [])],
      };
    } catch (error) {
      if (error instanceof sdk.UserNotFoundException) return undefined;
      throw error;
    }
  });
}
