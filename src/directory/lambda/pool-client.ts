import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { type Clock, systemClock } from '../../clock.js';
import { checkString } from '../../options.js';
import { toDirectoryError } from '../failures.js';
import { DirectoryError } from '../user-types.js';
import { retried } from './retried.js';

/** How a Lambda function connects to a user pool. Omitted values are found as the AWS SDK finds them in Lambda. */
export interface PoolConnection {
  /** @defaultValue the Region in the pool id */
  readonly region?: string;
  /** Role to assume, for a pool in another account. Default: the function's own role. */
  readonly roleArn?: string;
  /** External id that the role's trust policy requires. Default: none. */
  readonly externalId?: string;
  /** Address of an emulator or a VPC endpoint. Default: AWS's own. */
  readonly endpoint?: string;
}

export const CONNECTION_KEYS = ['region', 'roleArn', 'externalId', 'endpoint'] as const;

/** @throws {@link ConfigurationError} naming the option below `option` */
export function checkConnection(option: string, connection: PoolConnection): void {
  for (const key of CONNECTION_KEYS) {
    if (connection[key] !== undefined) checkString(`${option}.${key}`, connection[key]);
  }
}

/** Every attempt counts against the pool's quota, and all of them must fit into Cognito's five seconds. */
const ATTEMPTS = 3;

type Sdk = typeof import('@aws-sdk/client-cognito-identity-provider');

interface Loaded {
  readonly sdk: Sdk;
  readonly client: CognitoIdentityProviderClient;
}

/** What is needed to send a command. */
export interface Call extends Loaded {
  readonly options: { readonly abortSignal: AbortSignal };
}

/**
 * The SDK client of one pool, for Lambda functions. Construction starts to load the SDK and does not wait for it, so that it
 * loads during the initialisation of the function. A trigger that needs no pool never loads it.
 */
export class PoolClient {
  readonly userPoolId: string;
  readonly #clock: Clock;
  readonly #loaded: Promise<Loaded>;

  constructor(userPoolId: string, connection: PoolConnection, clock: Clock = systemClock) {
    this.userPoolId = userPoolId;
    this.#clock = clock;
    this.#loaded = load(userPoolId, connection);
    // The first call reports it.
    this.#loaded.catch(() => {});
  }

  /**
   * Sends a call, and retries it if the failure may pass or if `repeats` accepts it.
   * @throws {@link DirectoryError}, which contains no user data, or the signal's reason
   */
  run<T>(
    operation: string,
    signal: AbortSignal,
    send: (call: Call) => Promise<T>,
    repeats?: (error: unknown) => boolean,
  ): Promise<T> {
    const attempt = () => this.once(operation, signal, send);
    return retried(attempt, { clock: this.#clock, signal, attempts: ATTEMPTS, ...(repeats && { repeats }) });
  }

  /** As {@link run}, without retries: the caller retries. */
  async once<T>(operation: string, signal: AbortSignal, send: (call: Call) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await send({ ...(await this.#loaded), options: { abortSignal: signal } });
    } catch (error) {
      signal.throwIfAborted();
      const { kind, exception, message } = toDirectoryError(operation, this.userPoolId, error, { aboutUser: true });
      // Without the cause: it contains the whole request, and so a name or a password.
      throw new DirectoryError(kind, operation, exception, message);
    }
  }
}

async function load(userPoolId: string, connection: PoolConnection): Promise<Loaded> {
  const sdk = await import('@aws-sdk/client-cognito-identity-provider');
  const region = connection.region ?? userPoolId.split('_')[0]!;
  const client = new sdk.CognitoIdentityProviderClient({
    region,
    // Retries of the SDK would multiply with ours.
    maxAttempts: 1,
    ...(connection.endpoint === undefined ? {} : { endpoint: connection.endpoint }),
    ...(connection.roleArn === undefined
      ? {}
      : { credentials: await assumeRole(connection.roleArn, connection, region) }),
  });
  return { sdk, client };
}

async function assumeRole(roleArn: string, { externalId }: PoolConnection, region: string) {
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  return fromTemporaryCredentials({
    params: {
      RoleArn: roleArn,
      RoleSessionName: 'cognito-cutover',
      ...(externalId === undefined ? {} : { ExternalId: externalId }),
    },
    clientConfig: { region },
  });
}
