import type { ProgressEvent } from '../../../src/migrate/progress.js';

/** So many of 400 users are written. */
export const writing = (written: number, done = false): ProgressEvent => ({
  type: 'write',
  written,
  failed: 0,
  skipped: 0,
  total: 400,
  attempts: written,
  throttled: 0,
  rps: 10,
  done,
});

/** So many of a million users of a pool are listed; the new pool, which has as many, comes last. */
export const listing = (side: 'legacy' | 'new', users: number): ProgressEvent => ({
  type: 'list',
  side,
  userPoolId: `eu-west-1_${side}`,
  users,
  estimatedUsers: 1_000_000,
  estimatedLater: side === 'legacy' ? [1_000_000] : [],
  shardsDone: 0,
  shards: 256,
  attempts: 0,
  throttled: 0,
  done: false,
});
