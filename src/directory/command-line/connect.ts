import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { PoolSide } from '../../errors.js';
import { checkKeys, checkNumber, checkString, refuse } from '../../options.js';
import { toDirectoryError } from '../failures.js';
import { type CallerIdentity, type CallPlace, isExpiry } from '../user-types.js';
import { askCaller } from './caller.js';

/** Long enough for a second packet after a lost one, and twice of it ends within the patience at the start of a run. */
const CONNECTION_MS = 3_500;

/** The limit until something has answered at the address: whoever mistyped it should know after two attempts. */
const FIRST_ANSWER_MS = 3_500;

/** What has worked in this process. The adapters of one pool, and of pools in one Region, have a connection each. */
const proven = { addresses: new Set<string>(), credentials: new Set<string>() };

/** Operations that answer `ResourceNotFoundException` only if the pool itself is missing. */
const ABOUT_THE_POOL = ['DescribeUserPool', 'ListUsers'];

/** Where a pool is and how to sign calls to it. Omitted values are found as the AWS CLI finds them. */
export interface UserDirectoryOptions {
  readonly userPoolId: string;
  /** @defaultValue the Region in the pool id, then the profile's or the environment's */
  readonly region?: string;
  /** Profile of the shared AWS configuration. Default: the SDK's default chain. */
  readonly profile?: string;
  /** Role to assume with the credentials found. Default: none. */
  readonly roleArn?: string;
  /** Address of an emulator or a VPC endpoint. Default: AWS's own. */
  readonly endpoint?: string;
  /** Which pool of a migration it is, so that the messages of failures name the right options. */
  readonly side?: PoolSide;
  /** Time limit of one call in milliseconds, 1 to 120 000. @defaultValue 10000 */
  readonly timeoutMs?: number;
}

/** What is needed to classify a failure. */
interface About {
  readonly withToken?: boolean;
  readonly aboutUser?: boolean;
}

/** One pool and the SDK client for it. */
export interface Connection {
  readonly userPoolId: string;
  readonly client: CognitoIdentityProviderClient;
  /** One attempt of one call. @throws {@link DirectoryError}, or the signal's reason */
  call<T>(
    operation: string,
    signal: AbortSignal | undefined,
    send: (http: HttpOptions) => Promise<T>,
    about?: About,
  ): Promise<T>;
  /** Whose credentials these are; `undefined` if that cannot be found out within seconds. */
  caller(signal?: AbortSignal): Promise<CallerIdentity | undefined>;
}

interface HttpOptions {
  readonly abortSignal?: AbortSignal;
  readonly requestTimeout?: number;
}

/**
 * The SDK's client of a pool, told never to repeat a call by itself: its attempts would count against the quota unseen.
 * @throws {@link ConfigurationError}
 */
