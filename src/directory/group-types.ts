import type { Page, UserPage } from './user-types.js';

/** A group as ListGroups returns it. Properties that it does not have are `undefined`. */
export interface PoolGroup {
  readonly name: string;
  readonly description: string | undefined;
  /** The group with the lowest value decides the preferred role in a member's token. */
  readonly precedence: number | undefined;
  /** IAM role that an identity pool gives to members. */
  readonly roleArn: string | undefined;
}

/**
 * The groups of one user pool. As with `UserDirectory`, every method makes one attempt of one API call, and every rejection is
 * a `DirectoryError` or the signal's reason. The kind is `group-not-found` if the group does not exist.
 */
export interface GroupDirectory {
  readonly userPoolId: string;
  /** One page of groups, including those that Cognito keeps for identity providers. */
  listGroups(token?: string, signal?: AbortSignal): Promise<Page<PoolGroup>>;
  /** `undefined` if there is no such group. */
  getGroup(name: string, signal?: AbortSignal): Promise<PoolGroup | undefined>;
  /** One page of up to 60 members. */
  listMembers(group: string, token?: string, signal?: AbortSignal): Promise<UserPage>;
  /** Rejects with kind `group-exists` if a group with this name exists. */
  createGroup(group: PoolGroup, signal?: AbortSignal): Promise<void>;
  deleteGroup(name: string, signal?: AbortSignal): Promise<void>;
  /** No error if the user is already a member. */
  addMember(group: string, username: string, signal?: AbortSignal): Promise<void>;
  /** No error if the user is not a member. */
  removeMember(group: string, username: string, signal?: AbortSignal): Promise<void>;
  /** Closes connections. */
  close(): void;
}
