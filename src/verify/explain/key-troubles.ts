import { isTimeout } from '../../time-limit.js';
import type { Pool } from '../pool-options.js';

const UNREACHABLE = 'Is outbound HTTPS allowed from here (NAT gateway, proxy, firewall)?';

/** The likely cause of a connection that failed, by the code of Node or of undici. */
const CAUSES: readonly (readonly [RegExp, string])[] = [
  [/^E(?:NOTFOUND|AI_AGAIN)$/, 'Are the Region and the pool id right, and does DNS work here?'],
  [/^(?:E(?:CONN|HOST|NET|PIPE|TIMEDOUT)|UND_ERR_)[A-Z_]*$/, UNREACHABLE],
  [/^[A-Z_]*(?:CERT|_SIGNATURE)[A-Z_]*$/, 'Does a proxy inspect TLS (NODE_EXTRA_CA_CERTS), and is the clock right?'],
];

/** What a status other than 200 probably means. Cognito answers 400 or 404 for a pool that it does not have. */
function causeOfStatus(status: number): string {
  if (status === 400 || status === 404) return 'Does this pool exist? Check its id and its Region.';
  if (status === 401 || status === 403 || status === 407) return 'Does a proxy or an endpoint policy refuse it?';
  if (status >= 300 && status < 400) return 'Redirects are not followed.';
  return status === 429 ? 'Is a verifier created for every request?' : 'The fault is at the other end.';
}

/** Which code a failed connection has, and its likely cause. `fetch` of the Fetch standard hides the code in the cause. */
function unreached(error: unknown): string {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: unknown };
  const found = String(code ?? Object(cause).code);
  const likely = CAUSES.find(([pattern]) => pattern.test(found))?.[1];
  return `could not be reached${likely === undefined ? '.' : ` (${found}). ${likely}`}`;
}

/**
 * Why the keys of a pool could not be fetched: what was seen, and its likely cause. Holds nothing of the answer, and no query of the
 * address, which may hold a secret.
 */
function troubleAt(uri: string, seen: string, cause?: unknown): Error {
  const { origin, pathname } = new URL(uri);
  return new Error(`${origin}${pathname} ${seen}`, cause === undefined ? undefined : { cause });
}

/** The address answered with another status than 200. */
export const badStatus = (uri: string, status: number): Error =>
  troubleAt(uri, `answered ${status}. ${causeOfStatus(status)}`);

/** The address answered with something that is not a key set. */
export const badKeySet = (uri: string, cause: unknown): Error =>
  troubleAt(uri, 'answered with something that is not a usable key set (JWKS). Does a proxy answer?', cause);

/** The request failed. */
export function failedFetch(uri: string, error: unknown, timeoutMs: number): Error {
  const seen = isTimeout(error) ? `did not answer within ${timeoutMs} ms. ${UNREACHABLE}` : unreached(error);
  return troubleAt(uri, seen, error);
}

/** Why no token of the pool can be verified at present. `lastError` is of the last fetch, if one was tried. */
export function keysUnavailable({ option }: Pool, lastError: Error | undefined): string {
  const message = `The keys of ${option} are currently unavailable`;
  return lastError === undefined ? `${message}.` : `${message}: ${lastError.message}`;
}

/** Why the pool may not have the key that a token names. */
export function unknownKey({ option, jwksUri }: Pool): string {
  const cause =
    jwksUri === undefined
      ? `${option}.jwks is never fetched again: were the keys rotated since, or are they of another pool?`
      : 'Is the token older than a rotation of keys or a restart of an emulator, or of another pool under the same issuer?';
  return `${option} has no key with the id (kid) that the token names. ${cause}`;
}
