import { DirectoryError, type PoolDescription, type UserDirectory } from '../../directory/user-types.js';
import { isTimeout } from '../calls/likely-cause.js';
import { Pace } from '../calls/pace.js';
import { SETTINGS_RPS } from '../calls/quotas.js';
import { asMigrationError, type CallOptions, repeated } from '../calls/repeated.js';
import type { Run } from '../run.js';
import { isWithheld } from './pool-settings.js';

/** A pool that answered, with its settings as far as they can be read. */
export interface ReachedPool {
  readonly userPoolId: string;
  readonly readAt: number;
  readonly description: PoolDescription | undefined;
}

/**
 * Calls each pool once before anything is listed or stored, so that a mistyped pool, Region, endpoint or profile is reported at once
 * and not after hours. An outage ends the run: "cannot tell" is never "no".
 * @throws {@link DirectoryError}, {@link MigrationError}
 */
export async function reachPools(pools: readonly UserDirectory[], run: Run): Promise<readonly ReachedPool[]> {
  const calls = run.calls(new Pace(SETTINGS_RPS, run.clock));
  const reached: ReachedPool[] = [];
  for (const pool of pools) {
    const { userPoolId } = pool;
    run.step(`Reading the settings of ${userPoolId}`);
    reached.push({ userPoolId, readAt: run.clock.now(), description: await reach(pool, run, calls) });
  }
  return reached;
}

/** Resolves to `undefined` for a pool whose users can be listed and whose settings cannot be read. */
async function reach(pool: UserDirectory, run: Run, calls: CallOptions): Promise<PoolDescription | undefined> {
  const { signal } = run;
  let timeout: DirectoryError | undefined;
  try {
    return await repeated(() => pool.describePool(signal).catch(giveUpOnTimeout), calls);
  } catch (error) {
    if (error instanceof GivenUp) {
      timeout = error.timeout;
      run.step(`DescribeUserPool of ${pool.userPoolId} is not answered (${timeout.exception}), trying ListUsers`);
    } else if (signal?.aborted || !isWithheld(error) || isMissingPool(error)) throw error;
  }
  // Only the call that a plan needs shows whether the pool is there.
  const list = () => pool.listUsers(signal === undefined ? {} : { signal });
  try {
    await (timeout === undefined ? repeated(list, calls) : repeated(() => list().catch(giveUpOnTimeout), calls));
  } catch (error) {
    throw error instanceof GivenUp ? asMigrationError(error.timeout) : error;
  }
  return undefined;
}

/** Not repeated: some servers never answer an operation that they do not have, and another one then tells whether they are there. */
class GivenUp extends Error {
  constructor(readonly timeout: DirectoryError) {
    super(timeout.message);
  }
}

function giveUpOnTimeout(error: unknown): never {
  throw error instanceof DirectoryError && isTimeout(error) ? new GivenUp(error) : error;
}

const isMissingPool = (error: unknown): boolean =>
  error instanceof DirectoryError && error.exception === 'ResourceNotFoundException';
