/** The HTTP status of each code. Faults of the client are 4xx; 503 means that it cannot be decided now. */
const STATUS = {
  ERR_TOKEN_MISSING: 401,
  ERR_CREDENTIALS_AMBIGUOUS: 400,
  ERR_TOKEN_MALFORMED: 401,
  ERR_ALGORITHM_NOT_ALLOWED: 401,
  ERR_ISSUER_NOT_TRUSTED: 401,
  ERR_KEY_NOT_FOUND: 401,
  ERR_SIGNATURE_INVALID: 401,
  ERR_TOKEN_EXPIRED: 401,
  ERR_TOKEN_NOT_YET_VALID: 401,
  ERR_CLAIM_INVALID: 401,
  ERR_TOKEN_USE_NOT_ALLOWED: 401,
  ERR_CLIENT_NOT_ALLOWED: 401,
  ERR_AUDIENCE_NOT_ALLOWED: 401,
  ERR_TOKEN_REVOKED: 401,
  ERR_LEGACY_POOL_CLOSED: 401,
  ERR_LEGACY_ID_MISSING: 403,
  ERR_LEGACY_ID_INVALID: 403,
  ERR_INSUFFICIENT_SCOPE: 403,
  ERR_GROUP_REQUIRED: 403,
  ERR_KEYS_UNAVAILABLE: 503,
  ERR_LEGACY_ID_UNAVAILABLE: 503,
  ERR_REVOCATION_UNAVAILABLE: 503,
} as const;

/** What each code says to the sender of the request. Nothing of it comes from the request. */
const SENTENCES: Readonly<Record<keyof typeof STATUS, string>> = {
  ERR_TOKEN_MISSING: 'The request carries no token.',
  ERR_CREDENTIALS_AMBIGUOUS: 'The request carries more than one credential.',
  ERR_TOKEN_MALFORMED: 'The token is not a well-formed signed JWT.',
  ERR_ALGORITHM_NOT_ALLOWED: 'The token is not signed with RS256.',
  ERR_ISSUER_NOT_TRUSTED: 'The issuer of the token is not trusted.',
  ERR_KEY_NOT_FOUND: 'The key of the token is not known.',
  ERR_SIGNATURE_INVALID: 'The signature of the token is invalid.',
  ERR_TOKEN_EXPIRED: 'The token has expired.',
  ERR_TOKEN_NOT_YET_VALID: 'The token is not valid yet.',
  ERR_CLAIM_INVALID: 'A claim of the token is missing or invalid.',
  ERR_TOKEN_USE_NOT_ALLOWED: 'Tokens of this use are not accepted.',
  ERR_CLIENT_NOT_ALLOWED: 'Tokens of this app client are not accepted.',
  ERR_AUDIENCE_NOT_ALLOWED: 'The token is for another API.',
  ERR_TOKEN_REVOKED: 'The token has been revoked.',
  ERR_LEGACY_POOL_CLOSED: 'Tokens of this user pool are no longer accepted.',
  ERR_LEGACY_ID_MISSING: 'The user is not mapped yet.',
  ERR_LEGACY_ID_INVALID: 'The mapping of the user is invalid.',
  ERR_INSUFFICIENT_SCOPE: 'The token lacks a required scope.',
  ERR_GROUP_REQUIRED: 'The user is not in a required group.',
  ERR_KEYS_UNAVAILABLE: 'The keys of the user pool are currently unavailable.',
  ERR_LEGACY_ID_UNAVAILABLE: 'The legacy id is currently unavailable.',
  ERR_REVOCATION_UNAVAILABLE: 'Whether the token is revoked is currently unknown.',
};

/** Every reason a token or request can be refused for. Closed: a `switch` over it can be exhaustive. */
export type CutoverErrorCode = keyof typeof STATUS;

/** The general sentence of a code; `undefined` for a code that only another version of this package knows. */
export function sentenceOf(code: CutoverErrorCode): string | undefined {
  return SENTENCES[code];
}

