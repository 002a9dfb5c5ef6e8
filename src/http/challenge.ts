import { CutoverError, nameToken, sentenceOf } from '../errors.js';
import { refuse } from '../options.js';

/**
 * The `error` of a challenge, by status. All 403s are `insufficient_scope`, "the request requires higher privileges than provided
 * by the access token": another token, fetched after the user was mapped or put into the group, would do.
 *
 * @see RFC 6750 section 3.1
 */
const ERRORS = new Map([
  [400, 'invalid_request'],
  [401, 'invalid_token'],
  [403, 'insufficient_scope'],
]);

/** `error` and `error_description`; neither where the request carries no credentials. */
function errorAttributes({ code, status }: CutoverError): readonly string[] {
  const error = ERRORS.get(status);
  // The sentence of the code, and not the error's message: a header repeats nothing that an application may have thrown.
  const description = sentenceOf(code);
  if (code === 'ERR_TOKEN_MISSING' || error === undefined || description === undefined) return [];
  return [`error="${error}"`, `error_description="${description}"`];
}

/** A challenge without `error` needs at least one attribute, so there is always a realm. */
const DEFAULT_REALM = 'api';

/**
 * The headers of the answer to a refused request: `WWW-Authenticate`, or with status 503 `Retry-After`. For guards of your own;
 * the status is `error.status`.
 *
 * @param realm printable ASCII without `"` and `\`. Default: `'api'`
 * @param scope for `ERR_INSUFFICIENT_SCOPE`: the scopes that would do, separated by spaces
 * @throws TypeError with the error as its `cause` when it is not a {@link CutoverError}: it is not a refusal, but a fault
 * @see RFC 6750 section 3
 */
export function refusalHeaders(error: CutoverError, realm?: string, scope?: string): Record<string, string> {
  if (!(error instanceof CutoverError)) {
    throw new TypeError('refusalHeaders: this is not a CutoverError, so it refuses nothing', { cause: error });
  }
  const checkedRealm = checkRealm(realm);
  if (scope !== undefined && !isQuotable(scope)) refuse('scope', 'scopes separated by spaces', scope);
  if (error.status === 503) return { 'Retry-After': `${Math.max(1, Math.ceil(error.retryAfterSeconds ?? 1))}` };
  const attributes = [`realm="${checkedRealm}"`, ...errorAttributes(error)];
  if (scope !== undefined) attributes.push(`scope="${scope}"`);
  return { 'WWW-Authenticate': `Bearer ${attributes.join(', ')}` };
}

/** What was thrown to refuse a request, as an error. With `next(undefined)` and `next('route')` Express would continue. */
export function asError(reason: unknown): object {
  if (typeof reason === 'object' && reason !== null) return reason;
  return new TypeError('Something that is not an error was thrown.', { cause: reason });
}

/** A refusal in the form that Express's error handling expects: with the status and headers of the response. */
export class CutoverHttpError extends CutoverError {
  /** The same as `status`, under the name that some error handlers look for. */
  readonly statusCode: number;
  /** `WWW-Authenticate` or, with status 503, `Retry-After`. */
  readonly headers: Record<string, string>;
  /** Whether the message may be sent to the client, as in `http-errors`: Nest and Koa look for it. */
  readonly expose: boolean;

  constructor(refusal: CutoverError, headers: Record<string, string>) {
    const { code, message, pool, retryAfterSeconds, cause } = refusal;
    super(code, message, { pool, retryAfterSeconds, cause });
    nameToken(this, refusal);
    this.statusCode = this.status;
    this.headers = headers;
    this.expose = this.status < 500;
    // Express logs the stack and, in development, sends it. For an error of the caller it would only show this package's
    // internals.
    this.stack = this.status < 500 ? `${this.name} [${code}]: ${message}` : `${refusal.stack}`;
  }
}

/**
 * Whether `value` can stand in a quoted attribute of a challenge without escaping. RFC 6750 section 3 allows only these
 * characters.
 */
export function isQuotable(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value);
}

export function checkRealm(realm: unknown = DEFAULT_REALM): string {
  return isQuotable(realm) ? realm : refuse('realm', 'printable ASCII without " and \\', realm);
}

/** RFC 6749 section 3.3. */
export function isScopeToken(value: unknown): value is string {
  return isQuotable(value) && !value.includes(' ');
}