export function connect(options: UserDirectoryOptions): Connection {
  const { userPoolId, timeoutMs, side, ...where } = checkOptions(options);
  const { profile, endpoint } = where;
  const client = new CognitoIdentityProviderClient({
    ...address(where),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_MS, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
  const sentTo = recordAddress(client);
  const source = JSON.stringify([profile, where.roleArn]);
  const caller = (signal?: AbortSignal) => askCaller(client, endpoint, signal);
  const place = async (operation: string, exception: string): Promise<CallPlace> => {
    const isMissing = exception === 'ResourceNotFoundException' && ABOUT_THE_POOL.includes(operation);
    return {
      ...{ userPoolId, side, profile, endpoint, address: sentTo() },
      answered: proven.addresses.has(sentTo()),
      accepted: proven.credentials.has(source),
      region: where.region ?? (await client.config.region().catch(() => undefined)),
      account: isMissing ? (await caller())?.account : undefined,
    };
  };
  return {
    userPoolId,
    client,
    caller,
    call: async (operation, signal, send, about = {}) => {
      try {
        const answer = await send({
          ...(signal === undefined ? {} : { abortSignal: signal }),
          ...(proven.addresses.has(sentTo()) ? {} : { requestTimeout: Math.min(timeoutMs, FIRST_ANSWER_MS) }),
        });
        proven.addresses.add(sentTo());
        proven.credentials.add(source);
        return answer;
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        const failure = toDirectoryError(operation, userPoolId, error, about);
        failure.place ??= await place(operation, failure.exception);
        // The client caches credentials, and the SDK caches the files that contain them: the next attempt looks for them again.
        if (isExpiry(failure)) {
          const renewed = credentials(where, { ignoreCache: true });
          // The setter converts the value to the type that it declares.
          client.config.credentials = renewed as typeof client.config.credentials;
        }
        throw failure;
      }
    },
  };
}

/** Where the client sends its calls, as it resolves that itself: from options, the environment or a profile. */
function recordAddress(client: CognitoIdentityProviderClient): () => string {
  let sentTo = '';
  client.middlewareStack.add(
    (next) => async (args) => {
      const { protocol, hostname, port } = args.request as { protocol: string; hostname: string; port?: number };
      sentTo = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
      return next(args);
    },
    { step: 'finalizeRequest' },
  );
  return () => sentTo;
}

interface CheckedOptions {
  readonly userPoolId: string;
  readonly timeoutMs: number;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
  readonly endpoint: string | undefined;
  readonly side: PoolSide | undefined;
}

function checkOptions(options: UserDirectoryOptions): CheckedOptions {
  const known = ['userPoolId', 'region', 'profile', 'roleArn', 'endpoint', 'side', 'timeoutMs'] as const;
  checkKeys('', options, known);
  const optional = (name: 'region' | 'profile' | 'roleArn' | 'endpoint') =>
    options[name] === undefined ? undefined : checkString(name, options[name]);
  const endpoint = optional('endpoint');
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) refuse('endpoint', 'an http(s) address', endpoint);
  if (endpoint === undefined) checkEnvironment();
  return {
    userPoolId: checkString('userPoolId', options.userPoolId),
    timeoutMs: checkNumber('timeoutMs', options.timeoutMs, { min: 1, max: 120_000, integer: true, fallback: 10_000 }),
    region: optional('region') ?? regionOf(options.userPoolId),
    profile: optional('profile'),
    roleArn: optional('roleArn'),
    endpoint,
    side: options.side,
  };
}

/** Where the SDK looks for an address that no option names. */
const ADDRESS_VARIABLES = ['AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER', 'AWS_ENDPOINT_URL'];

/** The SDK would print what it cannot use, and a stack trace, on standard error. */
function checkEnvironment(): void {
  const { env } = process;
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] === 'true') return;
  for (const name of ADDRESS_VARIABLES) {
    const given = env[name];
    if (given && !(URL.canParse(given) && /^https?:$/.test(new URL(given).protocol))) {
      refuse(name, 'an http(s) address', given);
    }
  }
}

/** The Region at the beginning of an AWS pool id; `undefined` for ids of emulators. */
function regionOf(userPoolId: string): string | undefined {
  return /^([a-z]{2,4}(?:-[a-z]+)+-\d+)_[A-Za-z0-9]+$/.exec(userPoolId)?.[1];
}

type Where = Omit<CheckedOptions, 'userPoolId' | 'timeoutMs' | 'side'>;

/**
 * What a client of another AWS service needs to make its calls in the Region and with the credentials of a pool. The endpoint is Cognito's
 * alone.
 * @throws {@link ConfigurationError}
 */
export function besidePool(options: UserDirectoryOptions) {
  const { timeoutMs, ...where } = checkOptions(options);
  return {
    ...address({ ...where, endpoint: undefined }),
    requestHandler: { connectionTimeout: CONNECTION_MS, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  };
}

function address(where: Where) {
  const { region, profile, roleArn, endpoint } = where;
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    // Otherwise the SDK's own default chain.
    ...(profile === undefined && roleArn === undefined ? {} : { credentials: credentials(where) }),
  };
}

/** The SDK would warn, on standard error, that keys in the environment stand beside a profile. The option decides which of them is used. */
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function credentials({ region, profile, roleArn }: Where, how: { readonly ignoreCache?: true } = {}) {
  const base = fromNodeProviderChain({ ...(profile === undefined ? {} : { profile, logger: QUIET }), ...how });
  if (roleArn === undefined) return base;
  return fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: 'cognito-cutover' },
    ...(profile === undefined && how.ignoreCache === undefined ? {} : { masterCredentials: base }),
    clientConfig: {
      ...(region === undefined ? {} : { region }),
      // A private network may have an endpoint for Cognito and none for the security token service.
      requestHandler: {
        connectionTimeout: CONNECTION_MS,
        requestTimeout: FIRST_ANSWER_MS,
        throwOnRequestTimeout: true,
      },
      maxAttempts: 1,
    },
  });
}
