import { items } from '../../directory/pages.js';
import type { PoolReader } from '../../directory/pool-types.js';
import { DirectoryError, type DirectoryUser, type Page } from '../../directory/user-types.js';
import { ConfigurationError } from '../../errors.js';
import { type Part, type PoolSnapshot, poolSnapshot } from '../snapshot/pool-snapshot.js';
import { StatisticsCollector } from './statistics.js';
import {
  toClient,
  toGroup,
  toMfaSettings,
  toProvider,
  toQuota,
  toReplica,
  toResourceServer,
  toSettings,
} from './translate.js';

/** The categories of operations that sign-in and migration depend on and whose quota an account can have raised. */
const QUOTA_CATEGORIES = [
  'UserAuthentication',
  'UserFederation',
  'UserToken',
  'ClientAuthentication',
  'UserCreation',
  'UserAccountRecovery',
  'UserRead',
  'UserResourceRead',
];

/** A pool to read. The caller paces and retries. */
export interface PoolSource {
  readonly reader: PoolReader;
  /** Sends one call within the quotas, and retries it if the failure may pass. */
  readonly send: <T>(call: () => Promise<T>) => Promise<T>;
  /** Lists every user at least once. `estimatedUsers` is the pool's own estimate, if it is known. */
  readonly listUsers: (users: UserSink, estimatedUsers: number | undefined) => Promise<void>;
}

/** Receives listed users. A user who is listed again is not counted again. */
interface UserSink {
  add(users: readonly DirectoryUser[]): void;
  /** Which of these `sub`s were added. */
  known(subs: readonly string[]): ReadonlySet<string>;
}

/**
 * Reads a pool: one call for its settings, one for MFA, the pages of each list, one per app client and identity provider, and
 * ListUsers. A part that the caller is not allowed to read, or that the endpoint does not support, is recorded as such.
 *
 * @param takenAt milliseconds since the epoch; ages are counted from it
 * @throws {@link DirectoryError} for any other failure
 */
export async function readPool(
  { reader, send, listUsers }: PoolSource,
  takenAt: number,
  signal?: AbortSignal,
): Promise<PoolSnapshot> {
  // "Not allowed" is an answer: the sender must not retry it as a failure.
  const ask = async <T>(call: () => Promise<T>): Promise<T> => {
    const answer = await send(() => call().catch(unreadable));
    if (answer instanceof Unreadable) throw answer;
    return answer;
  };
  const all = async <T>(list: (token?: string, signal?: AbortSignal) => Promise<Page<T>>): Promise<T[]> => {
    const found: T[] = [];
    for await (const one of items(reader, (token) => ask(() => list(token, signal)))) found.push(one);
    return found;
  };
  const each = async <T>(
    names: readonly string[],
    describe: (name: string, signal?: AbortSignal) => Promise<T | undefined>,
  ): Promise<T[]> => {
    const found: T[] = [];
    for (const name of names) {
      const one = await ask(() => describe(name, signal));
      if (one !== undefined) found.push(one);
    }
    return found;
  };

  const settings = await part(async () => toSettings(await ask(() => reader.describePool(signal))));
  return checked({
    userPoolId: reader.userPoolId,
    region: await reader.region(),
    settings,
    mfa: await part(async () => toMfaSettings(await ask(() => reader.mfaConfig(signal)))),
    clients: await part(async () => (await each(await all(reader.listClientIds), reader.describeClient)).map(toClient)),
    providers: await part(async () =>
      (await each(await all(reader.listProviderNames), reader.describeProvider)).map(toProvider),
    ),
    resourceServers: await part(async () => (await all(reader.listResourceServers)).map(toResourceServer)),
    groups: await part(async () => (await all(reader.listGroups)).map(toGroup)),
    replicas: await part(async () => (await all(reader.listReplicas)).map(toReplica)),
    quotas: await part(async () => (await each(QUOTA_CATEGORIES, reader.quota)).map(toQuota)),
    users: await part(async () => {
      const collector = new StatisticsCollector(takenAt);
      const estimatedUsers = settings.known === 'yes' ? settings.value.estimatedUsers : undefined;
      await listUsers(collector, estimatedUsers).catch((error: unknown) => {
        throw unreadable(error);
      });
      return collector.finish();
    }),
  });
}

/** Answers come from another party: what they hold is checked as strictly as a file is, before anything is concluded from it. */
function checked(pool: PoolSnapshot): PoolSnapshot {
  try {
    return poolSnapshot.check('pool', pool);
  } catch (error) {
    throw error instanceof ConfigurationError ? unfitting(error) : error;
  }
}

/** An answer that is translated to something that no pool has. */
function unfitting(cause: ConfigurationError | TypeError): DirectoryError {
  const where = cause instanceof ConfigurationError ? `: ${cause.option} is not what the API describes` : '';
  const message = `the settings of the pool cannot be read${where}`;
  return new DirectoryError('answer', 'DescribeUserPool', 'UnexpectedAnswer', message, cause);
}

const DENIED = ['AccessDeniedException', 'AccessDenied', 'NotAuthorizedException'];
/** Emulators lack operations, and so do Regions where a feature is not available yet. */
const NOT_SUPPORTED = [
  'UnknownOperationException',
  'UnsupportedOperationException',
  'FeatureUnavailableInTierException',
  'Unsupported',
];

/** Why a part could not be read. */
class Unreadable extends Error {
  constructor(
    readonly permission: string,
    readonly reason: 'denied' | 'not-supported',
  ) {
    super(`${permission} is ${reason}`);
  }
}

/** The reason of a refusal. Any other failure concerns the whole run and is thrown again. */
function unreadable(error: unknown): Unreadable {
  if (!(error instanceof DirectoryError)) throw error;
  const { operation, exception } = error;
  const permission = `cognito-idp:${operation}`;
  if (DENIED.includes(exception)) return new Unreadable(permission, 'denied');
  if (NOT_SUPPORTED.includes(exception)) return new Unreadable(permission, 'not-supported');
  throw error;
}

/** The value, or the permission that is missing. */
async function part<T>(read: () => Promise<T>): Promise<Part<T>> {
  try {
    return { known: 'yes', value: await read() };
  } catch (error) {
    if (error instanceof TypeError) throw unfitting(error);
    if (!(error instanceof Unreadable)) throw error;
    return { known: 'no', permission: error.permission, reason: error.reason };
  }
}
