import { type Clock, systemClock } from '../../clock.js';
import { toAttributes, unexpected } from '../answers.js';
import { isTokenRefused } from '../failures.js';
import { DirectoryError } from '../user-types.js';
import { PoolClient, type PoolConnection } from './pool-client.js';

/** The sessions of a pool, as the pool itself judges them. */
export interface SessionGateway {
  /**
   * The `sub` of the user whose access token this is; `undefined` if the pool refuses it: signed out, revoked, expired, or its user was
   * disabled or deleted. Rejects if the answer is not known.
   */
  ownerOf(accessToken: string, signal: AbortSignal): Promise<string | undefined>;
}

/** Asks GetUser, which takes the token for a permission: no AWS credentials are needed, and the role gets none. */
export function createSessionGateway(
  userPoolId: string,
  connection: Pick<PoolConnection, 'region' | 'endpoint'>,
  clock: Clock = systemClock,
): SessionGateway {
  const pool = new PoolClient(userPoolId, connection, clock);
  return {
    async ownerOf(accessToken, signal) {
      try {
        return await pool.run('GetUser', signal, async ({ client, sdk, options }) => {
          const { UserAttributes } = await client.send(new sdk.GetUserCommand({ AccessToken: accessToken }), options);
          return toAttributes('GetUser', UserAttributes)['sub'] || unexpected('GetUser', 'no sub');
        });
      } catch (error) {
        const isDeleted = error instanceof DirectoryError && error.kind === 'user-not-found';
        if (isDeleted || isTokenRefused(error)) return undefined;
        throw error;
      }
    },
  };
}
