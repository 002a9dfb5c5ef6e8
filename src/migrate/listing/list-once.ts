import type { Clock } from '../../clock.js';
import type { UserDirectory } from '../../directory/user-types.js';
import type { PoolSide } from '../../errors.js';
import type { Pace } from '../calls/pace.js';
import type { Patience } from '../calls/patience.js';
import type { ProgressEvent } from '../progress.js';
import { SCHEMA } from '../state/schema.js';
import { Sqlite } from '../state/sqlite.js';
import { ListingRecord, type UserSink } from './listing-record.js';
import { PoolListing } from './pool-listing.js';

/** Lists a pool as `plan` does, several shards at once, and keeps no state: an interrupted run starts from the beginning. */
export async function listUsers(
  { directory, side }: { readonly directory: UserDirectory; readonly side: PoolSide },
  sink: UserSink,
  { pace, estimatedUsers }: { readonly pace: Pace; readonly estimatedUsers: number | undefined },
  {
    clock,
    signal,
    patience,
    onProgress,
  }: {
    readonly clock: Clock;
    readonly signal: AbortSignal | undefined;
    readonly patience?: Patience | undefined;
    readonly onProgress: (event: ProgressEvent) => void;
  },
): Promise<void> {
  const { userPoolId } = directory;
  const counts = { attempts: 0, throttled: 0 };
  const memory = new Sqlite(':memory:');
  try {
    memory.exec(SCHEMA);
    memory.run('INSERT INTO pools (id, side, user_pool_id) VALUES (1, ?, ?)', side, userPoolId);
    let last = { users: 0, shardsDone: 0, shards: 1 };
    const report = (done: boolean) =>
      onProgress({ type: 'list', side, userPoolId, estimatedUsers, ...last, ...counts, done });
    await new PoolListing({
      directory,
      record: ListingRecord.open(memory, 'plan', 1, sink),
      estimatedUsers,
      pace,
      clock,
      signal,
      patience,
      workers: Math.max(4, Math.ceil(pace.rps)),
      counts,
      onProgress: (progress) => {
        last = progress;
        report(false);
      },
      warn: (message) => onProgress({ type: 'warning', message }),
    }).run();
    report(true);
  } finally {
    memory.close();
  }
}
