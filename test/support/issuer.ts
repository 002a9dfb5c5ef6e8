import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JsonWebKeySet } from '../../src/verify/types.js';

/** A signing key whose private half the test holds, for tokens that no test kit should offer to make. */
export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKeySet['keys'][number];
}

export function issuerKey(kid: string, modulusLength = 2048): IssuerKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength });
  const publicKey = createPublicKey(privateKey);
  return { kid, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

/** JSON, text or bytes as unpadded base64url. */
export function part(value: object | string | Uint8Array): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url');
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** Signs two parts exactly as they stand, however odd, so that nothing but their oddness can be the reason of a refusal. */
export function signParts(header: string, payload: string, key: IssuerKey): string {
  const input = `${header}.${payload}`;
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

export function signToken(header: object | string | Uint8Array, payload: object | string | Uint8Array, key: IssuerKey) {
  return signParts(part(header), part(payload), key);
}
