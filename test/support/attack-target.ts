import { expect, it } from 'vitest';
import { type CutoverIdentity, createCutoverVerifier, type VerifierOptions } from '../../src/index.js';
import { type IssuerKey, issuerKey, signParts, signToken } from './issuer.js';
import { outcome, outcomeSync, verdict, verdictSync } from './outcome.js';

/** A legacy and a new pool whose private keys the test holds, and a verifier of both with a clock that stands still. */
export const NOW = 1_768_478_400;
export const LEGACY_ID = '22222222-2222-4222-8222-222222222222';
export const SUB = '11111111-1111-4111-8111-111111111111';

export const legacyKey = issuerKey('legacy-key');
export const newKey = issuerKey('new-key');
/** A key no pool ever had. */
export const foreignKey = issuerKey('foreign-key');

const legacyPool = {
  userPoolId: 'eu-west-1_Legacy000',
  clientIds: ['legacyclient'],
  jwks: { keys: [legacyKey.jwk] },
};
export const newPool = { userPoolId: 'eu-west-1_New000000', clientIds: ['newclient'], jwks: { keys: [newKey.jwk] } };

export const header = (key = newKey) => ({ kid: key.kid, alg: 'RS256' });

type Claims = Readonly<Record<string, unknown>>;

const times = { iat: NOW - 60, auth_time: NOW - 60, exp: NOW + 3600 };
const legacyIssuer = `https://cognito-idp.eu-west-1.amazonaws.com/${legacyPool.userPoolId}`;
const newIssuer = `https://cognito-idp.eu-west-1.amazonaws.com/${newPool.userPoolId}`;

export const accessClaims: Claims = {
  sub: SUB,
  iss: newIssuer,
  client_id: 'newclient',
  token_use: 'access',
  scope: 'openid',
  username: 'anna',
  legacy_sub: LEGACY_ID,
  ...times,
};
export const idClaims: Claims = {
  sub: SUB,
  iss: newIssuer,
  aud: 'newclient',
  token_use: 'id',
  'cognito:username': 'anna',
  'custom:legacy_sub': LEGACY_ID,
  ...times,
};
export const machineClaims: Claims = {
  sub: 'newclient',
  iss: newIssuer,
  client_id: 'newclient',
  token_use: 'access',
  scope: 'orders/read',
  ...times,
};
export const legacyAccessClaims: Claims = {
  sub: SUB,
  iss: legacyIssuer,
  client_id: 'legacyclient',
  token_use: 'access',
  scope: 'openid',
  username: 'anna',
  ...times,
};
export const legacyIdClaims: Claims = {
  sub: SUB,
  iss: legacyIssuer,
  aud: 'legacyclient',
  token_use: 'id',
  'cognito:username': 'anna',
  ...times,
};

export const goodToken = signToken(header(), accessClaims, newKey);

export const targetVerifier = (options: Partial<VerifierOptions> = {}) =>
  createCutoverVerifier({
    legacyPool,
    newPool,
    tokenUse: 'any',
    clock: { now: () => NOW * 1000 },
    ...options,
  });

/** The parts of the good token, and tokens that differ from it in one thing but are signed rightly. */
export const [goodHeader, goodPayload, goodSignature] = goodToken.split('.') as [string, string, string];
type Part = object | string | Uint8Array;
export const withHeader = (value: Part, key: IssuerKey = newKey) => signToken(value, accessClaims, key);
export const withPayload = (value: Part) => signToken(header(), value, newKey);
export const resigned = (headerPart: string, payloadPart: string) => signParts(headerPart, payloadPart, newKey);

/** The verdict on a token, which must not hang on what the verifier has seen before, on its cache, or on waiting. */
export async function judgeToken(token: unknown): Promise<string> {
  const warm = targetVerifier();
  expect(await verdict(warm, goodToken)).toBe('accepted');
  const verdicts = [
    await verdict(targetVerifier(), token),
    verdictSync(targetVerifier(), token),
    verdictSync(targetVerifier({ cache: false }), token),
    await verdict(warm, token),
    verdictSync(warm, token),
  ];
  expect(new Set(verdicts).size, `the same verdict whatever was seen before: ${verdicts.join()}`).toBe(1);
  return verdicts[0]!;
}

/** One test per attack, each of which must end in `code`. */
export function refused(code: string, attacks: Readonly<Record<string, unknown>>): void {
  it.each(Object.entries(attacks))('%s', async (_, token) => {
    expect(await judgeToken(token)).toBe(code);
  });
}

export const isLegacy = (claims: object) => 'iss' in claims && String(claims.iss).includes('Legacy');

/** The identity or the code for rightly signed claims, again whatever the verifier keeps and whether one can wait. */
export async function identityOf(claims: object | string, options: Partial<VerifierOptions> = {}) {
  const key = typeof claims === 'object' && isLegacy(claims) ? legacyKey : newKey;
  const token = signToken(header(key), claims, key);
  const verifier = targetVerifier(options);
  const result = await outcome(verifier, token);
  const answer = (one: CutoverIdentity | string) => (typeof one === 'string' ? one : one.userId);
  expect(answer(outcomeSync(verifier, token))).toBe(answer(result));
  expect(answer(await outcome(targetVerifier({ ...options, cache: false }), token))).toBe(answer(result));
  return result;
}

/** The code, or `source:userId`. */
export async function judgeClaims(claims: object | string, options: Partial<VerifierOptions> = {}): Promise<string> {
  const result = await identityOf(claims, options);
  return typeof result === 'string' ? result : `${result.userIdSource}:${result.userId}`;
}
