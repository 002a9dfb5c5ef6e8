import type { GroupDirectory, PoolGroup } from '../../../../src/directory/group-types.js';
import { DirectoryError, type DirectoryErrorKind, type DirectoryUser } from '../../../../src/directory/user-types.js';

export interface FakeGroup extends Partial<PoolGroup> {
  readonly name: string;
  /** Usernames; the sub of each is `sub-` and the username. */
  readonly members?: readonly string[];
}

export interface FakeGroupsOptions {
  readonly pageSize?: number;
  /** Called before each call, with how many of this operation there were; what it throws is the answer. */
  readonly before?: (operation: string, call: { attempt: number; group: string; token: string | undefined }) => void;
}

export function failure(kind: DirectoryErrorKind, operation = 'ListUsersInGroup'): DirectoryError {
  return new DirectoryError(kind, operation, kind, `${operation}: ${kind}`);
}

export const fakeUser = (username: string): DirectoryUser => ({
  username,
  sub: username.startsWith('subless') ? undefined : `sub-${username}`,
  attributes: {},
  status: 'CONFIRMED',
  enabled: true,
  createdAt: undefined,
  modifiedAt: undefined,
});

/** The groups of a pool in memory, behind the contract of the real ones. */
export class FakeGroups implements GroupDirectory {
  readonly userPoolId: string;
  readonly groups: Map<string, { group: PoolGroup; members: Set<string> }>;
  readonly calls = new Map<string, number>();
  options: FakeGroupsOptions;

  constructor(userPoolId: string, groups: readonly FakeGroup[], options: FakeGroupsOptions = {}) {
    this.userPoolId = userPoolId;
    this.options = options;
    this.groups = new Map(
      groups.map(({ name, members = [], ...more }) => [
        name,
        {
          group: { description: undefined, precedence: undefined, roleArn: undefined, ...more, name },
          members: new Set(members),
        },
      ]),
    );
  }

  async listGroups(token?: string) {
    this.#called('ListGroups', '', token);
    return this.#page(
      [...this.groups.values()].map(({ group }) => group),
      token,
    );
  }

  async getGroup(name: string) {
    this.#called('GetGroup', name);
    return this.groups.get(name)?.group;
  }

  async listMembers(name: string, token?: string) {
    this.#called('ListUsersInGroup', name, token);
    const { items, nextToken } = this.#page([...this.#group(name).members], token);
    return { users: items.map(fakeUser), nextToken };
  }

  async createGroup(group: PoolGroup) {
    this.#called('CreateGroup', group.name);
    if (this.groups.has(group.name)) throw failure('group-exists', 'CreateGroup');
    this.groups.set(group.name, { group, members: new Set() });
  }

  async deleteGroup(name: string) {
    this.#called('DeleteGroup', name);
    this.#group(name);
    this.groups.delete(name);
  }

  async addMember(name: string, username: string) {
    this.#called('AdminAddUserToGroup', name);
    this.#group(name).members.add(username);
  }

  async removeMember(name: string, username: string) {
    this.#called('AdminRemoveUserFromGroup', name);
    this.#group(name).members.delete(username);
  }

  close() {}

  #called(operation: string, group: string, token?: string): void {
    const attempt = (this.calls.get(operation) ?? 0) + 1;
    this.calls.set(operation, attempt);
    this.options.before?.(operation, { attempt, group, token });
  }

  #group(name: string) {
    const found = this.groups.get(name);
    if (found === undefined) throw failure('group-not-found');
    return found;
  }

  #page<T>(all: readonly T[], token: string | undefined): { items: T[]; nextToken: string | undefined } {
    const from = Number(token ?? 0);
    const next = from + (this.options.pageSize ?? 60);
    return { items: all.slice(from, next), nextToken: next < all.length ? `${next}` : undefined };
  }
}
