import type { Clock } from '../../../src/clock.js';
import {
  type AppClient,
  DirectoryError,
  type DirectoryErrorKind,
  type DirectoryUser,
  type IdentityProvider,
  type ListUsersRequest,
  type PoolDescription,
  type SchemaAttribute,
  type UserDirectory,
  type UserPage,
} from '../../../src/directory/user-types.js';

export interface FakeUser {
  username: string;
  sub?: string | undefined;
  attributes: Record<string, string>;
  /** @defaultValue 'CONFIRMED' */
  status?: string;
  /** @defaultValue true */
  enabled?: boolean;
  createdAt?: Date;
}

export interface FakeDirectoryOptions {
  readonly users?: readonly FakeUser[];
  readonly estimatedUsers?: number;
  readonly adminCreateUserOnly?: boolean;
  readonly preSignUpTrigger?: boolean;
  readonly schema?: readonly SchemaAttribute[];
  readonly clients?: readonly AppClient[];
  readonly providers?: readonly IdentityProvider[];
  readonly pageSize?: number;
  readonly ignoresFilter?: boolean;
  /** Called before each call; what it throws is the answer. */
  readonly before?: (
    operation: string,
    call: { attempt: number; username?: string; request?: ListUsersRequest },
  ) => void;
  /** Changes a page on its way out. */
  readonly page?: (page: UserPage, request: ListUsersRequest, attempt: number) => UserPage;
  readonly latencyMs?: number;
  readonly clock?: Clock;
}

export const LEGACY_SUB: SchemaAttribute = {
  name: 'custom:legacy_sub',
  type: 'String',
  mutable: true,
  maxLength: 2048,
};

/** Of kind `credentials`: a permission that is missing, unless another exception is named. */
export function failure(
  kind: DirectoryErrorKind,
  operation = 'ListUsers',
  exception: string = kind === 'credentials' ? 'AccessDeniedException' : kind,
): DirectoryError {
  return new DirectoryError(kind, operation, exception, `${operation}: ${exception}`);
}

/** A user pool in memory, behind the contract of the real one. */
export class FakeDirectory implements UserDirectory {
  readonly userPoolId: string;
  readonly users: Map<string, FakeUser>;
  /** Every change that was carried out, in order. */
  readonly writes: { username: string; name: string; value: string | null; at: number }[] = [];
  readonly calls = new Map<string, number>();
  options: FakeDirectoryOptions;

  constructor(userPoolId: string, options: FakeDirectoryOptions = {}) {
    this.userPoolId = userPoolId;
    this.options = options;
    this.users = new Map((options.users ?? []).map((user) => [user.username, structuredClone(user)]));
  }

  value(username: string, name = 'custom:legacy_sub'): string | undefined {
    return this.users.get(username)?.attributes[name];
  }

  async listUsers(request: ListUsersRequest = {}): Promise<UserPage> {
    const attempt = await this.#called('ListUsers', { request });
    const { pageSize = 60, ignoresFilter = false, page } = this.options;
    const prefix = ignoresFilter ? '' : (request.subPrefix ?? '');
    const name = ignoresFilter ? undefined : request.username;
    const all = [...this.users.values()].filter(
      ({ sub, username }) =>
        (prefix === '' || sub?.startsWith(prefix) === true) && (name === undefined || username === name),
    );
    const from = request.token === undefined ? 0 : Number(/@(\d+)$/.exec(request.token)?.[1]);
    if (request.token !== undefined && !request.token.startsWith(`${request.subPrefix ?? ''}@`)) throw failure('token');
    const next = from + pageSize;
    const answer: UserPage = {
      users: all.slice(from, next).map(toDirectoryUser),
      nextToken: next < all.length ? `${request.subPrefix ?? ''}@${next}` : undefined,
    };
    return page === undefined ? answer : page(answer, request, attempt);
  }

  async updateAttributes(username: string, attributes: Readonly<Record<string, string>>): Promise<void> {
    await this.#called('AdminUpdateUserAttributes', { username });
    const user = this.#user(username, 'AdminUpdateUserAttributes');
    for (const [name, value] of Object.entries(attributes)) {
      user.attributes[name] = value;
      this.writes.push({ username, name, value, at: this.options.clock?.now() ?? 0 });
    }
  }

  async deleteAttributes(username: string, names: readonly string[]): Promise<void> {
    await this.#called('AdminDeleteUserAttributes', { username });
    const user = this.#user(username, 'AdminDeleteUserAttributes');
    for (const name of names) {
      delete user.attributes[name];
      this.writes.push({ username, name, value: null, at: this.options.clock?.now() ?? 0 });
    }
  }

  async describePool(): Promise<PoolDescription> {
    await this.#called('DescribeUserPool', {});
    return {
      name: 'fake',
      estimatedUsers: this.options.estimatedUsers ?? this.users.size,
      adminCreateUserOnly: this.options.adminCreateUserOnly ?? false,
      preSignUpTrigger: this.options.preSignUpTrigger ?? false,
      attributes: this.options.schema ?? [LEGACY_SUB],
    };
  }

  async listClientIds() {
    await this.#called('ListUserPoolClients', {});
    return { items: (this.options.clients ?? []).map(({ clientId }) => clientId), nextToken: undefined };
  }

  async describeClient(clientId: string): Promise<AppClient> {
    await this.#called('DescribeUserPoolClient', {});
    const client = this.options.clients?.find((one) => one.clientId === clientId);
    if (client === undefined) throw failure('refused', 'DescribeUserPoolClient');
    return client;
  }

  async listProviderNames() {
    await this.#called('ListIdentityProviders', {});
    return { items: (this.options.providers ?? []).map(({ name }) => name), nextToken: undefined };
  }

  async describeProvider(name: string): Promise<IdentityProvider> {
    await this.#called('DescribeIdentityProvider', {});
    const provider = this.options.providers?.find((one) => one.name === name);
    if (provider === undefined) throw failure('refused', 'DescribeIdentityProvider');
    return provider;
  }

  close(): void {}

  async #called(operation: string, call: { username?: string; request?: ListUsersRequest }): Promise<number> {
    const attempt = (this.calls.get(operation) ?? 0) + 1;
    this.calls.set(operation, attempt);
    const { clock, latencyMs, before } = this.options;
    if (clock !== undefined && latencyMs !== undefined) await clock.sleep(latencyMs);
    before?.(operation, { ...call, attempt });
    return attempt;
  }

  #user(username: string, operation: string): FakeUser {
    const user = this.users.get(username);
    if (user === undefined) throw failure('user-not-found', operation);
    return user;
  }
}

function toDirectoryUser({
  username,
  sub,
  attributes,
  status = 'CONFIRMED',
  enabled = true,
  createdAt,
}: FakeUser): DirectoryUser {
  return {
    username,
    sub,
    attributes: sub === undefined ? { ...attributes } : { sub, ...attributes },
    status,
    enabled,
    createdAt,
    modifiedAt: undefined,
  };
}
