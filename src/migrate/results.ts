import type { PoolSide } from '../errors.js';
import type { GroupCounts, GroupVerification } from './groups/types.js';

export type { ProgressEvent } from './progress.js';

/** What a new-pool user can turn out to be; docs/sync-script.md has the table of outcomes. */
export const OUTCOMES = [
  'set',
  'ok',
  'conflict',
  'unexplained',
  'ambiguous',
  'contradiction',
  'duplicate',
  'unverified',
  'new-born',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One line of `--mapping`. */
export interface MappingRow {
  readonly newUsername: string;
  readonly legacySub: string;
  /** The user's own `sub`, where the file has it, as one of import-csv: another user may have got the name since. */
  readonly newSub?: string;
  /** Where it stands, for error messages. */
  readonly line: number;
  /** Of several files. */
  readonly file?: string;
}

/** Prices and paces an estimate is made with. */
export interface EstimateOptions {
  /** Writes per second. @defaultValue 10 */
  readonly rps?: number;
  /** Dollars per monthly active user. @defaultValue 0.015, the Essentials plan */
  readonly mauPrice?: number;
}

/** `plan --json`. */
export interface PlanResult {
  readonly legacyUsers: number;
  readonly newUsers: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Legacy users whom no new user claims. */
  readonly notMigrated: number;
  /** Users to be written, groups to be created and memberships to be added. */
  readonly writes: number;
  readonly estimatedSeconds: number;
  /** Users whom the writes make monthly active. */
  readonly estimatedMau: number;
  readonly estimatedMauUsd: number;
  /** Only where another process works on the finished plan, so that this one has not taken its place yet. */
  readonly inForce?: false;
  /** Only of a plan with groups. */
  readonly groups?: GroupCounts;
  /** Only where some `unexplained` users look as if a trigger or an administrator had stamped them. */
  readonly stamped?: StampedCounts;
}

/** Of the `unexplained` users, those whose value may well be right: what speaks for it, and not that it is proven. */
export interface StampedCounts {
  /** Users whom `trustAttribute` would make `ok`. */
  readonly trustable: number;
  /** Users whose value is a legacy `sub` and also their user id at an identity provider, by its name. */
  readonly providers: Readonly<Record<string, number>>;
}

export interface Estimate {
  /** Writes still to do with these options. */
  readonly writes: number;
  readonly estimatedSeconds: number;
  readonly estimatedMau: number;
  readonly estimatedMauUsd: number;
}

/** `verify --json`. */
export interface VerifyResult {
  /** New-pool users for whom the plan knows a legacy id, plus those that carry a value nobody planned. */
  readonly checked: number;
  readonly right: number;
  /** Another value than the plan's, or a value where the plan has none. */
  readonly wrong: number;
  /** No value although the plan has one. */
  readonly missing: number;
  /** Users who share their value with another user. Each is counted under `right` or `wrong` too. */
  readonly duplicates: number;
  /** Of `wrong` and `missing`, where there are any: users of whom the plan says that a person has to decide. */
  readonly foreseen?: number;
  /** Planned users who are in the pool, and whom its listing lacked: it was not complete. Only where there are some. */
  readonly unlisted?: number;
  /** Planned users who were deleted since the plan. Only where there are some. */
  readonly gone?: number;
  /** Only of a plan with groups. */
  readonly groups?: GroupVerification;
}

/** One user whose value verification found not to be the plan's. */
export interface VerifyProblem {
  readonly newUsername: string;
  readonly newSub: string;
  /** Empty where the plan knows no value. */
  readonly expected: string;
  readonly actual: string;
  readonly problem: 'wrong' | 'missing';
  /** Why it is wrong, where that is not the value alone. */
  readonly reason?: string;
}

/** What `status` shows. */
export interface StatusResult {
  readonly legacyPools: readonly string[];
  readonly newPool: string;
  readonly attribute: string;
  /** `listing` and `matching`: a plan was begun and is not finished. */
  readonly phase: 'listing' | 'matching' | 'planned' | 'applying' | 'applied' | 'rolling-back' | 'rolled-back';
  /** Whether a process works on this state right now. */
  readonly running: boolean;
  /** Why the process that works on it sends nothing at present; `undefined` where it does. */
  readonly waiting: { readonly reason: string; readonly since: Date } | undefined;
  /** What `pace` set: writes a second, `null` as the command says. */
  readonly pace: { readonly rps: number | null; readonly paused: boolean };
  readonly listing: readonly {
    readonly side: PoolSide;
    readonly userPoolId: string;
    readonly users: number;
    readonly shardsDone: number;
    readonly shards: number;
  }[];
  /** When the plan was finished. */
  readonly plannedAt: Date | undefined;
  /** Of the finished plan. */
  readonly plan: Omit<PlanResult, 'estimatedSeconds' | 'estimatedMau' | 'estimatedMauUsd'> | undefined;
  readonly writes: {
    readonly total: number;
    readonly written: number;
    readonly failed: number;
    readonly skipped: number;
    readonly remaining: number;
    /** Begun, and without a known end: a run that was killed, or one that runs now. Written again by the next apply. */
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
  /** Empty where none, or none for certain, is known. */
  readonly legacySub: string;
  readonly outcome: Outcome;
  /** Rules that found the legacy user, joined by `+`; empty where none did. */
  readonly rule: string;
  /** Why, in words, where the outcome alone does not say it. Holds subs, never e-mails or phone numbers. */
  readonly detail: string;
  /** What became of the write; `undefined` where none was begun. */
  readonly write: WriteStatus | undefined;
  /** Why it failed or was skipped: the name of AWS's exception. */
  readonly error?: string;
}

/** `begun` without an end is what a killed run leaves behind. */
export type WriteStatus = 'begun' | 'written' | 'failed' | 'skipped' | 'rolled-back';

export interface ReportOptions {
  /** Only these. Default: all. */
  readonly outcomes?: readonly Outcome[];
  /** Only users whose write came to this. Default: all. */
  readonly writes?: readonly WriteStatus[];
  /** Only users who would be in too many groups. @defaultValue false */
  readonly overLimit?: boolean;
  /** At most this many rows. Default: all. */
  readonly limit?: number;
}
