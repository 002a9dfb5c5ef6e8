import type {
  AttributeType,
  IdentityProviderType,
  ListUsersResponse,
  SchemaAttributeType,
  UserPoolClientType,
  UserPoolType,
  UserType,
} from '@aws-sdk/client-cognito-identity-provider';
import { isPlainObject } from '../options.js';
import { ATTRIBUTE_TYPES } from '../users/attribute-values.js';
import { featurePlanOf } from '../users/mau-prices.js';
import {
  type AppClient,
  DirectoryError,
  type DirectoryUser,
  type IdentityProvider,
  type Page,
  type PoolDescription,
  type UserPage,
} from './user-types.js';

/** Answers come from another party over a network, so what the SDK's types promise is checked here, once. */
export function toUserPage(answer: ListUsersResponse): UserPage {
  if (!Array.isArray(answer.Users)) unexpected('ListUsers', 'no list of users');
  return { users: answer.Users.map(toUser), nextToken: toToken('ListUsers', answer.PaginationToken) };
}

function toUser(user: UserType): DirectoryUser {
  if (typeof user?.Username !== 'string' || user.Username === '') {
    unexpected('ListUsers', 'a user without a username');
  }
  const attributes = toAttributes('ListUsers', user.Attributes);
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

/** Attributes by name. */
export function toAttributes(operation: string, list: readonly AttributeType[] | undefined): Record<string, string> {
  // Without a prototype, because the pool owner chooses the attribute names.
  const attributes: Record<string, string> = Object.create(null);
  if (list === undefined) return attributes;
  if (!Array.isArray(list)) unexpected(operation, 'attributes that are not a list');
  for (const attribute of list) {
    const { Name, Value } = attribute ?? {};
    if (typeof Name !== 'string' || (Value !== undefined && typeof Value !== 'string')) {
      unexpected(operation, 'an attribute that is not a name and a string');
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
  if (typeof token !== 'string') unexpected(operation, 'a page token that is not a string');
  return token;
}

export function toPoolDescription(pool: UserPoolType): PoolDescription {
  if (!Array.isArray(pool.SchemaAttributes)) unexpected('DescribeUserPool', 'no schema');
  return {
    name: text('DescribeUserPool', pool.Name),
    estimatedUsers: Number.isSafeInteger(pool.EstimatedNumberOfUsers) ? pool.EstimatedNumberOfUsers : undefined,
    adminCreateUserOnly: pool.AdminCreateUserConfig?.AllowAdminCreateUserOnly === true,
    preSignUpTrigger: Boolean(pool.LambdaConfig?.PreSignUp),
    featurePlan: featurePlanOf(pool.UserPoolTier),
    attributes: pool.SchemaAttributes.map(toSchemaAttribute),
  };
}

/** The rules of a schema for the values of an attribute. */
export function toPoolAttribute(attribute: SchemaAttributeType) {
  const { StringAttributeConstraints: text, NumberAttributeConstraints: number } = attribute;
  const type = ATTRIBUTE_TYPES.find((one) => one === attribute.AttributeDataType);
  return {
    name: attribute.Name ?? '',
    ...(type === undefined ? {} : { type }),
    required: attribute.Required === true,
    ...limit('minLength', text?.MinLength),
    ...limit('maxLength', text?.MaxLength),
    ...limit('minValue', number?.MinValue),
    ...limit('maxValue', number?.MaxValue),
  };
}

/** Cognito returns limits as strings. An empty string is no limit. */
function limit<K extends string>(name: K, value: string | undefined): Partial<Record<K, number>> {
  const number = Number(value || Number.NaN);
  return Number.isFinite(number) ? ({ [name]: number } as Record<K, number>) : {};
}

function toSchemaAttribute(attribute: SchemaAttributeType | null) {
  if (typeof attribute !== 'object' || attribute === null)
    unexpected('DescribeUserPool', 'an attribute without a name');
  const maxLength = Number(attribute.StringAttributeConstraints?.MaxLength ?? Number.NaN);
  return {
    name: text('DescribeUserPool', attribute.Name),
    type: text('DescribeUserPool', attribute.AttributeDataType),
    mutable: attribute.Mutable === true,
    maxLength: Number.isFinite(maxLength) ? maxLength : undefined,
  };
}

/** Empty if it is absent. */
function text(operation: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : unexpected(operation, 'a name that is not a string');
}

export function toAppClient(clientId: string, client: UserPoolClientType): AppClient {
  return {
    clientId,
    clientName: text('DescribeUserPoolClient', client.ClientName),
    writeAttributes: toNames(client.WriteAttributes),
    readAttributes: toNames(client.ReadAttributes),
  };
}

/** A provider without a mapping fills no attributes. */
export function toIdentityProvider(name: string, provider: IdentityProviderType): IdentityProvider {
  const { ProviderType, ProviderDetails } = provider;
  // What cannot be read must not pass for a provider that fills nothing.
  const AttributeMapping = toTexts(provider.AttributeMapping);
  return {
    name,
    mappedAttributes: Object.keys(AttributeMapping),
    type: ProviderType,
    issuer: toTexts(ProviderDetails)['oidc_issuer'],
    usernameFrom: AttributeMapping['username'],
  };
}

function toTexts(map: unknown): Readonly<Record<string, string>> {
  if (map === undefined || map === null) return {};
  const isMap = isPlainObject(map) && Object.values(map).every((value) => typeof value === 'string');
  return isMap ? (map as Record<string, string>) : unexpected('DescribeIdentityProvider', 'a mapping without names');
}

/** An absent list and an empty list mean the same to Cognito: no restriction that can be relied on. */
function toNames(list: string[] | undefined): readonly string[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return toItems('DescribeUserPoolClient', list);
}

/** A page of a list. */
export function toPage<T>(operation: string, items: readonly T[] | undefined, token: unknown): Page<T> {
  if (!Array.isArray(items)) unexpected(operation, 'no list');
  return { items, nextToken: toToken(operation, token) };
}

/** Ids or names. */
export function toItems(operation: string, list: readonly (string | undefined)[] | undefined): string[] {
  if (!Array.isArray(list)) unexpected(operation, 'no list');
  return list.map((item) => {
    if (typeof item !== 'string' || item === '') unexpected(operation, 'an entry without a name');
    return item;
  });
}

/** @throws {@link DirectoryError} of kind `answer` */
export function unexpected(operation: string, what: string): never {
  throw new DirectoryError('answer', operation, 'UnexpectedAnswer', `${operation} answered with ${what}`);
}
