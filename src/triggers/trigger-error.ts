/** What each code says. All refusals of a person say the same, because Cognito may show the sentence to the person. */
const MESSAGES = {
  ERR_SIGN_IN_REFUSED: 'The sign-in was refused.',
  ERR_USER_UNCONFIRMED: 'The sign-in was refused.',
  ERR_USER_DISABLED: 'The sign-in was refused.',
  ERR_CHALLENGE_REFUSED: 'The sign-in was refused.',
  ERR_FORGOT_PASSWORD_REFUSED: 'The sign-in was refused.',
  ERR_NO_VERIFIED_CONTACT: 'The sign-in was refused.',
  ERR_ATTRIBUTE_MISSING: 'The sign-in was refused.',
  ERR_ATTRIBUTE_LEFT_OUT: 'An attribute was not carried over.',
  ERR_SIGN_UP_REFUSED: 'This sign-up is not allowed. If you have an account already, sign in or reset your password.',
  ERR_LEGACY_ID_INVALID: 'The user could not be mapped.',
  ERR_LEGACY_ID_UNAVAILABLE: 'The service is currently unavailable. Try again later.',
  ERR_LEGACY_POOL_UNAVAILABLE: 'The service is currently unavailable. Try again later.',
  ERR_NEW_POOL_UNAVAILABLE: 'The service is currently unavailable. Try again later.',
  ERR_ONCE_STORE_UNAVAILABLE: 'The service is currently unavailable. Try again later.',
  ERR_DEADLINE: 'The service is currently unavailable. Try again later.',
  ERR_EVENT_UNEXPECTED: 'The trigger is attached to an event that it does not handle.',
} as const;

/**
 * Why a trigger stopped what Cognito was about to do.
 * - `ERR_SIGN_IN_REFUSED`: unknown user, wrong password or locked out, as the legacy pool says
 * - `ERR_USER_UNCONFIRMED`, `ERR_USER_DISABLED`: what the account is in the legacy pool
 * - `ERR_CHALLENGE_REFUSED`: the legacy pool asks for a second factor or a new password
 * - `ERR_FORGOT_PASSWORD_REFUSED`: nobody is moved without a password (`forgotPassword: 'refuse'`)
 * - `ERR_NO_VERIFIED_CONTACT`: no verified e-mail or phone number, among the attributes carried over, that a reset code could go
 *   to or that was typed to sign in
 * - `ERR_ATTRIBUTE_MISSING`: the new pool requires an attribute that the legacy user lacks, or its mapping attribute cannot hold
 *   a legacy id
 * - `ERR_ATTRIBUTE_LEFT_OUT`: never thrown; `onFault` gets it for an attribute that was not carried over
 * - `ERR_SIGN_UP_REFUSED`: the sign-up brings the mapping attribute or takes a legacy user's name or address
 * - `ERR_LEGACY_ID_INVALID`: the legacy id that was found does not have the expected format
 * - `ERR_…_UNAVAILABLE`, `ERR_DEADLINE`: outage, throttling or a missing permission; nothing is known about the user
 * - `ERR_EVENT_UNEXPECTED`: the trigger is attached to the wrong event or pool
 */
export type TriggerErrorCode = keyof typeof MESSAGES;

/** What a trigger throws. Cognito passes `message` on to the app, and Lambda logs the rest: neither contains personal data. */
export class TriggerError extends Error {
  override readonly name = 'TriggerError';
  readonly code: TriggerErrorCode;
  /** The reason: an exception's name, a challenge, the name of an attribute. */
  readonly reason?: string;

  constructor(code: TriggerErrorCode, reason?: string) {
    super(MESSAGES[code]);
    this.code = code;
    if (reason !== undefined) this.reason = reason;
  }
}

/** The name of a fault, in a form that cannot contain personal data. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('exception' in error && isName(error.exception)) return error.exception;
  if ('code' in error && isName(error.code)) return error.code;
  return isName(error.name) ? error.name : 'unknown';
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(value);
}
