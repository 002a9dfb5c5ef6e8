import { CutoverError, type CutoverErrorCode, nameToken } from '../src/errors.js';

type BearerError = 'invalid_request' | 'invalid_token' | 'insufficient_scope';

/**
 * What each code says in a challenge. The sentences are written here, not taken from the error, so that no header can
 * repeat what a caller sent.
 *
 * All 403s are `insufficient_scope`, "the request requires higher privileges than provided by the access token": another
 * token, fetched after the user was mapped or put into the group, would do. `undefined` means no `error` attribute.
 *
 * @see RFC 6750 section 3.1
 */
const CHALLENGES: Readonly<Record<CutoverErrorCode, readonly [BearerError, string] | undefined>> = {
  ERR_TOKEN_MISSING: undefined,
  ERR_CREDENTIALS_AMBIGUOUS: ['invalid_request', 'The request carries more than one credential.'],
  ERR_TOKEN_MALFORMED: ['invalid_token', 'The token is not a well-formed signed JWT.'],
  ERR_ALGORITHM_NOT_ALLOWED: ['invalid_token', 'The token is not signed with the algorithm required.'],
  ERR_ISSUER_NOT_TRUSTED: ['invalid_token', 'The issuer of the token is not trusted.'],
  ERR_KEY_NOT_FOUND: ['invalid_token', 'The key of the token is not known.'],
  ERR_SIGNATURE_INVALID: ['invalid_token', 'The signature of the token is invalid.'],
  ERR_TOKEN_EXPIRED: ['invalid_token', 'The token has expired.'],
  ERR_TOKEN_NOT_YET_VALID: ['invalid_token', 'The token is not valid yet.'],
  ERR_CLAIM_INVALID: ['invalid_token', 'A claim of the token is missing or invalid.'],
  ERR_TOKEN_USE_NOT_ALLOWED: ['invalid_token', 'The token is of a use that is not accepted.'],
  ERR_CLIENT_NOT_ALLOWED: ['invalid_token', 'The token is for another client.'],
  ERR_AUDIENCE_NOT_ALLOWED: ['invalid_token', 'The token is for another API.'],
  ERR_TOKEN_REVOKED: ['invalid_token', 'The token has been revoked.'],
  ERR_LEGACY_POOL_CLOSED: ['invalid_token', 'Tokens of this user pool are no longer accepted.'],
  ERR_LEGACY_ID_MISSING: ['insufficient_scope', 'The user is not mapped yet.'],
  ERR_LEGACY_ID_INVALID: ['insufficient_scope', 'The mapping of the user is invalid.'],
  ERR_INSUFFICIENT_SCOPE: ['insufficient_scope', 'The token lacks a scope.'],
  ERR_GROUP_REQUIRED: ['insufficient_scope', 'The user is not in the group required.'],
  ERR_KEYS_UNAVAILABLE: undefined,
  ERR_LEGACY_ID_UNAVAILABLE: undefined,
  ERR_REVOCATION_UNAVAILABLE: undefined,
};

/** Used where no other realm is set: a challenge without `error` needs at least one attribute. */
export const DEFAULT_REALM = 'api';

/** The headers of the answer to a refused request. `scope` is what {@link CutoverError} `ERR_INSUFFICIENT_SCOPE` asks for. */
export function refusalHeaders(error: CutoverError, realm: string, scope?: string): Record<string, string> {
  if (error.status === 503) return { 'Retry-After': `${Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1))}` };
  const attributes = [`realm="${realm}"`];
  const challenge = CHALLENGES[error.code];
  if (challenge !== undefined) attributes.push(`error="${challenge[0]}"`, `error_description="${challenge[1]}"`);
  if (scope !== undefined) attributes.push(`scope="${scope}"`);
  return { 'WWW-Authenticate': `Bearer ${attributes.join(', ')}` };
}

/**
 * What was thrown to refuse a request, as an error. Express takes `next(undefined)` and `next('route')` for leave to go on.
 */
export function asError(reason: unknown): object {
  if (typeof reason === 'object' && reason !== null) return reason;
  return new TypeError('The request was refused with something that is not an error.', { cause: reason });
}

export function tokenMissing(): CutoverError {
  return new CutoverError('ERR_TOKEN_MISSING', 'The request carries no token.');
}

/** A refusal as Express's error handling wants it: with the status and headers of the answer. */
export class CutoverHttpError extends CutoverError {
  /** The same as `status`, under the name that some error handlers look for. */
  readonly statusCode: number;
  /** `WWW-Authenticate` or, with status 503, `Retry-After`. */
  readonly headers: Record<string, string>;

  constructor(refusal: CutoverError, headers: Record<string, string>) {
    const { code, message, pool, retryAfterSeconds, cause } = refusal;
    super(code, message, { pool, retryAfterSeconds, cause });
    nameToken(this, refusal);
    this.statusCode = this.status;
    this.headers = headers;
    // Express logs and, in development, sends the stack. Where the caller is at fault, it would only show the way in here.
    this.stack = this.status < 500 ? `${this.name} [${code}]: ${message}` : `${refusal.stack}`;
  }
}

/** Whether `value` can stand in a quoted attribute of a challenge as it is. RFC 6750 section 3 allows just these. */
export function isQuotable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value);
}

/** RFC 6749 section 3.3. */
export function isScopeToken(value: unknown): value is string {
  return isQuotable(value) && !value.includes(' ');
}
