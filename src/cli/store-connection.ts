import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RedisClientType } from 'redis';
import { ConfigurationError } from '../errors.js';
import { MigrationError } from '../migrate/migration-error.js';
import { defined } from './options/common.js';
import type { DynamoDbAddress, RedisAddress } from './options/store-address.js';

/** What a command needs of a store. */
export interface StoreNeeds {
  /** A sentence: which permissions of a table, which commands of Redis. */
  readonly permissions: string;
  /** The page that has the layout of the table, and a template for it. */
  readonly page: string;
  /** What to do once the store answers again. */
  readonly goOn: string;
}

/** An answer takes milliseconds. Without limits, one that never comes would hold the command for ever; eight attempts take 20 s. */
const DYNAMODB_LIMITS = { connectionTimeout: 3_500, requestTimeout: 2_000, throwOnRequestTimeout: true };

/** @throws ConfigurationError where the package is not installed. Connects at the first call. */
export async function connectDynamoDb(option: string, { region, endpoint }: DynamoDbAddress): Promise<DynamoDBClient> {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb').catch(
    missing(option, '@aws-sdk/client-dynamodb'),
  );
  return new DynamoDBClient({ ...defined({ region, endpoint }), maxAttempts: 8, requestHandler: DYNAMODB_LIMITS });
}

/** A peer that is gone without a word: without an answer to the pings, the connection is given up. */
const PING_MS = 5_000;
const PATIENCE = { connectTimeout: 5_000, socketTimeout: 15_000 };

/**
 * A connection for a server: it connects in the background, again and again, and calls fail at once while there is none.
 *
 * @throws ConfigurationError where the package is not installed
 */
export async function keepRedisConnected(option: string, { url }: RedisAddress): Promise<RedisClientType> {
  const { createClient } = await import('redis').catch(missing(option, 'redis'));
  const socket = {
    ...PATIENCE,
    reconnectStrategy: (retries: number) => Math.min(100 * 2 ** Math.min(retries, 5), 2_000),
  };
  const client = createClient({ url, disableOfflineQueue: true, pingInterval: PING_MS, socket });
  // The calls report what matters; an 'error' event without a listener would end the process.
  client.on('error', () => {});
  client.connect().catch(() => {});
  return client as unknown as RedisClientType;
}

/** @throws ConfigurationError, MigrationError */
export async function connectRedis(
  option: string,
  { url, name }: RedisAddress,
  needs: StoreNeeds,
): Promise<RedisClientType> {
  const { createClient } = await import('redis').catch(missing(option, 'redis'));
  // A lost connection ends the run, which can be repeated. Waiting for it would look like a slow run.
  const socket = { ...PATIENCE, reconnectStrategy: false } as const;
  const client = createClient({ url, disableOfflineQueue: true, pingInterval: PING_MS, socket });
  // The calls report what matters; an 'error' event without a listener would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    client.destroy();
    throw explainStoreError(option, name, error, needs);
  }
  return client as unknown as RedisClientType;
}

/** Clients of stores are not installed with the script: only those who use one need it. */
function missing(option: string, name: string): (error: unknown) => never {
  return (error) => {
    throw new ConfigurationError(option, `needs the package ${name}: npm install ${name}`, error);
  };
}

const CREDENTIALS =
  /^(AccessDenied|CredentialsProviderError|ExpiredToken|InvalidSignature|UnrecognizedClient|NOAUTH|NOPERM|WRONGPASS)/;

/** What a failure of a store means to the person who ran the command. */
export function explainStoreError(option: string, name: string, error: unknown, needs: StoreNeeds): Error {
  if (error instanceof ConfigurationError || error instanceof MigrationError) return error;
  const { permissions, page, goOn } = needs;
  const { name: exception, message } = error instanceof Error ? error : new Error('unknown');
  if (CREDENTIALS.test(exception) || CREDENTIALS.test(message)) {
    return new MigrationError('ERR_CREDENTIALS', `${name}: ${message}`, { fix: permissions, cause: error });
  }
  if (exception === 'ResourceNotFoundException') {
    return new ConfigurationError(
      option,
      `there is no table ${name}; ${page} has a CloudFormation template for it`,
      error,
    );
  }
  if (exception === 'ValidationException') {
    return new ConfigurationError(option, `${name} does not have the layout of ${page}: ${message}`, error);
  }
  if (message === 'Region is missing') {
    return new ConfigurationError(option, `name the Region of the table: ${name}?region=eu-west-1`, error);
  }
  return new MigrationError('ERR_UNAVAILABLE', `${name}: ${message || exception}`, { fix: goOn, cause: error });
}
