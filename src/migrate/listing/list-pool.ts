import { type Clock, stopwatch } from '../../clock.js';
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
  /** Of the pools that are listed after this one. */
  readonly estimatedLater?: readonly (number | undefined)[];
  readonly pace: Pace;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly patience?: Patience | undefined;
  readonly warn: (message: string) => void;
  readonly onProgress: ((event: ProgressEvent) => void) | undefined;
}

/** Lists one pool into the sink, or continues from the recorded state, and reports its progress. */
export async function listPool(options: ListPoolOptions): Promise<void> {
  const { state, purpose, pool, side, directory, sink, estimatedUsers, estimatedLater, onProgress, ...how } = options;
  const { userPoolId } = directory;
  const counts: CallCounts = { attempts: 0, throttled: 0 };
  const noteSpeed = purpose === 'plan' ? speedometer(options) : () => {};
  const where = { type: 'list', side, userPoolId, estimatedUsers } as const;
  const later = estimatedLater === undefined ? {} : { estimatedLater };
  const listing = new PoolListing({
    ...how,
    directory,
    record: ListingRecord.open(state.db, purpose, pool, sink),
    estimatedUsers,
    workers: WORKERS,
    counts,
    onProgress: (progress) => {
      noteSpeed(progress.users);
      onProgress?.({ ...where, ...later, ...progress, ...counts, done: false });
    },
  });
  await listing.run();
}

type Calls = Pick<ListPoolOptions, 'pace' | 'clock' | 'signal' | 'patience' | 'warn'>;

/** Lists pools one after the other. How many users each says that it has is recorded first: the time left depends on all of them. */
export async function listPools(pools: readonly Omit<ListPoolOptions, keyof Calls>[], calls: Calls): Promise<void> {
  for (const { state, purpose, pool, sink, estimatedUsers } of pools) {
    ListingRecord.open(state.db, purpose, pool, sink).expect(estimatedUsers);
  }
  for (const [at, pool] of pools.entries()) {
    const estimatedLater = pools.slice(at + 1).map(({ estimatedUsers }) => estimatedUsers);
    await listPool({ ...pool, ...calls, estimatedLater });
  }
}

/** How often the speed is recorded for `status`, and over how long it is measured at most. */
const SPEED_EVERY_MS = 2_000;
const SPEED_OVER_MS = 60_000;

function speedometer({ state: { meta }, clock }: Pick<ListPoolOptions, 'state' | 'clock'>): (users: number) => void {
  const passed = stopwatch(clock);
  let from: { at: number; users: number } | undefined;
  let recordedAt = 0;
  meta.delete('listingSpeed');
  return (users) => {
    const now = passed();
    from ??= { at: now, users };
    if (now - Math.max(from.at, recordedAt) < SPEED_EVERY_MS) return;
    recordedAt = now;
    meta.set('listingSpeed', Math.round(((users - from.users) * 100_000) / (now - from.at)) / 100);
    if (now - from.at >= SPEED_OVER_MS) from = { at: now, users };
  };
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
