import type { UserDirectory } from '../directory/types.js';
import type { PoolSide } from '../errors.js';
import { PoolListing } from '../migrate/listing.js';
import { ListingRecord, type UserSink } from '../migrate/listing-record.js';
import type { Pace } from '../migrate/pace.js';
import { Sqlite } from '../migrate/sqlite.js';
import { SCHEMA } from '../migrate/state-schema.js';
import type { CommandContext } from './command.js';

/** Lists a pool as `plan` does, several shards at once, and keeps no state: a run that stops begins anew. */
export async function listUsers(
  { directory, side }: { readonly directory: UserDirectory; readonly side: PoolSide },
  sink: UserSink,
  { pace, estimatedUsers }: { readonly pace: Pace; readonly estimatedUsers: number | undefined },
  { clock, signal, screen }: CommandContext,
): Promise<void> {
  const { userPoolId } = directory;
  const counts = { attempts: 0, throttled: 0 };
  const memory = new Sqlite(':memory:');
  try {
    memory.exec(SCHEMA);
    memory.run('INSERT INTO pools (id, side, user_pool_id) VALUES (1, ?, ?)', side, userPoolId);
    let last = { users: 0, shardsDone: 0, shards: 1 };
    const report = (done: boolean) =>
      screen.progress({ type: 'list', side, userPoolId, estimatedUsers, ...last, ...counts, done });
    await new PoolListing({
      directory,
      record: ListingRecord.open(memory, 'plan', 1, sink),
      estimatedUsers,
      pace,
      clock,
      signal,
      workers: Math.max(4, Math.ceil(pace.rps)),
      counts,
      onProgress: (progress) => {
        last = progress;
        report(false);
      },
      warn: (message) => screen.progress({ type: 'warning', message }),
    }).run();
    report(true);
  } finally {
    memory.close();
  }
}
