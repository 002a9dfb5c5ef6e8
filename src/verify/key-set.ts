import { createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { assertIsJwks } from 'aws-jwt-verify/jwk';

/** The keys of a pool that may have signed a token, by `kid`. */
export type KeySet = ReadonlyMap<string, KeyObject>;

/** Whether a key is meant for verifying RS256 signatures, RFC 7517 sections 4.2 to 4.4. */
function isForRs256(jwk: Readonly<Record<string, unknown>>): boolean {
  return (
    jwk.kty === 'RSA' &&
    (jwk.use === undefined || jwk.use === 'sig') &&
    (jwk.alg === undefined || jwk.alg === 'RS256') &&
    (jwk.key_ops === undefined || (Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify')))
  );
}

/**
 * Reads a JWKS. Keys for other purposes, and RSA keys too weak to trust, are left out. A key that cannot be read makes the
 * whole set unusable, as does a `kid` that names two keys: no user pool publishes a set like that.
 *
 * @throws Error saying what is wrong; also where no key is left
 */
export function parseKeySet(document: unknown): KeySet {
  assertIsJwks(document as Parameters<typeof assertIsJwks>[0]);
  const keys = new Map<string, KeyObject>();
  for (const jwk of (document as { keys: Readonly<Record<string, unknown>>[] }).keys) {
    if (!isForRs256(jwk) || typeof jwk.kid !== 'string' || jwk.kid === '') continue;
    if (keys.has(jwk.kid)) throw new Error('two keys have the same kid');
    const key = createPublicKey({ key: { kty: 'RSA', n: jwk.n, e: jwk.e } as JsonWebKeyInput['key'], format: 'jwk' });
    const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
    // RFC 7518 section 3.3 asks for 2048 bits; with an exponent of 1 anybody can sign.
    if (modulusLength >= 2048 && publicExponent >= 3n) keys.set(jwk.kid, key);
  }
  if (keys.size === 0) throw new Error('there is no RSA key for signatures in the set');
  return keys;
}

/** Whether two sets hold the same keys under the same ids. */
export function sameKeys(a: KeySet, b: KeySet): boolean {
  if (a.size !== b.size) return false;
  for (const [kid, key] of a) {
    const other = b.get(kid);
    if (other === undefined || !key.equals(other)) return false;
  }
  return true;
}
