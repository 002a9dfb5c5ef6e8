import type { PoolReader } from '../directory/pool-types.js';
import { DirectoryError, type DirectoryUser, type Page } from '../directory/types.js';
import type { Part, PoolSnapshot } from './snapshot.js';
import { StatisticsCollector } from './statistics.js';
import { toClient, toGroup, toMfaSettings, toProvider, toReplica, toResourceServer, toSettings } from './translate.js';

/** A pool to be read. Pacing and repeating are whose that hands it in. */
export interface PoolSource {
  readonly reader: PoolReader;
  /** Sends one call within the quotas, again where a failure may pass. */
  readonly send: <T>(call: () => Promise<T>) => Promise<T>;
  /** Lists every user at least once. `estimatedUsers` is what the pool says it holds, where it does. */
  readonly listUsers: (users: UserSink, estimatedUsers: number | undefined) => Promise<void>;
}

/** Takes listed users. Those that come again are not counted again. */
export interface UserSink {
  add(users: readonly DirectoryUser[]): void;
  /** Which of these `sub`s were added. */
  known(subs: readonly string[]): ReadonlySet<string>;
}

/**
 * Reads a pool: one call for its settings, one for MFA, a page of each list, one per app client and identity provider, and
 * ListUsers. What the caller is not allowed to read, or the endpoint does not offer, is noted as such.
 *
 * @param takenAt milliseconds since the epoch; ages are counted from it
 * @throws {@link DirectoryError} for any other failure
 */
export async function readPool(
  { reader, send, listUsers }: PoolSource,
  takenAt: number,
  signal?: AbortSignal,
): Promise<PoolSnapshot> {
  const all = async <T>(list: (token?: string, signal?: AbortSignal) => Promise<Page<T>>): Promise<T[]> => {
    const items: T[] = [];
    let token: string | undefined;
    do {
      const page = await send(() => list(token, signal));
      items.push(...page.items);
      token = page.nextToken;
    } while (token !== undefined);
    return items;
  };
  const each = async <T>(
    names: readonly string[],
    describe: (name: string, signal?: AbortSignal) => Promise<T | undefined>,
  ): Promise<T[]> => {
    const found: T[] = [];
    for (const name of names) {
      const one = await send(() => describe(name, signal));
      if (one !== undefined) found.push(one);
    }
    return found;
  };

  const settings = await part(async () => toSettings(await send(() => reader.describePool(signal))));
  return {
    userPoolId: reader.userPoolId,
    region: await reader.region(),
    settings,
    mfa: await part(async () => toMfaSettings(await send(() => reader.mfaConfig(signal)))),
    clients: await part(async () => (await each(await all(reader.listClientIds), reader.describeClient)).map(toClient)),
    providers: await part(async () =>
      (await each(await all(reader.listProviderNames), reader.describeProvider)).map(toProvider),
    ),
    resourceServers: await part(async () => (await all(reader.listResourceServers)).map(toResourceServer)),
    groups: await part(async () => (await all(reader.listGroups)).map(toGroup)),
    replicas: await part(async () => (await all(reader.listReplicas)).map(toReplica)),
    users: await part(async () => {
      const collector = new StatisticsCollector(takenAt);
      await listUsers(collector, settings.known === 'yes' ? settings.value.estimatedUsers : undefined);
      return collector.finish();
    }),
  };
}

/** The value, or which permission it takes. */
async function part<T>(read: () => Promise<T>): Promise<Part<T>> {
  try {
    return { known: 'yes', value: await read() };
  } catch (error) {
    const reason = unreadable(error);
    if (reason === undefined) throw error;
    return { known: 'no', permission: `cognito-idp:${reason.operation}`, reason: reason.reason };
  }
}

const DENIED = ['AccessDeniedException', 'AccessDenied', 'NotAuthorizedException'];
/** Emulators lack operations, and so do Regions that a feature has not come to. */
const NOT_SUPPORTED = [
  'UnknownOperationException',
  'UnsupportedOperationException',
  'FeatureUnavailableInTierException',
  'CognitoLocal#Unsupported',
];

/** Why a part stays unknown; `undefined` for failures that concern the whole run. */
function unreadable(error: unknown): { operation: string; reason: 'denied' | 'not-supported' } | undefined {
  if (!(error instanceof DirectoryError)) return undefined;
  const { operation, exception } = error;
  if (DENIED.includes(exception)) return { operation, reason: 'denied' };
  return NOT_SUPPORTED.includes(exception) ? { operation, reason: 'not-supported' } : undefined;
}
