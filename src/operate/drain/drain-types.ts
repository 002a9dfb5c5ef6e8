import type { PoolSide } from '../../errors.js';

/**
 * What one instance counted of one pool on one day (UTC). Cumulative: a later record of the same instance, run, pool and day replaces an
 * earlier one, so writing it twice changes nothing.
 */
export interface DrainRecord {
  readonly instance: string;
  /** Of one start of the process: two runs of one instance are added up. */
  readonly run: string;
  readonly userPoolId: string;
  readonly pool: PoolSide;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly tokens: number;
  /** Distinct users, serialised: merging two gives the users of both. */
  readonly users: string;
  readonly hours: readonly DrainHour[];
  readonly clients: readonly DrainClientRecord[];
}

/** What was accepted within an hour. */
export interface DrainHour {
  /** 0 to 23, UTC. */
  readonly hour: number;
  readonly tokens: number;
  readonly users: string;
}

/** What was accepted of one app client. */
export interface DrainClientRecord {
  readonly clientId: string;
  readonly tokens: number;
  readonly users: string;
  /** Tokens by hour, 24 numbers. */
  readonly hours: readonly number[];
  /** Milliseconds since the epoch. */
  readonly lastToken: number;
  /** The latest `exp` among its tokens, milliseconds since the epoch. */
  readonly latestExpiry: number;
}

/** What one run has seen of a legacy pool since it started. Kept as long as the run is, whatever becomes of the records of its days. */
export interface DrainTrace {
  readonly userPoolId: string;
  /** Milliseconds since the epoch. */
  readonly lastToken: number;
  /** The latest `exp`, milliseconds since the epoch. */
  readonly latestExpiry: number;
  /** The longest lifetime of a token that was accepted, in milliseconds. */
  readonly longestLifetime: number;
}

/** One run of one instance: from when to when it has counted. Kept until it is said to be gone, so that silence is noticed. */
export interface DrainInstance {
  readonly instance: string;
  readonly run: string;
  /** Milliseconds since the epoch, all of them. */
  readonly startedAt: number;
  readonly reportedAt: number;
  /** It ended, and wrote all that it had counted. */
  readonly endedAt?: number;
  /** An operator said that it had ended by then, without writing what it counted last. */
  readonly goneAt?: number;
  readonly flushSeconds: number;
  /** For how many days its store keeps what it counts. Default: for ever. */
  readonly retentionDays?: number;
  /** It runs in AWS Lambda, which ends environments without notice: what it counted last may be lost at any time. */
  readonly lambda?: boolean;
  /** When a legacy token came last of which could not be told whether it is good: no keys, or no answer of `isRevoked`. Default: never. */
  readonly unjudgedAt?: number;
  /** By legacy pool. */
  readonly legacy: readonly DrainTrace[];
}

/** What a store holds. */
export interface DrainContent {
  readonly instances: readonly DrainInstance[];
  readonly records: readonly DrainRecord[];
  /** When the store began to hold anything, milliseconds since the epoch. What was counted before that is not in it. */
  readonly since?: number;
}

/** Where instances leave what they counted, and where it is read together. Contract of Redis, DynamoDB and the file. */
export interface DrainStore {
  /** For people: without credentials. */
  readonly name: string;
  /** For how many days it keeps what was counted. Default: for ever. */
  readonly retentionDays?: number;
  /** The records that have changed since they were last written; the instance is written last, so that it never claims more than is there. */
  write(instance: DrainInstance, records: readonly DrainRecord[]): Promise<void>;
  /**
   * All instances, and the records of the days from `sinceDay` (`YYYY-MM-DD`) on. What cannot be parsed is passed on as it is, and never
   * left out. Rejects when it cannot be read.
   */
  read(sinceDay: string): Promise<DrainContent>;
  /**
   * An operator says that an instance is gone: it is no longer waited for.
   *
   * @param goneAt when it ended at the latest, milliseconds since the epoch. Default: now. An instance that could not
   *   write for long may have accepted tokens until it ended
   */
  forget(instance: string, goneAt?: number): Promise<void>;
}

/** `drain --json`, and `monitor.report()`. Times are ISO 8601. */
export interface DrainReport {
  readonly safeToClose: boolean;
  /** Why not, a sentence each. Empty where it is safe. */
  readonly reasons: readonly string[];
  /** By user pool id. */
  readonly pools: Readonly<Record<string, DrainPool>>;
  readonly clients: readonly DrainClient[];
  /** How many have reported. */
  readonly instances: number;
  /** Since when every legacy token would have been counted; `null` if that is not known. */
  readonly since: string | null;
  /**
   * When the legacy pools could be closed at the earliest, if nothing more comes from them and the other reasons are gone; `null` if that is
   * not known.
   */
  readonly earliest: string | null;
  /** Each run of each instance, the last to report first. */
  readonly runs: readonly DrainRun[];
}

/** One run of an instance, and what became of it. */
export interface DrainRun {
  readonly instance: string;
  /** Of one start of the process. */
  readonly run: string;
  /** `silent`: it stopped reporting, and nobody said that it is gone. */
  readonly state: 'counting' | 'ended' | 'replaced' | 'silent' | 'gone';
  readonly startedAt: string;
  readonly reportedAt: string;
}

/** What was accepted of one pool. */
export interface DrainPool {
  readonly pool: PoolSide;
  readonly tokens: number;
  readonly users: number;
  readonly lastToken: string | null;
  readonly latestExpiry: string | null;
  /** Oldest first. `hour` is the beginning of it. */
  readonly hours: readonly { readonly hour: string; readonly tokens: number; readonly users: number }[];
  readonly days: readonly { readonly day: string; readonly tokens: number; readonly users: number }[];
  /** The last hour and the last 24 hours, as far as whole hours tell, and the last seven days with today (UTC). */
  readonly recent: Readonly<Record<'hour' | 'day' | 'week', DrainAmount>>;
}

/** How many tokens, and of how many users. */
export interface DrainAmount {
  readonly tokens: number;
  /** Distinct ones. */
  readonly users: number;
}

/** What was accepted of one app client. */
export interface DrainClient {
  readonly userPoolId: string;
  readonly pool: PoolSide;
  readonly clientId: string;
  readonly tokens: number;
  readonly users: number;
  readonly lastToken: string | null;
  readonly latestExpiry: string | null;
  readonly hours: readonly { readonly hour: string; readonly tokens: number }[];
}
