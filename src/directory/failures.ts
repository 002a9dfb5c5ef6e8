import { DirectoryError, type DirectoryErrorKind } from './user-types.js';

const THROTTLED = new Set([
  'TooManyRequestsException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'SlowDown',
]);

/** Exceptions of the signature and of IAM, and what the SDK's credential providers throw. */
const CREDENTIALS = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'CredentialsProviderError',
  // Node's refusal to send a header: a key or a session token with a line break or another character that is not of a credential.
  'ERR_INVALID_CHAR',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'OptInRequired',
  'RegionDisabledException',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
]);

/** Exceptions that every call would get, whatever the user. */
const REFUSED = new Set([
  // The SDK was given an address that is no URL, for example by the profile.
  'ERR_INVALID_URL',
  'ForbiddenException',
  'LimitExceededException',
  'OperationNotEnabledException',
  'ResourceNotFoundException',
  'UnsupportedOperationException',
  'UnknownOperationException',
  // What cognito-local returns for an operation that it does not support
  'Unsupported',
  'CognitoLocal#Unsupported',
]);

/** What the SDK throws for an answer that it cannot read. What such an error says may repeat a part of the answer. */
const UNREADABLE = new Set(['SyntaxError', 'TypeError', 'RangeError']);

/** What the SDK says of a failure without a name and a message, as those of a proxy or a load balancer. Only the status tells something. */
const NAMELESS = 'UnknownError';

/** An answer may hold anything where the name of an exception belongs. */
const EXCEPTION_NAME = /^[\w.#:-]{1,100}$/;

/** The SDK found no Region. */
const NO_REGION = 'RegionMissing';

const NETWORK = /^(E[A-Z_]{3,}|TimeoutError|RequestTimeout(Exception)?|NetworkingError)$/;

interface Named {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}

/**
 * Classifies an error of the SDK. For calls about a user, the message leaves out the message of the exception, because AWS may
 * repeat parameters in it.
 */
export function toDirectoryError(
  operation: string,
  userPoolId: string,
  thrown: unknown,
  call: { readonly withToken?: boolean; readonly aboutUser?: boolean } = {},
): DirectoryError {
  if (thrown instanceof DirectoryError) return thrown;
  const error: Named = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const exception = nameOf(error);
  const kind = kindOf(error, exception, call);
  const isShown =
    typeof error.message === 'string' && call.aboutUser !== true && EXCEPTION_NAME.test(String(error.name));
  const status = error.$metadata?.httpStatusCode;
  const text =
    error.message === NAMELESS && status !== undefined
      ? `: HTTP ${status}`
      : isUnreadable(error, exception)
        ? ': the answer cannot be read'
        : isShown
          ? `: ${error.message}`
          : '';
  return new DirectoryError(kind, operation, exception, `${operation} on ${userPoolId}: ${exception}${text}`, thrown);
}

function isUnreadable({ $metadata }: Named, exception: string): boolean {
  return UNREADABLE.has(exception) && $metadata?.httpStatusCode !== undefined;
}

function nameOf({ name, code, message }: Named): string {
  if (message === 'Region is missing') return NO_REGION;
  const known = [typeof code === 'string' && (NETWORK.test(code) || name === 'Error') ? code : name, 'Error'];
  return known.find((one): one is string => typeof one === 'string' && EXCEPTION_NAME.test(one)) ?? 'Error';
}

function kindOf(error: Named, exception: string, call: { readonly withToken?: boolean }): DirectoryErrorKind {
  const status = error.$metadata?.httpStatusCode;
  if (THROTTLED.has(exception) || status === 429) return 'throttled';
  // The SDK has corrected its clock by now. Its own retries are off, so ours must send the call again.
  if (error.$metadata?.clockSkewCorrected === true) return 'unavailable';
  if (CREDENTIALS.has(exception)) return 'credentials';
  // 501: the server does not have the operation, and will not have it a little later.
  if (REFUSED.has(exception) || status === 501) return 'refused';
  if (exception === 'UserNotFoundException') return 'user-not-found';
  if (exception === 'InvalidParameterException') return call.withToken === true ? 'token' : 'invalid';
  if (status !== undefined && status >= 400 && status < 500) return 'invalid';
  if (exception === 'SyntaxError' || isUnreadable(error, exception)) return 'answer';
  // 5xx, a broken connection, a timeout, a name that does not resolve: each of these may pass.
  if (status !== undefined || NETWORK.test(exception)) return 'unavailable';
  // A mistake in how the call was made: a retry would fail in the same way.
  return exception === NO_REGION ? 'credentials' : 'refused';
}

/** Errors of GetUser that concern the token's owner and not the pool. */
const OWN_FAULTS = new Set(['NotAuthorizedException', 'PasswordResetRequiredException', 'UserNotConfirmedException']);

/** Whether GetUser refused this token: it is revoked, expired or lacks the scope, or its owner may not use it. */
export function isTokenRefused(error: unknown): boolean {
  return error instanceof DirectoryError && error.operation === 'GetUser' && OWN_FAULTS.has(error.exception);
}
