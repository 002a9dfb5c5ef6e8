import type {
  AttributeType,
  DescribeUserPoolResponse,
  IdentityProviderType,
  ListUsersResponse,
  SchemaAttributeType,
  UserPoolClientType,
  UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  type AppClient,
  DirectoryError,
  type DirectoryUser,
  type IdentityProvider,
  type PoolDescription,
  type UserPage,
} from './user-types.js';

/** The answers come over a network from another party: what the types promise is checked here, once. */
export function toUserPage(answer: ListUsersResponse): UserPage {
  if (!Array.isArray(answer.Users)) throw unexpected('ListUsers', 'no list of users');
  return { users: answer.Users.map(toUser), nextToken: toToken('ListUsers', answer.PaginationToken) };
}

function toUser(user: UserType): DirectoryUser {
  if (typeof user?.Username !== 'string' || user.Username === '') {
    throw unexpected('ListUsers', 'a user without a username');
  }
  const attributes = toAttributes(user.Attributes);
  return {
    username: user.Username,
    sub: attributes['sub'] === '' ? undefined : attributes['sub'],
    attributes,
    status: typeof user.UserStatus === 'string' ? user.UserStatus : 'UNKNOWN',
    enabled: user.Enabled !== false,
    createdAt: toDate(user.UserCreateDate),
    modifiedAt: toDate(user.UserLastModifiedDate),
  };
}

function toAttributes(list: AttributeType[] | undefined): Record<string, string> {
  // Without a prototype: attribute names are the pool owner's.
  const attributes: Record<string, string> = Object.create(null);
  if (list === undefined) return attributes;
  if (!Array.isArray(list)) throw unexpected('ListUsers', 'attributes that are not a list');
  for (const { Name, Value } of list) {
    if (typeof Name !== 'string' || (Value !== undefined && typeof Value !== 'string')) {
      throw unexpected('ListUsers', 'an attribute that is not a name and a string');
    }
    attributes[Name] = Value ?? '';
  }
  return attributes;
}

function toDate(value: unknown): Date | undefined {
  return value instanceof Date && !Number.isNaN(value.getTime()) ? value : undefined;
}

export function toToken(operation: string, token: unknown): string | undefined {
  if (token === undefined || token === null || token === '') return undefined;
  if (typeof token !== 'string') throw unexpected(operation, 'a page token that is not a string');
  return token;
}

export function toPoolDescription({ UserPool: pool }: DescribeUserPoolResponse): PoolDescription {
  if (typeof pool !== 'object' || pool === null) throw unexpected('DescribeUserPool', 'no pool');
  if (!Array.isArray(pool.SchemaAttributes)) throw unexpected('DescribeUserPool', 'no schema');
  return {
    name: pool.Name ?? '',
    estimatedUsers: Number.isSafeInteger(pool.EstimatedNumberOfUsers) ? pool.EstimatedNumberOfUsers : undefined,
    adminCreateUserOnly: pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true,
    preSignUpTrigger: Boolean(pool.LambdaConfig?.PreSignUp),
    attributes: pool.SchemaAttributes.map(toSchemaAttribute),
  };
}

function toSchemaAttribute(attribute: SchemaAttributeType) {
  const maxLength = Number(attribute.StringAttributeConstraints?.MaxLength ?? Number.NaN);
  return {
    name: attribute.Name ?? '',
    type: attribute.AttributeDataType ?? '',
    mutable: attribute.Mutable === true,
    maxLength: Number.isFinite(maxLength) ? maxLength : undefined,
  };
}

export function toAppClient(clientId: string, client: UserPoolClientType | undefined): AppClient {
  if (typeof client !== 'object' || client === null) throw unexpected('DescribeUserPoolClient', 'no app client');
  return {
    clientId,
    clientName: client.ClientName ?? '',
    writeAttributes: toNames(client.WriteAttributes),
    readAttributes: toNames(client.ReadAttributes),
  };
}

/** A provider without a mapping fills no attribute; an answer without a provider says nothing about that. */
export function toIdentityProvider(name: string, provider: IdentityProviderType | undefined): IdentityProvider {
  if (typeof provider !== 'object' || provider === null) {
    throw unexpected('DescribeIdentityProvider', 'no identity provider');
  }
  const { AttributeMapping = {}, ProviderType, ProviderDetails } = provider;
  return {
    name,
    mappedAttributes: Object.keys(AttributeMapping),
    type: ProviderType,
    issuer: ProviderDetails?.['oidc_issuer'],
    usernameFrom: AttributeMapping['username'],
  };
}

/** An absent and an empty list mean the same to Cognito: no restriction that could be relied on. */
function toNames(list: string[] | undefined): readonly string[] | undefined {
  return Array.isArray(list) && list.length > 0 ? list : undefined;
}

/** A page of ids or names. */
export function toItems(operation: string, list: readonly (string | undefined)[] | undefined): string[] {
  if (!Array.isArray(list)) throw unexpected(operation, 'no list');
  return list.map((item) => {
    if (typeof item !== 'string' || item === '') throw unexpected(operation, 'an entry without a name');
    return item;
  });
}

export function unexpected(operation: string, what: string): DirectoryError {
  return new DirectoryError('answer', operation, 'UnexpectedAnswer', `${operation} answered with ${what}`);
}
