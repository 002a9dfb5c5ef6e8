/** What each code answers over HTTP. Client faults are 4xx; what cannot be decided now is 503. */
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

/** Every reason a token or request can be refused for. Closed: a `switch` over it can be exhaustive. */
export type CutoverErrorCode = keyof typeof STATUS;

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
  /** For status 503: seconds after which another try makes sense. More than 60 become 60. */
  readonly retryAfterSeconds?: number | undefined;
  /** The exception behind this one, for logs. Never shown to the caller of an API. */
  readonly cause?: unknown;
}

const brand = Symbol.for('cognito-cutover.CutoverError');

/** A client that is told to stay away for longer stays away long after the fault is mended. */
const MAX_RETRY_AFTER_SECONDS = 60;

const TOKEN_PROPERTIES = [
  'userPoolId',
  'sub',
  'clientId',
  'tokenUse',
] as const satisfies readonly (keyof RefusedToken)[];

/**
 * Why a token was not accepted. `message` is a fixed sentence per fault: it never holds text from the token, the request
 * or another exception, so it is safe to log and to send.
 */
export class CutoverError extends Error {
  override readonly name = 'CutoverError';
  readonly code: CutoverErrorCode;
  /** The HTTP status this refusal calls for: 400, 401, 403 or 503. */
  readonly status: number;
  declare readonly pool?: PoolSide;
  /** For status 503: seconds after which another try makes sense, at most 60. */
  declare readonly retryAfterSeconds?: number;
  /**
   * Present once the signature is proven, like `sub`, `clientId` (after `clientAliases`) and `tokenUse`: for the logs of
   * operations. Not enumerable, so that no serialiser sends them to anybody.
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

  /** True for errors of the ESM and of the CommonJS build alike, which may both be loaded in one process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}
Object.defineProperty(CutoverError.prototype, brand, { value: true });

/**
 * Names the token on the error, where the error refuses one and does not name it yet. To be called once the signature was
 * found right. Values that are not strings are left out.
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
}