/** An error with the general sentence of its code, for refusals about which there is no more to say. */
export function refusal(code: CutoverErrorCode, details?: CutoverErrorDetails): CutoverError {
  return new CutoverError(code, SENTENCES[code], details);
}

const HELP = 'https://github.com/cognito-cutover/cognito-cutover/blob/main/docs/errors.md';

/** The address of a code's section in docs/errors.md, whose heading is the code. */
const helpOf = (code: string): string => `${HELP}#${code.toLowerCase()}`;

/** Which of the two sides of the move a pool is on. */
export type PoolSide = 'legacy' | 'new';

/** Whose token was refused. */
interface RefusedToken {
  readonly userPoolId: string;
  readonly sub: string;
  readonly clientId: string;
  readonly tokenUse: 'access' | 'id';
}

export interface CutoverErrorDetails {
  /** The side whose pool the token named, once its issuer was recognised. */
  readonly pool?: PoolSide | undefined;
  /** For status 503: seconds to wait before another try. Values above 60 become 60. */
  readonly retryAfterSeconds?: number | undefined;
  /** The exception that caused this one, for logs. Never sent to the caller of an API. */
  readonly cause?: unknown;
}

const brand = Symbol.for('cognito-cutover.CutoverError');

/** A client that is told to wait longer would still be waiting when the fault is over. */
const MAX_RETRY_AFTER_SECONDS = 60;

const TOKEN_PROPERTIES = [
  'userPoolId',
  'sub',
  'clientId',
  'tokenUse',
] as const satisfies readonly (keyof RefusedToken)[];

/**
 * Why a token was not accepted. `message` may name an option and what is configured. It never holds text from the token, the
 * request or another exception, so it is safe to log and to send.
 */
export class CutoverError extends Error {
  override readonly name = 'CutoverError';
  readonly code: CutoverErrorCode;
  /** The HTTP status this refusal calls for: 400, 401, 403 or 503. */
  readonly status: number;
  declare readonly pool?: PoolSide;
  /** For status 503: seconds to wait before another try, at most 60. */
  declare readonly retryAfterSeconds?: number;
  /**
   * Present once the signature is verified, like `sub`, `clientId` (after `clientAliases`) and `tokenUse`. For logs: not
   * enumerable, so that no serialiser sends them to a client.
   */
  declare readonly userPoolId?: string;
  declare readonly sub?: string;
  declare readonly clientId?: string;
  declare readonly tokenUse?: 'access' | 'id';

  constructor(code: CutoverErrorCode, message: string, details: CutoverErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = STATUS[code];
    if (details.pool !== undefined) this.pool = details.pool;
    if (details.retryAfterSeconds !== undefined) {
      this.retryAfterSeconds = Math.min(MAX_RETRY_AFTER_SECONDS, details.retryAfterSeconds);
    }
  }

  /**
   * The address of the section about this code: what it means, its usual causes, what to check. Not enumerable, so that no
   * serialiser sends it to a client.
   */
  get help(): string {
    return helpOf(this.code);
  }

  /** True for errors of both the ESM and the CommonJS build, which may be loaded in one process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
Object.defineProperty(CutoverError.prototype, brand, { value: true });

/**
 * Adds whose token it is to an error that refuses it, unless the error says so already. To be called only after the
 * signature was verified. Values that are not strings are left out.
 */
export function nameToken<T>(error: T, token: { readonly [K in keyof RefusedToken]?: unknown }): T {
  if (!(error instanceof CutoverError)) return error;
  for (const name of TOKEN_PROPERTIES) {
    const value = token[name];
    if (typeof value === 'string' && !(name in error)) Object.defineProperty(error, name, { value });
  }
  return error;
}

/** A mistake in the options, found at construction. `option` is its path, for example `legacyPool.clientIds`. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly code = 'ERR_CONFIGURATION';
  readonly option: string;

  constructor(option: string, message: string, cause?: unknown) {
    super(`${option}: ${message}`, cause === undefined ? undefined : { cause });
    this.option = option;
  }

  /** The address of the section about configuration errors. */
  get help(): string {
    return helpOf(this.code);
  }
}
