import { CutoverError } from '../src/errors.js';

/** The parts of a request that may carry a bearer token. Express's request has them all. */
export interface BearerRequest {
  readonly headers: { readonly authorization?: string | undefined; readonly 'content-type'?: string | undefined };
  /** Names and values alternately, as received: `headers` has only the first of several `Authorization` headers. */
  readonly rawHeaders?: readonly string[];
  readonly url?: string | undefined;
  /** The parsed body, where a parser ran before. */
  readonly body?: unknown;
}

/**
 * The token of the `Authorization` header, or `undefined` when the request has none or uses another scheme.
 *
 * Only the header is read: a token in the URL ends up in logs and browser histories. A second token in the URL or in the
 * body of a form makes the request ambiguous all the same.
 *
 * @throws {@link CutoverError} `ERR_CREDENTIALS_AMBIGUOUS`, or `ERR_TOKEN_MALFORMED` when nothing follows the scheme
 * @see RFC 6750 section 2 and RFC 9110 section 11.4
 */
export function bearerToken(req: BearerRequest): string | undefined {
  const { authorization } = req.headers;
  if (authorization === undefined) return undefined;
  if (req.rawHeaders !== undefined && isRepeated(req.rawHeaders))
    throw ambiguous('The request has more than one Authorization header.');
  const token = afterScheme(authorization);
  if (token === undefined) return undefined;
  if (token === '') throw new CutoverError('ERR_TOKEN_MALFORMED', 'The Authorization header contains no token.');
  if (isSentOtherwise(req)) throw ambiguous('The request carries a token in more than one way.');
  return token;
}

/** What follows `Bearer`, which is case-insensitive. The verifier checks the characters of the token. */
function afterScheme(authorization: string): string | undefined {
  if (authorization.startsWith('Bearer ') && authorization.charCodeAt(7) !== 0x20) return authorization.slice(7);
  const scheme = /^bearer(?: +|$)/i.exec(authorization);
  return scheme === null ? undefined : authorization.slice(scheme[0].length);
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

function ambiguous(message: string): CutoverError {
  return new CutoverError('ERR_CREDENTIALS_AMBIGUOUS', message);
}
