import { CutoverError } from '../errors.js';

/** Header names in any case, with their values: `req.headers` of Node, `headers` of an API Gateway event. */
interface HeaderRecord {
  readonly [name: string]: string | readonly string[] | undefined;
}

/** The headers of a request: of Node, or the `Headers` of the Fetch standard. */
export type RequestHeaders = HeaderRecord | { get(name: string): string | null };

/** The parts of a request that may carry a bearer token. Express's request has them all. */
export interface BearerRequest {
  readonly headers: { readonly authorization?: string | undefined; readonly 'content-type'?: string | undefined };
  /**
   * Names and values alternately, as received: `headers` has only the first of several `Authorization` headers. Where there
   * are none, as with a request of the Fetch standard, several are joined with a comma.
   */
  readonly rawHeaders?: readonly string[];
  readonly url?: string | undefined;
  /** The parsed body, where a parser ran before. */
  readonly body?: unknown;
  /** Node's request, where this one wraps it, as Fastify's does. */
  readonly raw?: { readonly rawHeaders?: readonly string[] } | undefined;
}

/**
 * The token of the `Authorization` header, or `undefined` when there is none or the header uses another scheme. For guards of
 * your own: `verifier.verify(bearerToken(req.headers) ?? '')` refuses a request without a token with `ERR_TOKEN_MISSING`.
 *
 * Headers alone do not show a second token in the URL or in a form, which `cutoverAuth` refuses too.
 *
 * @example
 * bearerToken(req.headers);     // Node, Express, Fastify
 * bearerToken(request.headers); // the Fetch standard: Hono, workers
 *
 * @throws {@link CutoverError} `ERR_CREDENTIALS_AMBIGUOUS` when there are several `Authorization` headers, which `Headers` and
 * some servers join with a comma; `ERR_TOKEN_MALFORMED` when nothing follows the scheme
 * @see RFC 6750 section 2.1
 */
export function bearerToken(headers: RequestHeaders): string | undefined {
  const given = headers as { readonly headers?: unknown } | null;
  // A request in their place would have no Authorization header, and nobody would ever be let in.
  if (typeof given !== 'object' || given === null || typeof given.headers === 'object') {
    throw new TypeError('bearerToken: pass the headers of the request: bearerToken(req.headers)');
  }
  const [authorization, ...others] = authorizationValues(headers);
  if (authorization === undefined) return undefined;
  if (others.length > 0 || isJoined(authorization)) throw repeated();
  return tokenAfterScheme(authorization);
}

/**
 * As {@link bearerToken}, for a whole request.
 *
 * Only the header is read: a token in the URL ends up in logs and browser histories. A second token in the URL or in the
 * body of a form makes the request ambiguous all the same.
 *
 * @see RFC 6750 section 2 and RFC 9110 section 11.4
 */
export function bearerTokenOf(req: BearerRequest): string | undefined {
  const { authorization } = req.headers;
  if (authorization === undefined) return undefined;
  const rawHeaders = req.rawHeaders ?? req.raw?.rawHeaders;
  if (rawHeaders === undefined ? isJoined(authorization) : isRepeated(rawHeaders)) throw repeated();
  const token = tokenAfterScheme(authorization);
  if (token !== undefined && isSentOtherwise(req)) throw ambiguous('The request carries a token in more than one way.');
  return token;
}

/** Why the `Authorization` header of a request has no bearer token, and what to send. */
export function missingToken(authorization: string | undefined): CutoverError {
  const found =
    authorization === undefined || authorization === ''
      ? 'The request has no Authorization header.'
      : /\s/.test(authorization)
        ? 'The Authorization header uses another scheme than Bearer.'
        : 'The Authorization header has a value without the scheme Bearer.';
  return new CutoverError('ERR_TOKEN_MISSING', `${found} Send "Authorization: Bearer " followed by the token.`);
}

/** Every value of the `Authorization` header. Its name comes in any case from API Gateway's REST APIs. */
export function authorizationValues(headers: unknown): string[] {
  if (isFetchHeaders(headers)) return [headers.get('authorization') ?? []].flat();
  return Object.entries(headers ?? {})
    .filter(([name]) => name.toLowerCase() === 'authorization')
    .flatMap(([, value]: [string, unknown]) => value ?? [])
    .map((value: unknown) => {
      if (typeof value === 'string') return value;
      throw new CutoverError('ERR_TOKEN_MALFORMED', 'The Authorization header is not a string.');
    });
}

function isFetchHeaders(headers: unknown): headers is { get(name: string): string | null } {
  return typeof (headers as { readonly get?: unknown } | null | undefined)?.get === 'function';
}

/** What follows `Bearer`, which is case-insensitive. The verifier checks the characters of the token. */
function tokenAfterScheme(authorization: string): string | undefined {
  if (authorization.startsWith('Bearer ') && authorization.charCodeAt(7) !== 0x20)
    return authorization.slice(7) || none();
  const scheme = /^bearer(?: +|$)/i.exec(authorization);
  return scheme === null ? undefined : authorization.slice(scheme[0].length) || none();
}

function none(): never {
  throw new CutoverError('ERR_TOKEN_MALFORMED', 'The Authorization header contains no token.');
}

/** Whether a value was joined of several, one of which is a bearer token. No token holds a comma. */
function isJoined(authorization: string): boolean {
  return /^bearer\s[^,]*,|,\s*bearer(?:\s|$)/i.test(authorization);
}

function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count += 1;
  }
  return count > 1;
}

/** RFC 6750 sections 2.2 and 2.3: a form's field or a query parameter named `access_token`. */
function isSentOtherwise(req: BearerRequest): boolean {
  if (req.url !== undefined && /[?&]access_token=/.test(req.url)) return true;
  const contentType = req.headers['content-type'];
  if (contentType === undefined || !/^application\/x-www-form-urlencoded\b/i.test(contentType)) return false;
  const { body } = req;
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'access_token');
}

function repeated(): CutoverError {
  return ambiguous('The request has more than one Authorization header.');
}

function ambiguous(message: string): CutoverError {
  return new CutoverError('ERR_CREDENTIALS_AMBIGUOUS', message);
}
