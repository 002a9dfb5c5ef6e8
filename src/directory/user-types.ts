/** A user as ListUsers answers it. */
export interface DirectoryUser {
  /** Exactly what ListUsers returned: admin calls take this and nothing derived from it. */
  readonly username: string;
  /** `undefined` where the answer holds no `sub`. */
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
  /** May be empty although more pages follow. */
  readonly users: readonly DirectoryUser[];
  /** Absent on the last page. Lives about an hour, and only with the filter it was given for. */
  readonly nextToken: string | undefined;
}

export interface ListUsersRequest {
  /** Only users whose `sub` begins with this. Default: all users. */
  readonly subPrefix?: string;
  /** Only the user of exactly this username. Not together with `subPrefix`. Default: all users. */
  readonly username?: string;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

/**
 * The longest a value of a custom attribute can be. Attributes are proposed with it: a limit can never be raised.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
export const MAX_CUSTOM_VALUE_LENGTH = 2048;

/** What DescribeUserPool says, as far as a backfill needs it. */
export interface PoolDescription {
  readonly name: string;
  /** Approximate, and updated late. */
  readonly estimatedUsers: number | undefined;
  /** True where people cannot sign themselves up. */
  readonly adminCreateUserOnly: boolean;
  /** A PreSignUp trigger is set, which may mark addresses as verified that nobody proved. */
  readonly preSignUpTrigger?: boolean;
  readonly attributes: readonly SchemaAttribute[];
}

export interface SchemaAttribute {
  /** As tokens and admin calls name it: with `custom:` where it is one. */
  readonly name: string;
  readonly type: string;
  readonly mutable: boolean;
  readonly maxLength: number | undefined;
}

export interface AppClient {
  readonly clientId: string;
  readonly clientName: string;
  /** `undefined` where Cognito returns no list: such a client counts as allowed to write every attribute. */
  readonly writeAttributes: readonly string[] | undefined;
  readonly readAttributes: readonly string[] | undefined;
}

/** An identity provider and the pool attributes it fills. */
export interface IdentityProvider {
  readonly name: string;
  readonly mappedAttributes: readonly string[];
  /** `OIDC`, `SAML`, `Google`, … */
  readonly type?: string | undefined;
  /** Of an OIDC provider. */
  readonly issuer?: string | undefined;
  /** The provider's claim that the user id, and with it the username, is taken from. */
  readonly usernameFrom?: string | undefined;
}

/**
 * One user pool, seen through its API. Every method is one attempt of one API call: pacing and repeating are the caller's,
 * so that each attempt is counted. Every rejection is a {@link DirectoryError}, or the signal's reason.
 */
export interface UserDirectory {
  readonly userPoolId: string;
  listUsers(request?: ListUsersRequest): Promise<UserPage>;
  /** Sets the attributes named, leaves the others. An empty value removes the attribute's value. */
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
 * What kind of failure a call ended in.
 * - `throttled`: over the quota; slow down and repeat
 * - `unavailable`: 5xx, network, timeout; repeat
 * - `credentials`: none, expired, or not allowed to make this call
 * - `token`: the pagination token is expired or refused, or leads back to an earlier page; list again from the start
 * - `user-not-found`, `group-not-found`: the user or group named is gone
 * - `group-exists`: there is a group of this name
 * - `invalid`: the pool refuses the parameters (attribute missing, immutable, value too long, …)
 * - `refused`: hard for every call: no such pool, a replica Region that takes no writes, a daily limit, …
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

/** Why a call to a pool failed. The message names the call and the exception, and nothing of a user. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly kind: DirectoryErrorKind;
  /** The API operation, for example `AdminUpdateUserAttributes`. */
  readonly operation: string;
  /** Name of AWS's exception, or of the network's error. */
  readonly exception: string;

  constructor(kind: DirectoryErrorKind, operation: string, exception: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.operation = operation;
    this.exception = exception;
  }
}

/**
 * Credentials that are past their time, or cannot be found any more, as after an SSO session has ended. Somebody may renew them;
 * until then no call gets through.
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
