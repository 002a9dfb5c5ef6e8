import type { Clock } from '../../../clock.js';
import { ConfigurationError } from '../../../errors.js';
import { cached } from '../../../legacy-id/cached.js';
import { guarded } from '../../../legacy-id/guarded.js';
import { chain, type LegacyIdResolver } from '../../../legacy-id/resolver.js';
import { storeResolver } from '../../../legacy-id/store.js';
import { isSystemError } from '../../../migrate/files/system-error.js';
import { defined } from '../../options/common.js';
import type { LegacyIdSource } from '../../options/verifier-options.js';
import { connectDynamoDb, keepRedisConnected } from '../../store-connection.js';

const OPTION = 'legacyId.resolve';

export interface SourcesOptions {
  /** For the calls of Cognito; profile and role for `AdminGetUser` alone, which needs credentials. */
  readonly newPool: {
    readonly userPoolId: string;
    readonly region: string | undefined;
    readonly profile: string | undefined;
    readonly roleArn: string | undefined;
    readonly endpoint: string | undefined;
  };
  readonly attribute: string | undefined;
  readonly clock: Clock;
  readonly onTrouble: (what: string, error: Error | undefined) => void;
  /** What to do when the server ends. */
  readonly onEnd: (close: () => void) => void;
}

/**
 * A resolver that asks all sources in their order. Those across the network are cached and guarded, and may be unreachable now.
 *
 * @throws ConfigurationError where a file cannot be used, or a package is not installed
 */
export async function openLegacyIdSources(
  sources: readonly LegacyIdSource[],
  options: SourcesOptions,
): Promise<LegacyIdResolver | undefined> {
  const resolvers: LegacyIdResolver[] = [];
  for (const source of sources) resolvers.push(await open(source, options));
  const [only] = resolvers;
  return resolvers.length > 1 ? chain(...resolvers) : only;
}

async function open(source: LegacyIdSource, options: SourcesOptions): Promise<LegacyIdResolver> {
  const { clock, onEnd } = options;
  if (source === 'AdminGetUser' || source === 'GetUser') {
    const { adminGetUserResolver, getUserResolver } = await import('../../../legacy-id/cognito.js');
    const { userPoolId, region, profile, roleArn, endpoint } = options.newPool;
    const { attribute } = options;
    if (source === 'GetUser') return getUserResolver({ userPoolId, ...defined({ region, endpoint, attribute }) });
    const { connect } = await import('../../../directory/command-line/connect.js');
    const { client } = connect({ userPoolId, ...defined({ region, profile, roleArn, endpoint }) });
    onEnd(() => client.destroy());
    return adminGetUserResolver({ userPoolId, client, ...defined({ attribute }) });
  }
  if (source.kind === 'file') return storeResolver(await openFile(source.name, options));
  if (source.kind === 'dynamodb') {
    const client = await connectDynamoDb(OPTION, source);
    onEnd(() => client.destroy());
    const { createDynamoDbStore } = await import('../../../legacy-id/dynamodb.js');
    const store = createDynamoDbStore({ tableName: source.tableName, client });
    return cached(guarded(storeResolver(store), { clock }), { clock });
  }
  const client = await keepRedisConnected(OPTION, source);
  onEnd(() => client.destroy());
  const { createRedisStore } = await import('../../../legacy-id/redis.js');
  const store = createRedisStore({ client, ...defined({ keyPrefix: source.keyPrefix }) });
  return cached(guarded(storeResolver(store), { clock }), { clock });
}

async function openFile(path: string, { onTrouble, onEnd }: SourcesOptions) {
  const { openFileStore } = await import('../../../legacy-id/file-store.js');
  try {
    const store = await openFileStore({
      path,
      onEvent: (event) => onTrouble(path, event.type === 'failed' ? event.error : undefined),
    });
    onEnd(() => store.close());
    return store;
  } catch (error) {
    const why = isSystemError(error) ? error.code : error instanceof Error ? error.message : 'unknown';
    throw new ConfigurationError(OPTION, `cannot use ${path} (${why})`, error);
  }
}
