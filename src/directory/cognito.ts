import {
  AdminDeleteUserAttributesCommand,
  AdminUpdateUserAttributesCommand,
  CognitoIdentityProviderClient,
  DescribeIdentityProviderCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListIdentityProvidersCommand,
  ListUserPoolClientsCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { checkKeys, checkNumber, checkString, refuse } from '../options.js';
import { toAppClient, toItems, toPoolDescription, toToken, toUserPage } from './answers.js';
import { toDirectoryError } from './failures.js';
import type { UserDirectory } from './types.js';

/** Where a pool is and how to sign calls to it. What is omitted is found as by the AWS CLI. */
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
  /** Time limit of one call in milliseconds, 1 to 120 000. @defaultValue 10000 */
  readonly timeoutMs?: number;
}

/** The largest page ListUsers gives. */
const PAGE_SIZE = 60;

/**
 * A user pool behind AWS's SDK, which is told never to repeat a call by itself: its attempts would count against the quota
 * unseen.
 * @throws {@link ConfigurationError}
 */
export function createUserDirectory(options: UserDirectoryOptions): UserDirectory {
  const { userPoolId, timeoutMs, ...where } = checkOptions(options);
  const client = new CognitoIdentityProviderClient({
    ...connection(where),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 5000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  });
  const pool = { UserPoolId: userPoolId };

  async function call<T>(
    operation: string,
    signal: AbortSignal | undefined,
    send: (http: { abortSignal?: AbortSignal }) => Promise<T>,
    about: { withToken?: boolean; aboutUser?: boolean } = {},
  ): Promise<T> {
    try {
      return await send(signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toDirectoryError(operation, userPoolId, error, about);
    }
  }

  return {
    userPoolId,
    listUsers: ({ subPrefix, token, signal } = {}) =>
      call(
        'ListUsers',
        signal,
        async (http) => {
          const command = new ListUsersCommand({
            ...pool,
            Limit: PAGE_SIZE,
            ...(subPrefix === undefined ? {} : { Filter: `sub ^= "${subPrefix.replace(/["\\]/g, '\\$&')}"` }),
            ...(token === undefined ? {} : { PaginationToken: token }),
          });
          return toUserPage(await client.send(command, http));
        },
        { withToken: token !== undefined },
      ),
    updateAttributes: (username, attributes, signal) =>
      call(
        'AdminUpdateUserAttributes',
        signal,
        async (http) => {
          const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
          await client.send(
            new AdminUpdateUserAttributesCommand({ ...pool, Username: username, UserAttributes }),
            http,
          );
        },
        { aboutUser: true },
      ),
    deleteAttributes: (username, names, signal) =>
      call(
        'AdminDeleteUserAttributes',
        signal,
        async (http) => {
          const UserAttributeNames = [...names];
          await client.send(
            new AdminDeleteUserAttributesCommand({ ...pool, Username: username, UserAttributeNames }),
            http,
          );
        },
        { aboutUser: true },
      ),
    describePool: (signal) =>
      call('DescribeUserPool', signal, async (http) =>
        toPoolDescription(await client.send(new DescribeUserPoolCommand(pool), http)),
      ),
    listClientIds: (token, signal) =>
      call('ListUserPoolClients', signal, async (http) => {
        const next = token === undefined ? {} : { NextToken: token };
        const page = await client.send(
          new ListUserPoolClientsCommand({ ...pool, MaxResults: PAGE_SIZE, ...next }),
          http,
        );
        const ids = page.UserPoolClients?.map((one) => one.ClientId);
        return {
          items: toItems('ListUserPoolClients', ids),
          nextToken: toToken('ListUserPoolClients', page.NextToken),
        };
      }),
    describeClient: (clientId, signal) =>
      call('DescribeUserPoolClient', signal, async (http) => {
        const answer = await client.send(new DescribeUserPoolClientCommand({ ...pool, ClientId: clientId }), http);
        return toAppClient(clientId, answer.UserPoolClient);
      }),
    listProviderNames: (token, signal) =>
      call('ListIdentityProviders', signal, async (http) => {
        const next = token === undefined ? {} : { NextToken: token };
        const page = await client.send(
          new ListIdentityProvidersCommand({ ...pool, MaxResults: PAGE_SIZE, ...next }),
          http,
        );
        const names = page.Providers?.map((one) => one.ProviderName);
        return {
          items: toItems('ListIdentityProviders', names),
          nextToken: toToken('ListIdentityProviders', page.NextToken),
        };
      }),
    describeProvider: (name, signal) =>
      call('DescribeIdentityProvider', signal, async (http) => {
        const answer = await client.send(new DescribeIdentityProviderCommand({ ...pool, ProviderName: name }), http);
        return { name, mappedAttributes: Object.keys(answer.IdentityProvider?.AttributeMapping ?? {}) };
      }),
    close: () => client.destroy(),
  };
}

interface CheckedOptions {
  readonly userPoolId: string;
  readonly timeoutMs: number;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly roleArn: string | undefined;
  readonly endpoint: string | undefined;
}

function checkOptions(options: UserDirectoryOptions): CheckedOptions {
  const known = ['userPoolId', 'region', 'profile', 'roleArn', 'endpoint', 'timeoutMs'] as const;
  checkKeys('', options, known);
  const optional = (name: 'region' | 'profile' | 'roleArn' | 'endpoint') =>
    options[name] === undefined ? undefined : checkString(name, options[name]);
  const endpoint = optional('endpoint');
  if (endpoint !== undefined && !/^https?:\/\/[^/]/.test(endpoint)) refuse('endpoint', 'an http(s) address', endpoint);
  return {
    userPoolId: checkString('userPoolId', options.userPoolId),
    timeoutMs: checkNumber('timeoutMs', options.timeoutMs, { min: 1, max: 120_000, integer: true, fallback: 10_000 }),
    region: optional('region') ?? regionOf(options.userPoolId),
    profile: optional('profile'),
    roleArn: optional('roleArn'),
    endpoint,
  };
}

/** The Region that an AWS pool id begins with; `undefined` for the ids of emulators. */
function regionOf(userPoolId: string): string | undefined {
  return /^([a-z]{2,4}(?:-[a-z]+)+-\d+)_[A-Za-z0-9]+$/.exec(userPoolId)?.[1];
}

function connection({ region, profile, roleArn, endpoint }: Omit<CheckedOptions, 'userPoolId' | 'timeoutMs'>) {
  const base = profile === undefined ? undefined : fromNodeProviderChain({ profile });
  const assumed =
    roleArn === undefined
      ? undefined
      : fromTemporaryCredentials({
          params: { RoleArn: roleArn, RoleSessionName: 'cognito-cutover' },
          ...(base === undefined ? {} : { masterCredentials: base }),
          ...(region === undefined ? {} : { clientConfig: { region } }),
        });
  const credentials = assumed ?? base;
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
