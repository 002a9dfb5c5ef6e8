import { hash, randomBytes } from 'node:crypto';

/** Length of {@link newHashKey}'s text: one block of SHA-256. */
const KEY_LENGTH = 64;

/** A key of 256 random bits. */
export function newHashKey(): string {
  return randomBytes(KEY_LENGTH / 2).toString('hex');
}

/**
 * Keyed hashes of what recognises people: equal values of both pools get equal hashes, and without the key nobody can try a
 * list of addresses against them.
 *
 * The key is random per plan. It stands in the state only while the pools are listed, and is erased together with the
 * decision: from then on the hashes of a copied state file say nothing, and those of two plans cannot be compared. Until
 * then, who can read the file can try addresses; hence mode 0600.
 *
 * SHA-256 over a full block of key and then the value, cut to 132 bits: what was cut off is what extending a hash without
 * the key would need. A third of HMAC's time, which counts at two million users.
 */
export function keyedHasher(key: string): (kind: string, value: string) => string {
  return (kind, value) => hash('sha256', `${key}${kind}\0${value}`, 'base64url').slice(0, 22);
}
