import type {
  AdminCreateUserRequest,
  AdminDeleteUserAttributesRequest,
  AdminDeleteUserRequest,
  AdminDisableUserRequest,
  AdminGetUserRequest,
  AdminUpdateUserAttributesRequest,
  AttributeType,
  ListUsersRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import { invalidParameter, invalidRequest, ServiceError, userNotFound } from '../errors.js';
import { SEARCHABLE } from '../filter.js';
import { listUsers } from '../listing.js';
import type { Call, Operation } from '../operation.js';
import type { SimulatedPool } from '../pool.js';
import { randomUuid } from '../random.js';
import { checkAttributes } from '../schema.js';
import type { SimulatedUser, UserInput } from '../users.js';
import { wireUser } from '../users.js';

/** The user an admin call names. @throws UserNotFoundException */
export function namedUser(pool: SimulatedPool, username: string | undefined): SimulatedUser {
  if (username === undefined || username === '') throw invalidRequest('username', 'have length greater than 0');
  const user = pool.user(username) ?? (pool.options.acceptSub === true ? pool.users.findBySub(username) : undefined);
  if (user === undefined) throw userNotFound();
  return user;
}

export function attributesOf(list: readonly AttributeType[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? '']));
}

function list({ input, pool, now }: Call<ListUsersRequest>): object {
  const { Limit = 60, AttributesToGet } = input;
  if (Limit > 60) throw invalidRequest('limit', 'have value less than or equal to 60');
  const { users, token } = listUsers(pool, { limit: Limit, filter: input.Filter, token: input.PaginationToken, now });
  const Users = users.map(wireUser);
  for (const user of AttributesToGet === undefined ? [] : Users) {
    user.Attributes = user.Attributes.filter(({ Name }) => AttributesToGet?.includes(Name));
    const missing = AttributesToGet?.find(
      (wanted) => !SEARCHABLE.includes(wanted) && !user.Attributes.some(({ Name }) => Name === wanted),
    );
    if (missing !== undefined) throw invalidParameter(`One or more requested attributes do not exist: ${missing}`);
  }
  return { Users, PaginationToken: token };
}

function get({ input, pool }: Call<AdminGetUserRequest>): object {
  const user = namedUser(pool, input.Username);
  const { Attributes, ...rest } = wireUser(user);
  return { ...rest, UserAttributes: Attributes, ...mfaOf(user) };
}

export function mfaOf(user: SimulatedUser): object {
  return user.mfa.length === 0 ? {} : { PreferredMfaSetting: user.mfa[0], UserMFASettingList: user.mfa };
}

/** Changes attributes as an administrator or the user does: an empty value removes, a new address is unverified. */
export function updateAttributes(pool: SimulatedPool, operation: string, user: SimulatedUser, list?: AttributeType[]) {
  const attributes = attributesOf(list);
  checkAttributes(pool.schema, attributes, false);
  for (const contact of ['email', 'phone_number']) {
    if (attributes[contact] === undefined || attributes[contact] === user.attributes[contact]) continue;
    attributes[`${contact}_verified`] ??= 'false';
  }
  pool.write(operation, user.username, attributes);
}

function update({ operation, input, pool }: Call<AdminUpdateUserAttributesRequest>): object {
  if (input.UserAttributes === undefined) throw invalidRequest('userAttributes', 'not be null');
  updateAttributes(pool, operation, namedUser(pool, input.Username), input.UserAttributes);
  return {};
}

function deleteAttributes({ operation, input, pool }: Call<AdminDeleteUserAttributesRequest>): object {
  const user = namedUser(pool, input.Username);
  const names = input.UserAttributeNames ?? [];
  checkAttributes(pool.schema, Object.fromEntries(names.map((name) => [name, ''])), false);
  pool.write(operation, user.username, Object.fromEntries(names.map((name) => [name, null])));
  return {};
}

/** Adds a user, whose username is their sub where people sign in with their address. */
export function createUser(pool: SimulatedPool, operation: string, given: UserInput): SimulatedUser {
  const signInWith: readonly string[] = pool.settings.UsernameAttributes ?? [];
  const address = given.username.includes('@') ? 'email' : 'phone_number';
  if (signInWith.length > 0 && !signInWith.includes(address)) {
    throw invalidParameter(`Username should be either an email or a phone number.`);
  }
  const attributes = { ...given.attributes, ...(signInWith.length > 0 ? { [address]: given.username } : {}) };
  checkAttributes(pool.schema, attributes, true);
  const taken =
    signInWith.length > 0
      ? pool.users.page({ attribute: address, prefix: false, value: given.username }, 0, 1).users.length > 0
      : pool.user(given.username) !== undefined;
  if (taken) throw new ServiceError('UsernameExistsException', 'User account already exists');
  const sub = randomUuid(pool.random);
  const user = pool.addUser({ ...given, attributes, sub, username: signInWith.length > 0 ? sub : given.username });
  pool.record(operation, user.username, attributes);
  return user;
}

function create({ operation, input, pool }: Call<AdminCreateUserRequest>): object {
  if (input.Username === undefined || input.Username === '') throw invalidRequest('username', 'not be null');
  const user = createUser(pool, operation, {
    username: input.Username,
    attributes: attributesOf(input.UserAttributes),
    status: 'FORCE_CHANGE_PASSWORD',
    ...(input.TemporaryPassword === undefined ? {} : { password: input.TemporaryPassword }),
  });
  return { User: wireUser(user) };
}

function remove({ operation, input, pool }: Call<AdminDeleteUserRequest>): object {
  const { username } = namedUser(pool, input.Username);
  pool.deleteUser(username);
  pool.record(operation, username, {});
  return {};
}

function disable({ operation, input, pool }: Call<AdminDisableUserRequest>): object {
  const { username } = namedUser(pool, input.Username);
  const user = pool.users.edit(username);
  if (user !== undefined) user.enabled = false;
  pool.record(operation, username, {});
  return {};
}

export const userOperations = {
  ListUsers: { category: 'UserList', run: list },
  AdminGetUser: { category: 'UserRead', run: get },
  AdminUpdateUserAttributes: { category: 'UserUpdate', write: true, run: update },
  AdminDeleteUserAttributes: { category: 'UserUpdate', write: true, run: deleteAttributes },
  AdminCreateUser: { category: 'UserCreation', write: true, run: create },
  AdminDisableUser: { category: 'UserUpdate', write: true, run: disable },
  AdminDeleteUser: { category: 'UserUpdate', write: true, run: remove },
} satisfies Record<string, Operation>;
