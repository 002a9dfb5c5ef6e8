import type { PoolSide } from '../errors.js';
import type { Outcome, WriteStatus } from './outcomes.js';
import type { Worker } from './progress.js';

/** The prices and rates of an estimate. */
export interface EstimateOptions {
  /** Writes per second. @defaultValue 10 */
  readonly rps?: number;
  /** Dollars per monthly active user. @defaultValue the list price of the new pool's plan */
  readonly mauPrice?: number;
}

/** The price that an estimate uses. Absent if the pool does not say on which plan it is: then it is that of the Essentials plan. */
interface EstimatePrice {
  /** Dollars per monthly active user. */
  readonly mauPrice?: number;
  /** Where the price comes from: `--mau-price`, or the plan of the new pool. */
  readonly priceSource?: 'given' | 'list price';
}

/** `plan --json`. */
export interface PlanResult extends EstimatePrice {
  readonly legacyUsers: number;
  readonly newUsers: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Legacy users whom no new user matches. */
  readonly notMigrated: number;
  /** Users to be written, groups to be created and memberships to be added. */
  readonly writes: number;
  readonly estimatedSeconds: number;
  /** Users whom the writes make monthly active. */
  readonly estimatedMau: number;
  readonly estimatedMauUsd: number;
  /** Only present while another process works on the finished plan, so that this plan has not replaced it yet. */
  readonly inForce?: false;
  /** Only of a plan with groups. */
  readonly groups?: GroupCounts;
  /** Only present if some `unexplained` users look as if a trigger or an administrator had stamped them. */
  readonly stamped?: StampedCounts;
  /** Why `apply` would refuse the new pool as it was when this plan began. Only present if there is a reason. */
  readonly applyRefuses?: readonly Refusal[];
}

/** What is wrong with a pool, and what to do about it, possibly in several lines. */
export interface Refusal {
  readonly message: string;
  readonly fix: string;
}

/** `unexplained` users whose value is probably right, although that is not proven. */
export interface StampedCounts {
  /** Users whom `trustAttribute` would make `ok`. */
  readonly trustable: number;
  /** By identity provider: users whose value is a legacy `sub` and also their user id at this provider. */
  readonly providers: Readonly<Record<string, number>>;
}

export interface Estimate extends EstimatePrice {
  /** Writes still to do with these options. */
  readonly writes: number;
  readonly estimatedSeconds: number;
  readonly estimatedMau: number;
  readonly estimatedMauUsd: number;
}

/** `verify --json`. */
export interface VerifyResult {
  /** New-pool users for whom the plan has a legacy id, plus users with a value that was not planned. */
  readonly checked: number;
  readonly right: number;
  /** A value that differs from the plan's, or a value where the plan has none. */
  readonly wrong: number;
  /** No value although the plan has one. */
  readonly missing: number;
  /** Users who share their value with another user. Each is counted under `right` or `wrong` too. */
  readonly duplicates: number;
  /** Of `wrong` and `missing`: users about whom a person has to decide, as the plan said. Only present if there are any. */
  readonly foreseen?: number;
  /**
   * Of `missing`: users who have no value because of a rollback. After a rollback of everything these are all of them, and their
   * memberships are expected to be missing too. Only present if there are any.
   */
  readonly rolledBack?: number;
  /** Planned users who are in the pool but not in its listing, which was incomplete. Only present if there are any. */
  readonly unlisted?: number;
  /** Planned users who have been deleted since the plan was made. Only present if there are any. */
  readonly gone?: number;
  /** Only of a plan with groups. */
  readonly groups?: GroupVerification;
}

/** A user whose value differs from the plan's. */
export interface VerifyProblem {
  readonly newUsername: string;
  readonly newSub: string;
  /** Empty if the plan has no value. */
  readonly expected: string;
  readonly actual: string;
  readonly problem: 'wrong' | 'missing';
  /** Why it is wrong, if not just because of the value. */
  readonly reason?: string;
}

