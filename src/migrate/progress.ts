import type { PoolSide } from '../errors.js';

/** What `onProgress` receives after every page, write and step. Contains nothing personal. */
export type ProgressEvent =
  | GroupProgress
  | {
      readonly type: 'list';
      readonly side: PoolSide;
      readonly userPoolId: string;
      /** Distinct users of this pool listed so far, including earlier runs. */
      readonly users: number;
      /** The pool's own estimate of its users; `undefined` if it gives none. */
      readonly estimatedUsers: number | undefined;
      /** The same of the pools that this run lists after this one. */
      readonly estimatedLater?: readonly (number | undefined)[];
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
      /** Of apply, rollback and publish. */
      readonly type: 'write';
      readonly written: number;
      readonly failed: number;
      readonly skipped: number;
      /** How many writes this run intends to send, at most `maxWrites`. */
      readonly total: number;
      readonly attempts: number;
      readonly throttled: number;
      /** The current rate in attempts per second; at most `rps`. */
      readonly rps: number;
      readonly done: boolean;
      /** Nothing is written, only checked. */
      readonly dryRun?: true;
    }
  | {
      /** What is being done while there is nothing to measure yet. */
      readonly type: 'step';
      /** For example `Checking the app clients of eu-west-1_New`. */
      readonly what: string;
      /** The progress of this step, if known. */
      readonly done?: number;
      readonly total?: number;
    }
  | {
      /** Nothing is being sent; without a reason: sending continues. */
      readonly type: 'waiting';
      /** For example `Cognito: ECONNRESET`, `paused`, `outside 22:00-06:00`. */
      readonly reason: string | undefined;
      /** Milliseconds since the epoch. */
      readonly since: number;
    }
  | {
      /** Something a person should know. It is also stored in the state and returned by `readStatus`. */
      readonly type: 'warning';
      readonly message: string;
    };

/** How far a listing is. `users`: distinct users listed so far; `estimatedUsers`: the pool's own estimate. */
interface ListedPart {
  readonly users: number;
  readonly estimatedUsers: number | undefined;
  readonly shardsDone: number;
  readonly shards: number;
  readonly done?: boolean;
}

/** The share of a pool that is listed. The pool's estimate lags behind, so only the shards, which are of similar size, complete it. */
export function listedShare({ users, estimatedUsers, shardsDone, shards, done = false }: ListedPart): number {
  if (done) return 1;
  const byShards = shards === 0 ? 0 : shardsDone / shards;
  const byUsers = estimatedUsers ? Math.min(users / estimatedUsers, 0.99) : 0;
  return Math.max(byShards, byUsers);
}

/** How many users are still to be listed; `undefined` if nothing tells. */
export function usersLeft(listed: ListedPart): number | undefined {
  const share = listedShare(listed);
  return share === 0 ? listed.estimatedUsers : (listed.users / share) * (1 - share);
}

/** A process that works on a state, as far as it is known. */
export interface Worker {
  /** For example `apply`. */
  readonly command: string;
  readonly pid: number;
  readonly host: string;
  /** When it began. */
  readonly since: Date;
}

/** How many members of one pool's groups have been listed. */
export interface GroupProgress {
  readonly type: 'groups';
  readonly side: PoolSide;
  readonly userPoolId: string;
  readonly groupsDone: number;
  readonly groups: number;
  /** Listed so far, including earlier runs. */
  readonly members: number;
  /** Calls and throttles of this run, in this pool. */
  readonly attempts: number;
  readonly throttled: number;
  readonly done: boolean;
}
