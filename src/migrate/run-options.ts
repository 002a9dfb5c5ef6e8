import type { GroupDirectory } from '../directory/group-types.js';
import type { UserDirectory } from '../directory/user-types.js';
import type { WritingOptions } from './control/writing-run.js';
import type { GroupOptions } from './groups/plan-groups.js';
import type { MatchOptions } from './matching/policy.js';
import type { MappingRow } from './outcomes.js';
import type { Estimate, EstimateOptions } from './results.js';
import type { RunOptions } from './run.js';
import type { UserRow } from './state/run-scope.js';

export interface PlanOptions extends RunOptions, MatchOptions, EstimateOptions {
  /** One or more legacy pools. */
  readonly legacyPools: readonly UserDirectory[];
  readonly newPool: UserDirectory;
  /** Rows of the mapping file. Only allowed if `match` includes `mapping`. Default: none. */
  readonly mapping?: Iterable<MappingRow> | AsyncIterable<MappingRow>;
  /** ListUsers and ListUsersInGroup attempts per second, for all pools together. @defaultValue 15 */
  readonly readRps?: number;
  /** Start again instead of continuing an unfinished plan; `when-old`: only if it was started more than a day ago. @defaultValue false */
  readonly fresh?: boolean | 'when-old';
  /**
   * Reuse the legacy users as the finished plan listed them, and list only the new pool. Refused unless sign-up is closed in every legacy
   * pool. @defaultValue false
   */
  readonly reuseLegacyListing?: boolean;
  /** Apply will be told to accept that others can write the attribute, so it is not foreseen as a refusal. @defaultValue false */
  readonly allowWritableAttribute?: boolean;
  /** Also plan groups and memberships. Default: no. */
  readonly groups?: GroupOptions;
}

/** The new pool's groups. Required if the plan contains groups, and to roll back groups that were written. */
interface WithGroups {
  readonly newGroups?: GroupDirectory;
}

export interface ApplyOptions extends RunOptions, EstimateOptions, WritingOptions, WithGroups {
  readonly newPool: UserDirectory;
  /** Also write users with the outcome `conflict`. @defaultValue false */
  readonly overwrite?: boolean;
  /** Continue even if an app client or identity provider can write the attribute. @defaultValue false */
  readonly allowWritableAttribute?: boolean;
  /** Write only these users, and add only these users to groups. Default: all. */
  readonly only?: Iterable<UserRow> | AsyncIterable<UserRow>;
  /** End the run after this many failed writes. Default: no limit. */
  readonly maxFailed?: number;
  /** The age, in hours, from which `confirm` is told about the plan's age. Without `confirm`, such a plan is refused. @defaultValue 24 */
  readonly maxPlanAge?: number;
  /** ListUsers attempts per second. Default: 15, or as many as `rps` up to 25. */
  readonly readRps?: number;
  /**
   * Called after all checks have passed and before the first write; `false` ends the run with nothing written. Not called if there is
   * nothing to write. `doubt` is a sentence about the plan's age. Default: yes.
   */
  readonly confirm?: (estimate: Estimate, doubt?: string) => boolean | Promise<boolean>;
  /** The number of the plan to apply. If another plan has replaced it, the run is refused. Default: the plan that is in force. */
  readonly plan?: number;
}

export interface VerifyOptions extends RunOptions, WithGroups {
  readonly newPool: UserDirectory;
  /** As for plan. @defaultValue 15 */
  readonly readRps?: number;
  /**
   * `plan`: assume that the pool is as the plan listed it, and read only the users again whom this plan wrote. For use right after plan.
   * @defaultValue `pool`: list the pool again
   */
  readonly listing?: 'pool' | 'plan';
}

export interface RollbackOptions extends RunOptions, EstimateOptions, WritingOptions, WithGroups {
  readonly newPool: UserDirectory;
  readonly readRps?: number;
  /** Roll back only what was written for the plan with this number. Default: all plans. */
  readonly plan?: number;
  /** Roll back only what was written at this time or later. Default: everything. */
  readonly since?: Date;
  /** Roll back only these users; groups that were created are then kept. Default: all users. */
  readonly users?: Iterable<UserRow> | AsyncIterable<UserRow>;
  /** As for apply. */
  readonly confirm?: (estimate: Estimate) => boolean | Promise<boolean>;
}
