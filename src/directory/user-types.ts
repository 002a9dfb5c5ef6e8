import type { PoolSide } from '../errors.js';
import type { FeaturePlan } from '../users/mau-prices.js';

/** A user as ListUsers returns it. */
export interface DirectoryUser {
  /** Exactly as ListUsers returned it: admin calls need this value and nothing derived from it. */
  readonly username: string;
  /** `undefined` if the answer has no `sub`. */
  readonly sub: string | undefined;
  /** Every attribute by name, `sub` and `custom:…` included. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `CONFIRMED`, `UNCONFIRMED`, `EXTERNAL_PROVIDER`, … */
  readonly status: string;
  readonly enabled: boolean;
  readonly createdAt: Date | undefined;
  readonly modifiedAt: Date | undefined;
}

export interface UserPage {
  /** Can be empty even if more pages follow. */
  readonly users: readonly DirectoryUser[];
  /** Absent on the last page. Valid for about an hour, and only with the filter of the request. */
  readonly nextToken: string | undefined;
}

export interface ListUsersRequest {
  /** Only users whose `sub` starts with this. Default: all users. */
  readonly subPrefix?: string;
  /** Only the user with exactly this username. Not together with `subPrefix`. Default: all users. */
  readonly username?: string;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

/**
 * The maximum length of a custom attribute. Attributes are proposed with it, because a limit can never be raised.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
export const MAX_CUSTOM_VALUE_LENGTH = 2048;

/** The part of DescribeUserPool that a backfill needs. */
export interface PoolDescription {
  readonly name: string;
  /** Approximate, and updated with a delay. */
  readonly estimatedUsers: number | undefined;
  /** True if users cannot sign themselves up. */
  readonly adminCreateUserOnly: boolean;
  /** Whether a PreSignUp trigger is set, which can mark addresses as verified without proof. */
  readonly preSignUpTrigger?: boolean;
  /** On which its price depends; `undefined` if the pool does not say it. */
  readonly featurePlan?: FeaturePlan | undefined;
  readonly attributes: readonly SchemaAttribute[];
}

export interface SchemaAttribute {
  /** As in tokens and admin calls, with the prefix `custom:` for a custom attribute. */
  readonly name: string;
  readonly type: string;
  readonly mutable: boolean;
  readonly maxLength: number | undefined;
}

export interface AppClient {
  readonly clientId: string;
  readonly clientName: string;
  /** `undefined` if Cognito returns no list: the client is then treated as allowed to write every attribute. */
  readonly writeAttributes: readonly string[] | undefined;
  readonly readAttributes: readonly string[] | undefined;
}

/** An identity provider and the pool attributes that it fills. */
export interface IdentityProvider {
  readonly name: string;
  readonly mappedAttributes: readonly string[];
  /** `OIDC`, `SAML`, `Google`, … */
  readonly type?: string | undefined;
  /** The issuer of an OIDC provider. */
  readonly issuer?: string | undefined;
  /** The provider's claim from which Cognito takes the user id, and so the username. */
  readonly usernameFrom?: string | undefined;
}

/**
 * One user pool, accessed through its API. Every method makes one attempt of one API call. The caller paces and retries, so
 * that each attempt is counted. Every rejection is a {@link DirectoryError} or the signal's reason.
 */
export interface UserDirectory {
  readonly userPoolId: string;
  listUsers(request?: ListUsersRequest): Promise<UserPage>;
  /** Sets the given attributes and keeps the others. An empty value removes the value of an attribute. */
  updateAttributes(username: string, attributes: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void>;
  deleteAttributes(username: string, names: readonly string[], signal?: AbortSignal): Promise<void>;
  describePool(signal?: AbortSignal): Promise<PoolDescription>;
  /** One page of app client ids. */
  listClientIds(token?: string, signal?: AbortSignal): Promise<Page<string>>;
  describeClient(clientId: string, signal?: AbortSignal): Promise<AppClient>;
  /** One page of identity provider names. */
  listProviderNames(token?: string, signal?: AbortSignal): Promise<Page<string>>;
  describeProvider(name: string, signal?: AbortSignal): Promise<IdentityProvider>;
  /** Closes connections. */
  close(): void;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

/**
 * The kind of a failed call.
 * - `throttled`: over the quota; slow down and retry
 * - `unavailable`: 5xx, network, timeout; retry
 * - `credentials`: missing, expired, or not allowed to make this call
 * - `token`: the pagination token is expired or refused, or leads back to an earlier page; list again from the start
 * - `user-not-found`, `group-not-found`: the user or group does not exist
 * - `group-exists`: a group with this name exists
 * - `invalid`: the pool refuses the parameters (attribute missing, immutable, value too long, …)
 * - `refused`: every call would fail: no such pool, a replica Region that accepts no writes, a daily limit, …
 * - `answer`: the answer is not what the API promises
 */
export type DirectoryErrorKind =
  | 'throttled'
  | 'unavailable'
  | 'credentials'
  | 'token'
  | 'user-not-found'
  | 'group-not-found'
  | 'group-exists'
  | 'invalid'
  | 'refused'
  | 'answer';

/** Where a call was sent, for the messages of failures. */
export interface CallPlace {
  readonly userPoolId: string;
  /** Which pool of the migration it is; `undefined` if that is not known. */
  readonly side: PoolSide | undefined;
  readonly region: string | undefined;
  /** The profile and the endpoint that were given. */
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
  /** For example `https://cognito-idp.eu-west-1.amazonaws.com`. */
  readonly address: string;
  /** Of the credentials; only looked up where a pool is missing. */
  readonly account?: string | undefined;
  /** Whether an earlier call of this process was answered at this address, and whether one with these credentials was accepted. */
  readonly answered: boolean;
  readonly accepted: boolean;
}

/** Who makes the calls. What could not be found out is `undefined`. */
export interface CallerIdentity {
  readonly account: string | undefined;
  /** ARN of the role or user. */
  readonly arn: string | undefined;
}

/** Why a call to a pool failed. The message names the call and the exception, and contains no user data. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly kind: DirectoryErrorKind;
  /** The API operation, for example `AdminUpdateUserAttributes`. */
  readonly operation: string;
  /** Name of AWS's exception, or code of the network error. */
  readonly exception: string;
  /** `undefined` if the adapter does not know. */
  place: CallPlace | undefined;

  constructor(kind: DirectoryErrorKind, operation: string, exception: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.operation = operation;
    this.exception = exception;
  }
}

/** Whether the call was refused before it had any effect. */
export function isThrottle(error: unknown): boolean {
  return error instanceof DirectoryError && error.kind === 'throttled';
}

/**
 * Credentials that have expired or can no longer be found, for example after an SSO session has ended. Until someone renews
 * them, every call fails.
 */
const EXPIRY = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'TokenProviderError',
  'UnrecognizedClientException',
]);

export function isExpiry(error: unknown): boolean {
  return error instanceof DirectoryError && error.kind === 'credentials' && EXPIRY.has(error.exception);
}

/** The answer of a call, or `undefined` if it failed with this exception of AWS. */
export async function unless<T>(exception: string, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DirectoryError && error.exception === exception) return undefined;
    throw error;
  }
}
