import { ConfigurationError } from '../../../errors.js';
import { isSystemError } from '../../../migrate/files/system-error.js';
import type { PhaseStore } from '../../../operate/phases/phase-source.js';
import { withTimeLimit } from '../../../time-limit.js';
import { defined } from '../../options/common.js';
import type { StoreAddress } from '../../options/store-address.js';
import {
  connectDynamoDb,
  connectRedis,
  explainStoreError,
  keepRedisConnected,
  type StoreNeeds,
} from '../../store-connection.js';

/** What `phase` needs of a store. */
const PHASE_NEEDS: StoreNeeds = {
  permissions:
    'A table needs the permissions dynamodb:GetItem and dynamodb:PutItem; Redis needs GET, and SET to change the plan.',
  page: 'docs/phases.md',
  goOn: 'The plan was not changed, or it cannot be told: run cognito-cutover phase show once the store answers.',
};

/** A store that hangs must not leave a command waiting for ever. */
const TIMEOUT_MS = 20_000;

export interface OpenPhaseStore extends PhaseStore {
  close(): void;
}

/**
 * The store of the phases that an option names, connected. What fails is explained to the person who ran the command.
 *
 * @param isServing for a server, which waits for a store that cannot be reached
 *
 * @throws ConfigurationError, MigrationError
 */
export async function openPhaseStore(
  option: string,
  address: StoreAddress,
  { isServing = false }: { readonly isServing?: boolean } = {},
): Promise<OpenPhaseStore> {
  const { store, close } = await connect(option, address, isServing);
  const ask = async <T>(task: (signal: AbortSignal) => Promise<T>, ending?: AbortSignal): Promise<T> => {
    try {
      return await withTimeLimit({ timeoutMs: TIMEOUT_MS, ...defined({ ending }) }, task);
    } catch (error) {
      throw ending?.aborted ? ending.reason : explain(option, address, error);
    }
  };
  return {
    read: (ending) => ask((signal) => store.read(signal), ending),
    write: (plan) => ask(() => store.write(plan)),
    close,
  };
}

async function connect(
  option: string,
  address: StoreAddress,
  isServing: boolean,
): Promise<{ store: PhaseStore; close: () => void }> {
  if (address.kind === 'file') {
    const { createFilePhaseStore } = await import('../../../operate/phases/file-phase-store.js');
    return { store: createFilePhaseStore({ path: address.name }), close: () => {} };
  }
  if (address.kind === 'dynamodb') {
    const client = await connectDynamoDb(option, address);
    const { createDynamoDbPhaseStore } = await import('../../../operate/phases/dynamodb-phase-store.js');
    const { tableName } = address;
    return { store: createDynamoDbPhaseStore({ tableName, client }), close: () => client.destroy() };
  }
  const client = await (isServing ? keepRedisConnected(option, address) : connectRedis(option, address, PHASE_NEEDS));
  const { createRedisPhaseStore } = await import('../../../operate/phases/redis-phase-store.js');
  const { keyPrefix } = address;
  return { store: createRedisPhaseStore({ client, ...defined({ keyPrefix }) }), close: () => client.destroy() };
}

function explain(option: string, { kind, name }: StoreAddress, error: unknown): Error {
  if (error instanceof ConfigurationError) {
    const advice = 'Correct it or remove it, then set the plan again.';
    return new ConfigurationError(
      option,
      `${name} holds something that is not a plan: ${error.message}. ${advice}`,
      error,
    );
  }
  if (kind === 'file' && isSystemError(error)) {
    return new ConfigurationError(option, `cannot read or write ${name} (${error.code})`, error);
  }
  return explainStoreError(option, name, error, PHASE_NEEDS);
}
