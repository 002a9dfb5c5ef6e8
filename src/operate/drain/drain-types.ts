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

export interface DrainHour {
  /** 0 to 23, UTC. */
  readonly hour: number;
  readonly tokens: number;
  readonly users: string;
}

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

/** One run of one instance: from when to when it has counted. Kept until it is said to be gone, so that silence is noticed. */
export interface DrainInstance {
  readonly instance: string;
  readonly run: string;
  /** Milliseconds since the epoch, all of them. */
  readonly startedAt: number;
  readonly reportedAt: number;
  /** It ended, and wrote all that it had counted. */
  readonly endedAt?: number;
  readonly flushSeconds: number;
}

/** Where instances leave what they counted, and where it is read together. Contract of Redis, DynamoDB and the file. */
export interface DrainStore {
  /** For people: without credentials. */
  readonly name: string;
  write(instance: DrainInstance, records: readonly DrainRecord[]): Promise<void>;
  /** Everything of the days from `sinceDay` on. */
  read(
    sinceDay: string,
  ): Promise<{ readonly instances: readonly DrainInstance[]; readonly records: readonly DrainRecord[] }>;
  /** An operator says that an instance is gone: it is no longer waited for. */
  forget(instance: string): Promise<void>;
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
}

export interface DrainPool {
  readonly pool: PoolSide;
  readonly tokens: number;
  readonly users: number;
  readonly lastToken: string | null;
  readonly latestExpiry: string | null;
  /** Oldest first. `hour` is the beginning of it. */
  readonly hours: readonly { readonly hour: string; readonly tokens: number; readonly users: number }[];
  readonly days: readonly { readonly day: string; readonly tokens: number; readonly users: number }[];
}

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
