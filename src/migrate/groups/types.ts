import type { GroupDirectory } from '../../directory/group-types.js';
import type { PoolSide } from '../../errors.js';

/** What `plan` needs to take groups along. */
export interface GroupOptions {
  /** The same pools as the plan's, in the same order. */
  readonly legacyPools: readonly GroupDirectory[];
  readonly newPool: GroupDirectory;
  /**
   * Give groups that are created the IAM role they have in the legacy pool. Every member then gets that role's rights where an
   * identity pool takes roles from tokens. @defaultValue false
   */
  readonly copyRoles?: boolean;
}

/** `groups` of `plan --json`. */
export interface GroupCounts {
  /** Groups that the new pool lacks. */
  readonly toCreate: number;
  /** Memberships to be added. */
  readonly memberships: number;
  /** Memberships of the legacy pool that the new pool has already. */
  readonly existing: number;
  /** Memberships of legacy users for whom no new user is certain. */
  readonly unmapped: number;
  /** Users who would be in more groups than Cognito allows: none of their memberships is added. */
  readonly overLimit: number;
}

/** `groups` of `verify --json`. */
export interface GroupVerification {
  /** Groups that the plan creates, and memberships that it adds or found. Users deleted since are left out. */
  readonly checked: number;
  readonly right: number;
  readonly missing: number;
  /** Members of these groups whom neither the plan nor the new pool knew. */
  readonly extra: number;
}

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
