import type { Clock } from '../clock.js';
import { MigrationError } from '../migrate/migration-error.js';
import type { DrainStore } from '../operate/drain/drain-types.js';
import { defined } from './options/common.js';
import type { StoreAddress } from './options/store-address.js';
import { connectDynamoDb, connectRedis, keepRedisConnected, type StoreNeeds } from './store-connection.js';

/** Where instances count, connected. */
export interface OpenDrainStores {
  readonly stores: readonly DrainStore[];
  readonly close: () => void;
}

const DRAIN_NEEDS: StoreNeeds = {
  permissions:
    'A table needs the permissions of docs/iam/drain-dynamodb.json; Redis needs the commands of docs/drain.md.',
  page: 'docs/drain.md',
  goOn: 'Nothing was changed. Run the same command again.',
};

export interface DrainStoresOptions {
  /** The option that names the stores. */
  readonly option: string;
  readonly clock: Clock;
  /** For a server that counts: it waits for a store that cannot be reached, and what it writes is kept for the usual time. */
  readonly isServing?: boolean;
}

/** The most that a store keeps. For how long it does, the instances say that write to it. */
const KEEPING = { retentionDays: 3_650 };

/**
 * The stores that addresses name. One that cannot be reached is among them, and cannot be read: whoever reads them must know that it is
 * there.
 *
 * @throws ConfigurationError where a package is not installed
 */
export async function openDrainStores(
  addresses: readonly StoreAddress[],
  options: DrainStoresOptions,
): Promise<OpenDrainStores> {
  const closers: (() => void)[] = [];
  const close = () => {
    for (const one of closers) one();
  };
  try {
    const stores: DrainStore[] = [];
    for (const address of addresses) stores.push(await openDrainStore(address, options, closers));
    return { stores, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function openDrainStore(
  address: StoreAddress,
  { option, clock, isServing = false }: DrainStoresOptions,
  closers: (() => void)[],
): Promise<DrainStore> {
  const { name } = address;
  const keeping = isServing ? {} : KEEPING;
  if (address.kind === 'file') {
    const { createFileDrainStore } = await import('../operate/drain/stores/file-drain-store.js');
    return createFileDrainStore({ path: name, ...keeping });
  }
  if (address.kind === 'dynamodb') {
    const client = await connectDynamoDb(option, address);
    closers.push(() => client.destroy());
    const { createDynamoDbDrainStore } = await import('../operate/drain/stores/dynamodb-drain-store.js');
    return named(name, createDynamoDbDrainStore({ tableName: address.tableName, client, clock, ...keeping }));
  }
  try {
    const client = await (isServing ? keepRedisConnected(option, address) : connectRedis(option, address, DRAIN_NEEDS));
    closers.push(() => client.destroy());
    const { createRedisDrainStore } = await import('../operate/drain/stores/redis-drain-store.js');
    const { keyPrefix } = address;
    return named(name, createRedisDrainStore({ client, ...defined({ keyPrefix }), ...keeping }));
  } catch (error) {
    if (!(error instanceof MigrationError)) throw error;
    // The driver's own words: whoever reads the store says its name.
    const unreachable = () => Promise.reject(error.cause);
    return { name, read: unreachable, write: unreachable, forget: unreachable };
  }
}

/** The store under the name that its address has. */
const named = (name: string, store: DrainStore): DrainStore => ({
  name,
  ...defined({ retentionDays: store.retentionDays }),
  read: (sinceDay) => store.read(sinceDay),
  write: (instance, records) => store.write(instance, records),
  forget: (instance, goneAt) => store.forget(instance, goneAt),
});
