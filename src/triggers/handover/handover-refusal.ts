import type { CutoverErrorCode } from '../../errors.js';

/**
 * Why a session was not handed over.
 * - `ERR_CLIENT_NOT_ALLOWED`: the app client is not in `clientIds`
 * - `ERR_CHALLENGE_UNEXPECTED`: the answer is not to the challenge that this trigger poses
 * - `ERR_TOKEN_REFUSED`: the answer is not a valid access token of the legacy pool, or `legacyTokens` or `isRevoked` refuses it; `reason`
 *   is the verifier's code
 * - `ERR_TOKEN_WITHOUT_USER`: the token of a machine
 * - `ERR_TOKEN_SCOPE_MISSING`: without the scope `aws.cognito.signin.user.admin`, the legacy pool cannot be asked about the session
 * - `ERR_TOKEN_ID_MISSING`: no `jti`, so that the token could be used twice
 * - `ERR_SIGN_IN_TIME_INVALID`: no `auth_time`, or one in the future
 * - `ERR_SIGN_IN_TOO_OLD`: the user signed in longer than `maxSignInAgeSeconds` ago
 * - `ERR_SESSION_ENDED`: the legacy pool refuses the token: signed out, revoked, or the user was disabled or deleted
 * - `ERR_SESSION_OF_ANOTHER`: the legacy pool says that the token is another user's
 * - `ERR_USER_UNKNOWN`: the new pool has no such user
 * - `ERR_USER_STATUS`: the user's status in the new pool is not in `statuses`; `reason` is the status
 * - `ERR_USER_DISABLED`: the user is disabled in the new pool
 * - `ERR_SECOND_FACTOR`: the user has a second factor in the new pool, which the hand-over would leave out
 * - `ERR_LEGACY_ID_MISSING`, `ERR_LEGACY_ID_INVALID`: the user is not mapped, or the store holds something else than a legacy id
 * - `ERR_LEGACY_ID_DIFFERS`: the token belongs to another user than the one who is to be signed in
 * - `ERR_TOKEN_USED`: the token was handed over already
 */
export type HandoverRefusalCode =
  | 'ERR_CLIENT_NOT_ALLOWED'
  | 'ERR_CHALLENGE_UNEXPECTED'
  | 'ERR_TOKEN_REFUSED'
  | 'ERR_TOKEN_WITHOUT_USER'
  | 'ERR_TOKEN_SCOPE_MISSING'
  | 'ERR_TOKEN_ID_MISSING'
  | 'ERR_SIGN_IN_TIME_INVALID'
  | 'ERR_SIGN_IN_TOO_OLD'
  | 'ERR_SESSION_ENDED'
  | 'ERR_SESSION_OF_ANOTHER'
  | 'ERR_USER_UNKNOWN'
  | 'ERR_USER_STATUS'
  | 'ERR_USER_DISABLED'
  | 'ERR_SECOND_FACTOR'
  | 'ERR_LEGACY_ID_MISSING'
  | 'ERR_LEGACY_ID_INVALID'
  | 'ERR_LEGACY_ID_DIFFERS'
  | 'ERR_TOKEN_USED';

/** Why a session was not handed over. */
export interface HandoverRefusal {
  readonly code: HandoverRefusalCode;
  /** The verifier's code, or a user's status. */
  readonly reason?: CutoverErrorCode | UserStatus | 'unknown';
}

/** What `onRefused` is told. It contains no part of a token and no personal data. */
export interface RefusedHandover extends HandoverRefusal {
  /** The new pool. */
  readonly userPoolId: string;
  /** The app client of the new pool. */
  readonly clientId: string;
}

/** The states of users of a pool, `cognito:user_status`. */
export type UserStatus =
  | 'CONFIRMED'
  | 'EXTERNAL_PROVIDER'
  | 'RESET_REQUIRED'
  | 'FORCE_CHANGE_PASSWORD'
  | 'UNCONFIRMED'
  | 'ARCHIVED'
  | 'COMPROMISED'
  | 'UNKNOWN';
