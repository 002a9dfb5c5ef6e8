import { DirectoryError, type PoolDescription, type UserDirectory } from '../../directory/user-types.js';
import { Pace } from '../calls/pace.js';
import { SETTINGS_RPS } from '../calls/quotas.js';
import { repeated } from '../calls/repeated.js';
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
    const description = await unlessWithheld(() => repeated(() => pool.describePool(run.signal), calls), run);
    // Where the settings are withheld, only the call that a plan needs shows whether the pool is there.
    if (description === undefined) await repeated(() => pool.listUsers(signalOf(run)), calls);
    reached.push({ userPoolId, readAt: run.clock.now(), description });
  }
  return reached;
}

const signalOf = ({ signal }: Run) => (signal === undefined ? {} : { signal });

async function unlessWithheld<T>(ask: () => Promise<T>, run: Run): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (run.signal?.aborted || !isWithheld(error) || isMissingPool(error)) throw error;
    return undefined;
  }
}

const isMissingPool = (error: unknown): boolean =>
  error instanceof DirectoryError && error.exception === 'ResourceNotFoundException';
