import { randomUUID } from 'node:crypto';

/** Claims that tokens of every kind carry. `undefined` leaves a claim out. Times are seconds since the epoch. */
interface CommonClaims {
  readonly sub?: string | undefined;
  readonly iss?: string | undefined;
  readonly token_use?: string | undefined;
  readonly iat?: number | undefined;
  readonly exp?: number | undefined;
  readonly nbf?: number | undefined;
  /** When the user signed in. A refreshed token keeps it. @defaultValue `iat` */
  readonly auth_time?: number | undefined;
  readonly jti?: string | undefined;
  /** Any further claim. */
  readonly [claim: string]: unknown;
}

interface UserClaims extends CommonClaims {
  readonly 'cognito:groups'?: readonly string[] | undefined;
  readonly event_id?: string | undefined;
  readonly origin_jti?: string | undefined;
}

/** Claims of an ID token. */
export interface IdTokenInput extends UserClaims {
  /** The app client. */
  readonly aud?: string | undefined;
  /** @defaultValue the `sub` */
  readonly 'cognito:username'?: string | undefined;
  readonly email?: string | undefined;
  readonly email_verified?: boolean | undefined;
  readonly phone_number?: string | undefined;
  readonly phone_number_verified?: boolean | undefined;
  /** The accounts of a federated user. */
  readonly identities?: readonly Readonly<Record<string, unknown>>[] | undefined;
  /** Custom attributes are always strings. */
  readonly [attribute: `custom:${string}`]: string | undefined;
}

/** Claims of a user's access token. */
export interface AccessTokenInput extends UserClaims {
  /** The app client. */
  readonly client_id?: string | undefined;
  /** @defaultValue the `sub` */
  readonly username?: string | undefined;
  /** Separated by spaces. @defaultValue `aws.cognito.signin.user.admin` */
  readonly scope?: string | undefined;
  /** Not there by default. A pre-token-generation trigger may set it to the client id. */
  readonly aud?: string | undefined;
  readonly device_key?: string | undefined;
  readonly version?: number | undefined;
}

/** Claims of an access token that an app client got for itself (client credentials). */
export interface MachineTokenInput extends CommonClaims {
  /** The app client; `sub` is the same unless given. */
  readonly client_id?: string | undefined;
  /** Separated by spaces. @defaultValue `default-m2m-resource-server/read` */
  readonly scope?: string | undefined;
  readonly version?: number | undefined;
}

/** What a pool puts into every token it signs. */
export interface Issuing {
  readonly issuer: string;
  readonly clientId: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

const LIFETIME_SECONDS = 3600;

export function idTokenClaims({ issuer, clientId, now }: Issuing, given: IdTokenInput): Record<string, unknown> {
  const sub = given.sub ?? randomUUID();
  const iat = given.iat ?? now;
  return {
    sub,
    email_verified: true,
    iss: issuer,
    'cognito:username': sub,
    origin_jti: randomUUID(),
    aud: clientId,
    event_id: randomUUID(),
    token_use: 'id',
    auth_time: iat,
    exp: iat + LIFETIME_SECONDS,
    iat,
    jti: randomUUID(),
    email: `${sub}@example.com`,
    ...given,
  };
}

export function accessTokenClaims(
  { issuer, clientId, now }: Issuing,
  given: AccessTokenInput,
): Record<string, unknown> {
  const sub = given.sub ?? randomUUID();
  const iat = given.iat ?? now;
  return {
    sub,
    iss: issuer,
    client_id: clientId,
    origin_jti: randomUUID(),
    event_id: randomUUID(),
    token_use: 'access',
    scope: 'aws.cognito.signin.user.admin',
    auth_time: iat,
    exp: iat + LIFETIME_SECONDS,
    iat,
    jti: randomUUID(),
    username: sub,
    ...given,
  };
}

export function machineTokenClaims(
  { issuer, clientId, now }: Issuing,
  given: MachineTokenInput,
): Record<string, unknown> {
  const client = given.client_id ?? clientId;
  const iat = given.iat ?? now;
  return {
    sub: client,
    token_use: 'access',
    scope: 'default-m2m-resource-server/read',
    auth_time: iat,
    iss: issuer,
    exp: iat + LIFETIME_SECONDS,
    iat,
    version: 2,
    jti: randomUUID(),
    client_id: client,
    ...given,
  };
}
