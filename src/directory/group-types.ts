import type { Page, UserPage } from './user-types.js';

/** A group as ListGroups answers it; `undefined` where it has none. */
export interface PoolGroup {
  readonly name: string;
  readonly description: string | undefined;
  /** The lower, the more it counts for the role in a member's token. */
  readonly precedence: number | undefined;
  /** IAM role that an identity pool gives members. */
  readonly roleArn: string | undefined;
}

/**
 * The groups of one user pool. As of `UserDirectory`: every method is one attempt of one API call, and every rejection is a
 * `DirectoryError` or the signal's reason. Of kind `group-not-found` where the group named is gone.
 */
export interface GroupDirectory {
  readonly userPoolId: string;
  /** One page of groups, those that Cognito keeps for identity providers included. */
  listGroups(token?: string, signal?: AbortSignal): Promise<Page<PoolGroup>>;
  /** `undefined` where there is no such group. */
  getGroup(name: string, signal?: AbortSignal): Promise<PoolGroup | undefined>;
  /** One page of up to 60 members. */
  listMembers(group: string, token?: string, signal?: AbortSignal): Promise<UserPage>;
  /** Rejects with kind `group-exists` where there is a group of this name. */
  createGroup(group: PoolGroup, signal?: AbortSignal): Promise<void>;
  deleteGroup(name: string, signal?: AbortSignal): Promise<void>;
  /** No error where the user is a member already. */
  addMember(group: string, username: string, signal?: AbortSignal): Promise<void>;
  /** No error where the user is no member. */
  removeMember(group: string, username: string, signal?: AbortSignal): Promise<void>;
  /** Closes connections. */
  close(): void;
}
