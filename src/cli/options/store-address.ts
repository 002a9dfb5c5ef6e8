import { ConfigurationError } from '../../errors.js';
import { refuse } from '../../options.js';
import type { Check } from './option.js';

/** A place that verifiers and commands share: where the mapping is published, where the phases are set, where tokens are counted. */
export type StoreAddress = FileAddress | DynamoDbAddress | RedisAddress;

interface Address {
  /** For people and the state file: without credentials. */
  readonly name: string;
}

export interface FileAddress extends Address {
  readonly kind: 'file';
}

export interface DynamoDbAddress extends Address {
  readonly kind: 'dynamodb';
  readonly tableName: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

export interface RedisAddress extends Address {
  readonly kind: 'redis';
  readonly url: string;
  readonly keyPrefix: string | undefined;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html */
const TABLE_NAME = /^[A-Za-z0-9_.-]{3,255}$/;

/**
 * A check for the address of a store, or the name of a file that ends in `ending`.
 *
 * @throws ConfigurationError naming the option
 */
export function storeAddress(ending: `.${string}`): Check<StoreAddress> {
  const expected = `dynamodb://TABLE?region=REGION, redis://HOST:PORT or a file name that ends in ${ending}`;
  return (option, value) => {
    if (typeof value !== 'string') return refuse(option, expected, value);
    // Schemes are checked before file endings: a misspelt one must not become a folder.
    if (!/^[A-Za-z][\w+.-]*:\/\//.test(value)) {
      return value.endsWith(ending) ? { kind: 'file', name: value } : refuse(option, expected, value);
    }
    const url = URL.canParse(value) ? new URL(value) : refuse(option, expected, value);
    if (url.protocol === 'dynamodb:') return dynamoDbAddress(option, url);
    if (url.protocol === 'redis:' || url.protocol === 'rediss:') return redisAddress(option, url);
    return refuse(option, expected, `${url.protocol}//…`);
  };
}

function dynamoDbAddress(option: string, url: URL): DynamoDbAddress {
  const { region, endpoint } = parametersOf(option, url, ['region', 'endpoint']);
  const tableName = url.hostname;
  if (!TABLE_NAME.test(tableName)) refuse(option, 'dynamodb:// and the name of a table', tableName);
  const hasMore = url.username !== '' || url.port !== '' || !['', '/'].includes(url.pathname);
  if (hasMore) refuse(option, 'nothing but parameters after the name of the table', url.pathname);
  return { kind: 'dynamodb', name: url.href, tableName, region, endpoint };
}

function redisAddress(option: string, url: URL): RedisAddress {
  const { prefix: keyPrefix } = parametersOf(option, url, ['prefix']);
  // The client would throw when it is made, which looks like an outage.
  if (!/^(\/\d*)?$/.test(url.pathname)) refuse(option, 'at most the number of a database after the host', url.pathname);
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
