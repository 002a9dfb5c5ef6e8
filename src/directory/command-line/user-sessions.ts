import {
  AdminListUserSessionsCommand,
  GetUserPoolSessionConfigurationCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { toPage } from '../answers.js';
import { from } from '../requests.js';
import type { Page } from '../user-types.js';
import { connect, type UserDirectoryOptions } from './connect.js';

/** A live session of a user: a refresh token that was issued to an app client, or a sign-in at managed login. */
export interface UserSession {
  /** `undefined` if the answer does not name it. */
  readonly clientId: string | undefined;
  /** The last refresh or sign-in. */
  readonly lastActiveAt: Date | undefined;
}

/**
 * The sessions of a pool's users. As with `UserDirectory`, every method makes one attempt of one call, and every rejection is a
 * `DirectoryError` or the signal's reason.
 */
export interface SessionReader {
  readonly userPoolId: string;
  /** Whether the pool tracks sessions. If it does not, nobody can list them. */
  isTracked(signal?: AbortSignal): Promise<boolean>;
  /** One page of a user's live sessions; those that were revoked or have expired are not among them. */
  sessionsOf(username: string, token?: string, signal?: AbortSignal): Promise<Page<UserSession>>;
  /** Closes connections. */
  close(): void;
}

/**
 * The session tracking of a user pool, through the AWS SDK.
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/managing-user-sessions.html
 * @throws {@link ConfigurationError}
 */
export function createSessionReader(options: UserDirectoryOptions): SessionReader {
  const { userPoolId, client, call } = connect(options);
  const pool = { UserPoolId: userPoolId };
  return {
    userPoolId,
    isTracked: (signal) =>
      call('GetUserPoolSessionConfiguration', signal, async (http) => {
        const answer = await client.send(new GetUserPoolSessionConfigurationCommand(pool), http);
        return answer.UserSessionTracking === 'ENABLED';
      }),
    sessionsOf: (username, token, signal) =>
      call(
        'AdminListUserSessions',
        signal,
        async (http) => {
          const command = new AdminListUserSessionsCommand({ ...pool, Username: username, ...from(token) });
          const { Sessions, NextToken } = await client.send(command, http);
          const sessions = Sessions?.map(({ ClientId, LastActiveDate }) => ({
            clientId: ClientId,
            lastActiveAt: LastActiveDate,
          }));
          return toPage('AdminListUserSessions', sessions, NextToken);
        },
        { aboutUser: true, withToken: token !== undefined },
      ),
    close: () => client.destroy(),
  };
}
