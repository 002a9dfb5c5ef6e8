import {
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  GetUserCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { checkString, refuse } from '../options.js';
import { toAttributes } from './answers.js';
import { toDirectoryError } from './failures.js';
import { DirectoryError } from './user-types.js';

export interface UserReaderOptions {
  /** The pool whose users are read. */
  readonly userPoolId: string;
  /** @defaultValue the Region in the pool id */
  readonly region?: string;
  /** Address of an emulator or a VPC endpoint. Default: AWS's own. */
  readonly endpoint?: string;
  /**
   * Your own client, with its credentials. `region` and `endpoint` must then be omitted. Set its `maxAttempts` to 1: retries of
   * the SDK count against the pool's quota.
   */
  readonly client?: CognitoIdentityProviderClient;
}

export const USER_READER_KEYS = ['userPoolId', 'region', 'endpoint', 'client'] as const;

/**
 * Reads single users of a pool: their attributes by name, or `undefined` if the pool has no such user. Each read is one
 * attempt of one call. Rejects with a {@link DirectoryError} or the signal's reason.
 */
export interface UserReader {
  /** By AdminGetUser. */
  byUsername(username: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
  /** By GetUser, with the permissions of the token only: it returns attributes that the token's app client can read. */
  byAccessToken(token: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
}

/** @throws {@link ConfigurationError} */
export function createUserReader(options: UserReaderOptions): UserReader {
  const userPoolId = checkString('userPoolId', options.userPoolId);
  if (options.client !== undefined) {
    if (options.region !== undefined) refuse('region', 'no region when client is given', options.region);
    if (options.endpoint !== undefined) refuse('endpoint', 'no endpoint when client is given', options.endpoint);
  }
  const client = options.client ?? connect(options);

  const read = async (
    operation: string,
    signal: AbortSignal,
    send: () => Promise<{ UserAttributes?: Parameters<typeof toAttributes>[1] }>,
  ) => {
    try {
      return toAttributes(operation, (await send()).UserAttributes);
    } catch (thrown) {
      signal.throwIfAborted();
      const { kind, exception, message } = toDirectoryError(operation, userPoolId, thrown, { aboutUser: true });
      if (kind === 'user-not-found') return undefined;
      // Without the cause: it contains the whole request, and so the user's name or token.
      throw new DirectoryError(kind, operation, exception, message);
    }
  };

  return {
    byUsername: (username, signal) =>
      read('AdminGetUser', signal, () =>
        client.send(new AdminGetUserCommand({ UserPoolId: userPoolId, Username: username }), { abortSignal: signal }),
      ),
    byAccessToken: (token, signal) =>
      read('GetUser', signal, () => client.send(new GetUserCommand({ AccessToken: token }), { abortSignal: signal })),
  };
}

function connect({ userPoolId, region, endpoint }: UserReaderOptions): CognitoIdentityProviderClient {
  return new CognitoIdentityProviderClient({
    region: region === undefined ? (userPoolId.split('_')[0] ?? '') : checkString('region', region),
    ...(endpoint === undefined ? {} : { endpoint: checkString('endpoint', endpoint) }),
    maxAttempts: 1,
  });
}
