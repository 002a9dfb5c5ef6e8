import { isTimeout } from '../../time-limit.js';
import type { Pool } from '../pool-options.js';

const UNREACHABLE = 'Is outbound HTTPS allowed from here (security group, NAT gateway, proxy)?';
const CUT = 'Does a proxy or a firewall close the connection?';
const UNTRUSTED = 'Does a proxy inspect TLS here? If so, name its certificate in NODE_EXTRA_CA_CERTS.';

/** The likely cause of a connection that failed, by the code of Node or of undici. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host name does not exist: are the Region and the pool id right, and does DNS work here?',
  EAI_AGAIN: 'DNS does not answer: does DNS work here?',
  ECONNREFUSED: 'The connection was refused: is the address right, and does anything listen there?',
  ECONNRESET: CUT,
  EPIPE: CUT,
  UND_ERR_SOCKET: CUT,
  ETIMEDOUT: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  UND_ERR_CONNECT_TIMEOUT: UNREACHABLE,
  CERT_HAS_EXPIRED: "Its certificate has expired: is this machine's clock right?",
  CERT_NOT_YET_VALID: "Its certificate is not valid yet: is this machine's clock right?",
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another host: is the address right?',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
};

/** What a status other than 200 probably means. Cognito answers 400 or 404 for a pool that it does not have. */
function causeOfStatus(status: number): string {
  if (status === 400 || status === 404) return 'Does this pool exist in this Region?';
  if (status === 401 || status === 403 || status === 407) return 'Does a proxy or a VPC endpoint policy refuse it?';
  if (status >= 300 && status < 400) return 'Redirects are not followed: is the address right?';
  if (status === 429) return 'There are too many requests: is a verifier created for every request?';
  return 'The fault is at the other end, and it is asked again.';
}

/** An address without its query, which may hold a secret. */
function withoutQuery(uri: string): string {
  const { origin, pathname } = new URL(uri);
  return `${origin}${pathname}`;
}

/** The code of a failed connection. `fetch` of the Fetch standard hides it in the cause. */
function codeOf(error: unknown): string | undefined {
  const { code, cause } = Object(error) as { readonly code?: unknown; readonly cause?: unknown };
  const found = code ?? (Object(cause) as { readonly code?: unknown }).code;
  return typeof found === 'string' && Object.hasOwn(CAUSES, found) ? found : undefined;
}

/** Why the keys of a pool could not be fetched: what was seen, and its likely cause. Holds nothing of the answer. */
export class KeyFetchError extends Error {
  override readonly name = 'KeyFetchError';

  constructor(uri: string, seen: string, cause?: unknown) {
    super(`${withoutQuery(uri)} ${seen}`, cause === undefined ? undefined : { cause });
  }
}

/** The address answered with another status than 200. */
export const badStatus = (uri: string, status: number): KeyFetchError =>
  new KeyFetchError(uri, `answered ${status}. ${causeOfStatus(status)}`);

/** The address answered with something that is no key set. */
export const badKeySet = (uri: string, cause: unknown): KeyFetchError =>
  new KeyFetchError(
    uri,
    'answered with something that is not a usable key set (JWKS). Is the address right, or does a proxy answer in its place?',
    cause,
  );

/** The request failed with any other error. */
export function failedFetch(uri: string, error: unknown, timeoutMs: number): KeyFetchError {
  if (error instanceof KeyFetchError) return error;
  if (isTimeout(error)) return new KeyFetchError(uri, `did not answer within ${timeoutMs} ms. ${UNREACHABLE}`, error);
  const code = codeOf(error);
  const seen = code === undefined ? 'could not be reached.' : `could not be reached (${code}). ${CAUSES[code]}`;
  return new KeyFetchError(uri, seen, error);
}

/** Why no token of the pool can be verified at present. `lastError` is of the last fetch, if one was tried. */
export function keysUnavailable({ option }: Pool, lastError: Error | undefined): string {
  const message = `The keys of ${option} are currently unavailable`;
  return lastError === undefined ? `${message}.` : `${message}: ${lastError.message}`;
}

/** Why the pool may not have the key that a token names. */
export function unknownKey({ option, jwksUri }: Pool, cooldownSeconds: number): string {
  const message = `${option} has no key with the id (kid) that the token names.`;
  if (jwksUri === undefined) {
    return `${message} Its keys were given as ${option}.jwks and are never fetched: were they rotated since, or are they of another pool?`;
  }
  return `${message} Usual causes: the pool's keys were rotated and the token is older, an emulator was restarted with new keys, or the token is from another pool under the same issuer. Keys are fetched again for an unknown id every ${cooldownSeconds} s at most.`;
}
