import { createCutoverVerifier } from 'cognito-cutover';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
createCutoverVerifier({ newPool: { userPoolId: 'eu-west-1_a', clientIds: null, jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'a' }] } }, tokenUse: 'any' });
const document: { keys: { kty: string; kid: string; x5c: string[] }[] } = { keys: [] };
createCutoverVerifier({ newPool: { userPoolId: 'eu-west-1_a', clientIds: null, jwks: document }, tokenUse: 'any' });
createPublicKey;
