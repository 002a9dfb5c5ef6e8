import { ConfigurationError } from '../../../errors.js';
import type { BulkStore } from '../../../legacy-id/store.js';
import { GO_ON } from '../../../migrate/calls/repeated.js';
import { MigrationError } from '../../../migrate/migration-error.js';
import { defined } from '../../options/common.js';
import type { DynamoDbTarget, RedisTarget } from './publish-target.js';

/** The store a target names, connected. */
export interface OpenStore {
  readonly store: BulkStore;
  readonly close: () => void;
}

/** @throws ConfigurationError, MigrationError */
export async function openStore(option: string, target: DynamoDbTarget | RedisTarget): Promise<OpenStore> {
  return target.kind === 'dynamodb' ? openDynamoDb(option, target) : openRedis(option, target);
}

async function openDynamoDb(option: string, { tableName, region, endpoint }: DynamoDbTarget): Promise<OpenStore> {
  const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb').catch(
    missing(option, '@aws-sdk/client-dynamodb'),
  );
  const { createDynamoDbStore } = await import('../../../legacy-id/dynamodb.js');
  const client = new DynamoDBClient({ ...defined({ region, endpoint }), maxAttempts: 8 });
  return { store: createDynamoDbStore({ tableName, client }), close: () => client.destroy() };
}

async function openRedis(option: string, { url, name, keyPrefix }: RedisTarget): Promise<OpenStore> {
  const { createClient } = await import('redis').catch(missing(option, 'redis'));
  const { createRedisStore } = await import('../../../legacy-id/redis.js');
  // A lost connection ends the run, which can be repeated. Waiting for it would look like a slow run.
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: false } });
  // The calls report what matters; an 'error' event without a listener would end the process.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    client.destroy();
    throw explainStoreError(option, name, error);
  }
  return { store: createRedisStore({ client, ...defined({ keyPrefix }) }), close: () => client.destroy() };
}

/** Clients of stores are not installed with the script: only those who publish to one need it. */
function missing(option: string, name: string): (error: unknown) => never {
  return (error) => {
    throw new ConfigurationError(option, `needs the package ${name}: npm install ${name}`, error);
  };
}

const CREDENTIALS =
  /^(AccessDenied|CredentialsProviderError|ExpiredToken|InvalidSignature|UnrecognizedClient|NOAUTH|NOPERM|WRONGPASS)/;

/** What a failure of a store means to the person who ran the command. */
export function explainStoreError(option: string, name: string, error: unknown): Error {
  const { name: exception, message } = error instanceof Error ? error : new Error('unknown');
  if (CREDENTIALS.test(exception) || CREDENTIALS.test(message)) {
    return new MigrationError('ERR_CREDENTIALS', `${name}: ${message}`, {
      fix: 'A table needs the permissions dynamodb:BatchWriteItem and dynamodb:GetItem; Redis needs GET, SET and DEL.',
      cause: error,
    });
  }
  if (exception === 'ResourceNotFoundException') {
    return new ConfigurationError(
      option,
      `there is no table ${name}; docs/stores.md has a CloudFormation template for it`,
      error,
    );
  }
  if (exception === 'ValidationException') {
    return new ConfigurationError(option, `${name} does not have the layout of docs/stores.md: ${message}`, error);
  }
  if (message === 'Region is missing') {
    return new ConfigurationError(option, `name the Region of the table: ${name}?region=eu-west-1`, error);
  }
  return new MigrationError('ERR_UNAVAILABLE', `${name}: ${message || exception}`, {
    fix: GO_ON,
    cause: error,
  });
}
