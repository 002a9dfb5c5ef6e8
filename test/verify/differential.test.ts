import { CognitoJwtVerifier } from 'aws-jwt-verify';
import fc from 'fast-check';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createCutoverVerifier, type PoolOptions } from '../../src/index.js';
import { amount } from '../support/amount.js';
import { type IssuerKey, issuerKey, signToken } from '../support/issuer.js';
import { mutants, type Original } from '../support/mutants.js';
import { verdictSync } from '../support/outcome.js';

const RUNS = amount(2_000, 20_000);
const TOLERANCE_SECONDS = 5;
const SUB = '11111111-1111-4111-8111-111111111111';

// One moment for all three: none must refuse because it was asked a millisecond later.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 15, 12) });
});
afterAll(() => {
  vi.useRealTimers();
});

function poolOf(userPoolId: string, clientIds: string[], idKey: IssuerKey, accessKey: IssuerKey) {
  const hosts = ['cognito-idp', 'issuer-cognito-idp'];
  const options: PoolOptions = { userPoolId, clientIds, jwks: { keys: [idKey.jwk, accessKey.jwk] } };
  return {
    options,
    clientIds,
    idKey,
    accessKey,
    issuers: hosts.map((host) => `https://${host}.eu-west-1.amazonaws.com/${userPoolId}`),
  };
}
const pools = [
  poolOf('eu-west-1_Legacy000', ['legacyweb', 'legacyapp'], issuerKey('legacy-id'), issuerKey('legacy-access')),
  poolOf('eu-west-1_New000000', ['newweb', 'newapp'], issuerKey('new-id'), issuerKey('new-access')),
] as const;
type Pool = (typeof pools)[number];

function originalsOf(pool: Pool, now: number): Original[] {
  const times = { auth_time: now - 60, iat: now - 60, exp: now + 3600 };
  const mapped = { 'custom:legacy_sub': SUB, legacy_sub: SUB };
  const originals: Original[] = [];
  for (const iss of pool.issuers) {
    for (const client of pool.clientIds) {
      const common = { iss, jti: 'j', ...times };
      const id = { sub: SUB, aud: client, token_use: 'id', 'cognito:username': 'anna', ...mapped, ...common };
      const access = {
        sub: SUB,
        client_id: client,
        token_use: 'access',
        username: 'anna',
        scope: 'a b',
        ...mapped,
        ...common,
      };
      const machine = { sub: client, client_id: client, token_use: 'access', scope: 'orders/read', ...common };
      for (const payload of [id, access, machine]) {
        const key = payload === id ? pool.idKey : pool.accessKey;
        const header = { kid: key.kid, alg: 'RS256' };
        originals.push({ header, payload, key, token: signToken(header, payload, key) });
      }
    }
  }
  return originals;
}

/** aws-jwt-verify, set up for the same two pools. */
function awsJudge() {
  const props = pools.map(({ clientIds, options: { userPoolId } }) => {
    return { userPoolId, clientId: clientIds, tokenUse: null, graceSeconds: TOLERANCE_SECONDS };
  });
  const verifier = CognitoJwtVerifier.create(props);
  for (const { jwks, userPoolId } of pools.map(({ options }) => options)) verifier.cacheJwks(jwks as never, userPoolId);
  return (token: string) => verifier.verify(token, undefined as never);
}

/** jose, once per pool: whoever's issuer the token names has to accept it. */
function joseJudge() {
  const judges = pools.map(({ clientIds, issuers, options }) => {
    const keySet = createLocalJWKSet(options.jwks as JSONWebKeySet);
    return (token: string) => {
      const isIdToken = decodeJwt(token)['token_use'] === 'id';
      return jwtVerify(token, keySet, {
        algorithms: ['RS256'],
        issuer: issuers,
        clockTolerance: TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'iat', 'sub'],
        ...(isIdToken && { audience: clientIds }),
      });
    };
  });
  return (token: string) => Promise.any(judges.map((judge) => judge(token)));
}

it(`whatever is accepted of ${RUNS} mutants, aws-jwt-verify and jose accept, too`, { timeout: 240_000 }, async () => {
  const now = Math.floor(Date.now() / 1000);
  const originals = pools.flatMap((pool) => originalsOf(pool, now));
  const create = (cache: false | { maxTokens: number }) =>
    createCutoverVerifier({
      legacyPool: pools[0].options,
      newPool: pools[1].options,
      tokenUse: 'any',
      clockToleranceSeconds: TOLERANCE_SECONDS,
      legacyId: { onMissing: 'own-sub', format: null },
      cache,
    });
  const verifier = create({ maxTokens: 100 });
  const uncached = create(false);
  const [aws, jose] = [awsJudge(), joseJudge()];
  const verdicts = new Map<string, number>();

  for (const { token } of originals) {
    expect(verdictSync(verifier, token)).toBe('accepted');
    await Promise.all([aws(token), jose(token)]);
  }
  const property = fc.asyncProperty(mutants(originals, issuerKey('foreign'), now), async (token) => {
    const verdict = verdictSync(verifier, token);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    if (verdictSync(uncached, token) !== verdict) throw new Error('the cache changes the verdict');
    if (verdict === 'accepted') await Promise.all([aws(token), jose(token)]);
  });
  await fc.assert(property, { numRuns: RUNS });

  const seen = Object.fromEntries([...verdicts].sort(([, a], [, b]) => b - a));
  // The comparison means something only if many are accepted, and for many reasons refused.
  expect(seen['accepted']).toBeGreaterThan(RUNS / 20);
  expect(Object.values(seen).filter((count) => count >= RUNS / 1000).length).toBeGreaterThanOrEqual(8);
});
