import { createPublicKey, generateKeyPair, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { JsonWebKeySet } from '../verify/types.js';

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: JsonWebKeySet['keys'][number];
}

const rsa = { modulusLength: 2048 } as const;

/**
 * Key pairs of closed pools. Generating one takes about a tenth of a second, so a process generates no more than it uses at
 * once.
 */
const spare: KeyObject[] = [];

export async function newSigningKey(): Promise<SigningKey> {
  return publish(spare.pop() ?? (await promisify(generateKeyPair)('rsa', rsa)).privateKey);
}

export function newSigningKeySync(): SigningKey {
  return publish(spare.pop() ?? generateKeyPairSync('rsa', rsa).privateKey);
}

/** Takes back keys that are no longer used for signing. They are used again under another `kid`. */
export function giveBack(keys: Iterable<SigningKey>): void {
  for (const { privateKey } of keys) spare.push(privateKey);
}

/** A `kid` and the members of a JWK as Cognito publishes them. */
function publish(privateKey: KeyObject): SigningKey {
  const { e, n } = createPublicKey(privateKey).export({ format: 'jwk' });
  const kid = randomBytes(32).toString('base64');
  return { kid, privateKey, jwk: { alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' } as SigningKey['jwk'] };
}
