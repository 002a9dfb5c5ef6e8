import { readPool } from '../../../assess/reading/read-pool.js';
import type { PoolSnapshot, Snapshot } from '../../../assess/snapshot/pool-snapshot.js';
import { createPoolReader } from '../../../directory/command-line/pool-reader.js';
import { createUserDirectory, type UserDirectoryOptions } from '../../../directory/command-line/user-directory.js';
import type { PoolSide } from '../../../errors.js';
import { Pace } from '../../../migrate/calls/pace.js';
import { DEFAULT_READ_RPS, SETTINGS_RPS } from '../../../migrate/calls/quotas.js';
import { asMigrationError, interruptedOr, repeated } from '../../../migrate/calls/repeated.js';
import { listUsers } from '../../../migrate/listing/list-once.js';
import type { CommandContext } from '../../define-command.js';

/** Reads the pools one after the other, with calls that change nothing. */
export async function readPools(
  legacy: readonly UserDirectoryOptions[],
  newPool: UserDirectoryOptions | undefined,
  { readRps = DEFAULT_READ_RPS }: { readonly readRps?: number },
  context: CommandContext,
): Promise<Snapshot> {
  const takenAt = context.clock.now();
  const pace = new Pace(readRps, context.clock);
  const read = (options: UserDirectoryOptions, side: PoolSide) => readOne(options, side, { takenAt, pace }, context);
  try {
    const pools: PoolSnapshot[] = [];
    for (const options of legacy) pools.push(await read(options, 'legacy'));
    return { takenAt, legacy: pools, new: newPool === undefined ? null : await read(newPool, 'new') };
  } catch (error) {
    throw interruptedOr(asMigrationError(error), context.signal);
  }
}

async function readOne(
  options: UserDirectoryOptions,
  side: PoolSide,
  { takenAt, pace }: { readonly takenAt: number; readonly pace: Pace },
  context: CommandContext,
): Promise<PoolSnapshot> {
  const { clock, signal, patience, screen } = context;
  const reader = createPoolReader({ ...options, side });
  const directory = createUserDirectory({ ...options, side });
  const settingsPace = new Pace(SETTINGS_RPS, clock);
  try {
    screen.note(`Reading the settings of the ${side} pool ${options.userPoolId}`);
    const source = {
      reader,
      send: <T>(call: () => Promise<T>) => repeated(call, { clock, pace: settingsPace, signal, patience }),
      listUsers: (sink: Parameters<typeof listUsers>[1], estimatedUsers: number | undefined) =>
        listUsers(
          { directory, side },
          sink,
          { pace, estimatedUsers },
          { ...context, onProgress: context.screen.progress },
        ),
    };
    return await readPool(source, takenAt, signal);
  } finally {
    directory.close();
    reader.close();
  }
}
