import type { PoolSide } from '../errors.js';

/** What `onProgress` is told: at every page, write and step. Cheap to ignore; holds nothing personal. */
export type ProgressEvent =
  | GroupProgress
  | {
      readonly type: 'list';
      readonly side: PoolSide;
      readonly userPoolId: string;
      /** Distinct users listed so far, in this pool, runs before this one included. */
      readonly users: number;
      /** What the pool estimates to hold; `undefined` where it does not say. */
      readonly estimatedUsers: number | undefined;
      readonly shardsDone: number;
      readonly shards: number;
      /** ListUsers attempts and throttles of this run, in this pool. */
      readonly attempts: number;
      readonly throttled: number;
      readonly done: boolean;
    }
  | {
      readonly type: 'match';
      /** New-pool users decided so far. */
      readonly users: number;
      readonly total: number;
      readonly done: boolean;
    }
  | {
      /** Of apply and rollback alike. */
      readonly type: 'write';
      readonly written: number;
      readonly failed: number;
      readonly skipped: number;
      /** What this run set out to write: `maxWrites` applied. */
      readonly total: number;
      readonly attempts: number;
      readonly throttled: number;
      /** What the pace is at now, attempts per second; at most `rps`. */
      readonly rps: number;
      readonly done: boolean;
    }
  | {
      /** What is done at present, where there is nothing to measure yet. */
      readonly type: 'step';
      /** In words, for example `Checking the app clients of eu-west-1_New`. */
      readonly what: string;
      /** How far it is, where that is known. */
      readonly done?: number;
      readonly total?: number;
    }
  | {
      /** Nothing is sent at present, or, without a reason, it goes on again. */
      readonly type: 'waiting';
      /** In words, for example `Cognito: ECONNRESET`, `paused`, `outside 22:00-06:00`. */
      readonly reason: string | undefined;
      /** Milliseconds since the epoch. */
      readonly since: number;
    }
  | {
      /** Something a person should know; also kept in the state and given by `readStatus`. */
      readonly type: 'warning';
      readonly message: string;
    };

/** How far the members of one pool's groups are listed. */
export interface GroupProgress {
  readonly type: 'groups';
  readonly side: PoolSide;
  readonly userPoolId: string;
  readonly groupsDone: number;
  readonly groups: number;
  /** Listed so far, runs before this one included. */
  readonly members: number;
  /** Calls and throttles of this run, in this pool. */
  readonly attempts: number;
  readonly throttled: number;
  readonly done: boolean;
}