/** What `status` shows. */
export interface StatusResult {
  readonly legacyPools: readonly string[];
  readonly newPool: string;
  readonly attribute: string;
  /** `listing` and `matching`: a plan was started and is not finished. */
  readonly phase: 'listing' | 'matching' | 'planned' | 'applying' | 'applied' | 'rolling-back' | 'rolled-back';
  /** Whether a process is working on this state right now. */
  readonly running: boolean;
  /** Which processes these are, as far as they are known. */
  readonly workers: readonly Worker[];
  /** Why the running process sends nothing; `undefined` if it is sending. */
  readonly waiting: { readonly reason: string; readonly since: Date } | undefined;
  /** What `pace` set. `rps` in writes per second; `null`: the rate of the command itself. */
  readonly pace: { readonly rps: number | null; readonly paused: boolean };
  readonly listing: readonly {
    readonly side: PoolSide;
    readonly userPoolId: string;
    readonly users: number;
    /** The pool's own estimate when its listing began; `undefined` if it gives none. */
    readonly estimatedUsers: number | undefined;
    readonly shardsDone: number;
    readonly shards: number;
    /** Whether the pool is listed completely. */
    readonly done: boolean;
  }[];
  /** While the pools are listed: users per second over the last minute. */
  readonly listingPerSecond?: number | undefined;
  /** While the pools are listed: the time left for all of them together; `undefined` if nothing tells how many users there are. */
  readonly listingSecondsLeft?: number | undefined;
  /** When the plan was finished. */
  readonly plannedAt: Date | undefined;
  /** Of the finished plan. */
  readonly plan: Omit<PlanResult, 'estimatedSeconds' | 'estimatedMau' | 'estimatedMauUsd' | 'applyRefuses'> | undefined;
  readonly writes: {
    readonly total: number;
    readonly written: number;
    readonly failed: number;
    readonly skipped: number;
    readonly remaining: number;
    /** Begun, without a known end: by a killed run, or by one that is running now. The next apply writes them again. */
    readonly inFlight: number;
    readonly rolledBack: number;
    readonly firstAt: Date | undefined;
    readonly lastAt: Date | undefined;
    /** Over the last five minutes of writing. */
    readonly perSecond: number | undefined;
    /** `remaining / perSecond`. */
    readonly secondsLeft: number | undefined;
  };
  /** Last verification, if any. */
  readonly verified: { readonly at: Date; readonly result: VerifyResult } | undefined;
  readonly warnings: readonly string[];
}

/** One new-pool user of the plan. */
export interface ReportRow {
  readonly newUsername: string;
  readonly newSub: string;
  /** Empty if none is known for certain. */
  readonly legacySub: string;
  readonly outcome: Outcome;
  /** The rules that found the legacy user, joined by `+`; empty if none did. */
  readonly rule: string;
  /** Explains the outcome if necessary. Contains subs, never e-mail addresses or phone numbers. */
  readonly detail: string;
  /** The status of the write; `undefined` if none was begun. */
  readonly write: WriteStatus | undefined;
  /** Why it failed or was skipped: the name of AWS's exception. */
  readonly error?: string;
}

/** `groups` of `plan --json`. */
export interface GroupCounts {
  /** Groups that are missing in the new pool. */
  readonly toCreate: number;
  /** Memberships to be added. */
  readonly memberships: number;
  /** Memberships of the legacy pool that the new pool has already. */
  readonly existing: number;
  /** Memberships of legacy users who are not mapped to a new user for certain. */
  readonly unmapped: number;
  /** Users who would be in more groups than Cognito allows: none of their memberships is added. */
  readonly overLimit: number;
}

/** `groups` of `verify --json`. */
export interface GroupVerification {
  /** Groups that the plan creates, and memberships that it adds or found. Deleted users are not counted. */
  readonly checked: number;
  readonly right: number;
  readonly missing: number;
  /** Of `missing`: what a rollback took back; after a rollback of everything, all. Only present if there are any. */
  readonly rolledBack?: number;
  /** Members of these groups who were neither planned nor members when the plan was made. */
  readonly extra: number;
}

/** `apply --json`. Counts only this run, except for `remaining`. */
export interface ApplyResult {
  readonly written: number;
  /** Users whom the pool refuses to change. */
  readonly failed: number;
  /** Users who have been deleted since the plan was made, and users who are no longer as planned. */
  readonly skipped: number;
  /** Of `skipped`: users who are no longer as planned. The report says why. */
  readonly changed: number;
  /** Planned writes that are still to be done. */
  readonly remaining: number;
  /** Calls sent, repeated ones included. */
  readonly attempts: number;
  /** Calls that Cognito throttled. */
  readonly throttled: number;
  readonly seconds: number;
  /** Which limit ended the run before everything was written. */
  readonly stoppedBy?: 'max-failed';
  /** Only of a dry run. */
  readonly dryRun?: true;
  /** Only of a dry run: how many writes an apply would send. */
  readonly wouldWrite?: number;
}

/** `rollback --json`. */
export interface RollbackResult {
  /** Values and memberships removed, and groups deleted. */
  readonly removed: number;
  /** Values put back to what they were before (after `--overwrite`). */
  readonly restored: number;
  /**
   * Not changed, because the value is no longer the one that this state wrote, somebody else has the username, or the group was changed
   * or has members.
   */
  readonly changed: number;
  /** Users who have been deleted since. */
  readonly skipped: number;
  readonly failed: number;
  readonly remaining: number;
  readonly attempts: number;
  readonly throttled: number;
  readonly seconds: number;
  /** Only of a dry run: the counts are what a rollback would do. */
  readonly dryRun?: true;
}
