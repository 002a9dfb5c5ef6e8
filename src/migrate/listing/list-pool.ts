import type { Clock } from '../../clock.js';
import type { UserDirectory } from '../../directory/user-types.js';
import type { PoolSide } from '../../errors.js';
import type { Pace } from '../calls/pace.js';
import type { Patience } from '../calls/patience.js';
import type { CallCounts } from '../calls/repeated.js';
import type { ProgressEvent } from '../progress.js';
import type { State } from '../state/state.js';
import { ListingRecord, type UserSink } from './listing-record.js';
import { PoolListing } from './pool-listing.js';

/** Shards listed at a time: enough that the pace, and not the time per page, limits the speed until the end. */
const WORKERS = 32;

export interface ListPoolOptions {
  readonly state: State;
  readonly purpose: 'plan' | 'verify';
  /** In the table `pools`. */
  readonly pool: number;
  readonly side: PoolSide;
  readonly directory: UserDirectory;
  readonly sink: UserSink;
  readonly estimatedUsers: number | undefined;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly patience?: Patience | undefined;
  readonly warn: (message: string) => void;
  readonly onProgress: ((event: ProgressEvent) => void) | undefined;
}

/** Lists one pool into the sink, or continues from the recorded state, and reports its progress. */
export async function listPool(options: ListPoolOptions): Promise<void> {
  const { state, purpose, pool, side, directory, sink, estimatedUsers, onProgress, ...how } = options;
  const { userPoolId } = directory;
  const counts: CallCounts = { attempts: 0, throttled: 0 };
  const listing = new PoolListing({
    ...how,
    directory,
    record: ListingRecord.open(state.db, purpose, pool, sink),
    estimatedUsers,
    workers: WORKERS,
    counts,
    onProgress: (progress) =>
      onProgress?.({ type: 'list', side, userPoolId, estimatedUsers, ...progress, ...counts, done: false }),
  });
  await listing.run();
}

/** Reports how many users the pool has after duplicate entries were removed. */
export function reportListed(
  {
    state: { db },
    purpose,
    pool,
    side,
    directory,
    onProgress,
  }: Pick<ListPoolOptions, 'state' | 'purpose' | 'pool' | 'side' | 'directory' | 'onProgress'>,
  users: number,
): void {
  db.run('UPDATE listings SET users = ? WHERE purpose = ? AND pool = ?', users, purpose, pool);
  const shards = db.count(
    'SELECT count(*) FROM shards s JOIN listings l ON l.id = s.listing WHERE l.purpose = ? AND l.pool = ?',
    purpose,
    pool,
  );
  const { userPoolId } = directory;
  const numbers = { users, estimatedUsers: users, shardsDone: shards, shards, attempts: 0, throttled: 0 };
  onProgress?.({ type: 'list', side, userPoolId, ...numbers, done: true });
}
