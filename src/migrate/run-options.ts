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
  /** One or more; in the order given. */
  readonly legacyPools: readonly UserDirectory[];
  readonly newPool: UserDirectory;
  /** Rows of the mapping file, needed where `match` holds `mapping` and there is such a file. Default: none. */
  readonly mapping?: Iterable<MappingRow> | AsyncIterable<MappingRow>;
  /** ListUsers and ListUsersInGroup attempts per second, over all pools together, up to 30. @defaultValue 15 */
  readonly readRps?: number;
  /** Begin again where a plan was not finished, or only where that was begun more than a day ago. @defaultValue false: it goes on where it was */
  readonly fresh?: boolean | 'when-old';
  /**
   * Take the legacy users as the finished plan listed them, and list the new pool alone. Refused unless every legacy pool is closed
   * for sign-up. @defaultValue false
   */
  readonly reuseLegacyListing?: boolean;
  /** Plan groups and memberships, too. Default: no. */
  readonly groups?: GroupOptions;
}

/** The new pool's groups; needed where the plan holds some, and to roll back what was written of them. */
interface WithGroups {
  readonly newGroups?: GroupDirectory;
}

export interface ApplyOptions extends RunOptions, EstimateOptions, WritingOptions, WithGroups {
  readonly newPool: UserDirectory;
  /** Also write users of outcome `conflict`. @defaultValue false */
  readonly overwrite?: boolean;
  /** Go on although an app client or identity provider can write the attribute. @defaultValue false */
  readonly allowWritableAttribute?: boolean;
  /** Write only these users, and add only them to groups. Default: all. */
  readonly only?: Iterable<UserRow> | AsyncIterable<UserRow>;
  /** End the run after this many failed writes. Default: no limit. */
  readonly maxFailed?: number;
  /** Hours after which a plan is doubted: `confirm` is told, and without it the run is refused. @defaultValue 24 */
  readonly maxPlanAge?: number;
  /** ListUsers attempts per second. Default: 15, or as many as `rps` up to 25. */
  readonly readRps?: number;
  /**
   * Asked after every check passed and before the first write; `false` ends the run with nothing written. Not asked where
   * nothing is to be written. `doubt` is a sentence about the plan's age. Default: yes.
   */
  readonly confirm?: (estimate: Estimate, doubt?: string) => boolean | Promise<boolean>;
  /** The number of the plan that is meant: where another one has taken its place, nothing is done. Default: whichever is in force. */
  readonly plan?: number;
}

export interface VerifyOptions extends RunOptions, WithGroups {
  readonly newPool: UserDirectory;
  /** As for plan. @defaultValue 15 */
  readonly readRps?: number;
  /**
   * `plan`: take what the plan listed for what is there, and read only those again whom this plan wrote. For a run that has just planned.
   * @defaultValue `pool`: list the pool again
   */
  readonly listing?: 'pool' | 'plan';
}

export interface RollbackOptions extends RunOptions, EstimateOptions, WritingOptions, WithGroups {
  readonly newPool: UserDirectory;
  readonly readRps?: number;
  /** Take back only what was written for the plan of this number. Default: all plans. */
  readonly plan?: number;
  /** Take back only what was written at this moment or later. Default: everything. */
  readonly since?: Date;
  /** Take back only what was written of these users; groups that were created then stay. Default: all users. */
  readonly users?: Iterable<UserRow> | AsyncIterable<UserRow>;
  /** As for apply. */
  readonly confirm?: (estimate: Estimate) => boolean | Promise<boolean>;
}
