import { ConfigurationError } from '../../../errors.js';
import { refuse } from '../../../options.js';

/** Where `publish` puts the mapping. */
export type PublishTarget = FileTarget | DynamoDbTarget | RedisTarget;

interface Target {
  /** For people and the state file: without credentials. */
  readonly name: string;
}

export interface FileTarget extends Target {
  readonly kind: 'file';
}

export interface DynamoDbTarget extends Target {
  readonly kind: 'dynamodb';
  readonly tableName: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

export interface RedisTarget extends Target {
  readonly kind: 'redis';
  readonly url: string;
  readonly keyPrefix: string | undefined;
}

const EXPECTED = 'dynamodb://TABLE?region=REGION, redis://HOST:PORT or a file name that ends in .ndjson';
/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/;

/** @throws ConfigurationError naming `option` */
export function parseTarget(option: string, value: unknown): PublishTarget {
  if (typeof value !== 'string') return refuse(option, EXPECTED, value);
  // Schemes are checked before file endings: a misspelt one must not become a folder.
  if (!/^[A-Za-z][\w+.-]*:\/\//.test(value)) {
    return value.endsWith('.ndjson') ? { kind: 'file', name: value } : refuse(option, EXPECTED, value);
  }
  const url = URL.canParse(value) ? new URL(value) : refuse(option, EXPECTED, value);
  if (url.protocol === 'dynamodb:') return dynamoDbTarget(option, url);
  if (url.protocol === 'redis:' || url.protocol === 'rediss:') return redisTarget(option, url);
  return refuse(option, EXPECTED, `${url.protocol}//…`);
}

function dynamoDbTarget(option: string, url: URL): DynamoDbTarget {
  const { region, endpoint } = parametersOf(option, url, ['region', 'endpoint']);
  const tableName = url.hostname;
  if (!TABLE_NAME.test(tableName)) refuse(option, 'dynamodb:// and the name of a table', tableName);
  const hasMore = url.username !== '' || url.port !== '' || !['', '/'].includes(url.pathname);
  if (hasMore) refuse(option, 'nothing but parameters after the name of the table', url.pathname);
  return { kind: 'dynamodb', name: url.href, tableName, region, endpoint };
}

function redisTarget(option: string, url: URL): RedisTarget {
  const { prefix: keyPrefix } = parametersOf(option, url, ['prefix']);
  const named = new URL(url);
  named.username = '';
  named.password = '';
  url.search = '';
  return { kind: 'redis', name: named.href, url: url.href, keyPrefix };
}

function parametersOf(option: string, url: URL, known: readonly string[]): Record<string, string | undefined> {
  for (const name of url.searchParams.keys()) {
    if (!known.includes(name)) {
      throw new ConfigurationError(option, `unknown parameter ${name}; known are ${known.join(', ')}`);
    }
  }
  return Object.fromEntries(url.searchParams);
}
