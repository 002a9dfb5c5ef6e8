import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import type { PoolOptions } from '../../src/verify/types.js';
import { type IssuerKey, issuerKey, signToken } from './issuer.js';
import type { Original } from './mutants.js';

export const TOLERANCE_SECONDS = 5;
const SUB = '11111111-1111-4111-8111-111111111111';

/** A pool whose private keys the test holds. */
export interface JudgedPool {
  readonly options: PoolOptions;
  readonly clientIds: readonly string[];
  readonly idKey: IssuerKey;
  readonly accessKey: IssuerKey;
  readonly issuers: readonly string[];
}

function poolOf(userPoolId: string, clientIds: string[], idKey: IssuerKey, accessKey: IssuerKey): JudgedPool {
  const hosts = ['cognito-idp', 'issuer-cognito-idp'];
  const options: PoolOptions = { userPoolId, clientIds, jwks: { keys: [idKey.jwk, accessKey.jwk] } };
  const issuers = hosts.map((host) => `https://${host}.eu-west-1.amazonaws.com/${userPoolId}`);
  return { options, clientIds, idKey, accessKey, issuers };
}

/** A legacy and a new pool, each with two app clients and a key for each kind of token. */
export const judgedPools = (): readonly [JudgedPool, JudgedPool] => [
  poolOf('eu-west-1_Legacy000', ['legacyweb', 'legacyapp'], issuerKey('legacy-id'), issuerKey('legacy-access')),
  poolOf('eu-west-1_New000000', ['newweb', 'newapp'], issuerKey('new-id'), issuerKey('new-access')),
];

/** Every kind of token that a pool issues, in each form of its issuer. `personal` claims are in those of users. */
export function originalsOf(pool: JudgedPool, now: number, personal: Readonly<Record<string, unknown>> = {}) {
  const times = { auth_time: now - 60, iat: now - 60, exp: now + 3600 };
  const mapped = { 'custom:legacy_sub': SUB, legacy_sub: SUB };
  const originals: Original[] = [];
  for (const iss of pool.issuers) {
    for (const client of pool.clientIds) {
      const common = { iss, jti: 'j', ...times };
      const id = {
        sub: SUB,
        aud: client,
        token_use: 'id',
        'cognito:username': 'anna',
        ...personal,
        ...mapped,
        ...common,
      };
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

/** aws-jwt-verify, set up for the same pools. It asks `Date.now()` for the time, at once. Throws what refuses the token. */
export function awsJudge(pools: readonly JudgedPool[]): (token: string) => unknown {
  const props = pools.map(({ clientIds, options: { userPoolId } }) => {
    return { userPoolId, clientId: [...clientIds], tokenUse: null, graceSeconds: TOLERANCE_SECONDS };
  });
  const verifier = CognitoJwtVerifier.create(props);
  for (const { jwks, userPoolId } of pools.map(({ options }) => options)) verifier.cacheJwks(jwks as never, userPoolId);
  return (token) => verifier.verifySync(token, undefined as never);
}

/** jose, once per pool: whoever's issuer the token names has to accept it. */
export function joseJudge(pools: readonly JudgedPool[], now: () => number): (token: string) => Promise<unknown> {
  const judges = pools.map(({ clientIds, issuers, options }) => {
    const keySet = createLocalJWKSet(options.jwks as JSONWebKeySet);
    return (token: string) => {
      const isIdToken = decodeJwt(token)['token_use'] === 'id';
      return jwtVerify(token, keySet, {
        algorithms: ['RS256'],
        issuer: [...issuers],
        clockTolerance: TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'iat', 'sub'],
        currentDate: new Date(now()),
        ...(isIdToken && { audience: [...clientIds] }),
      });
    };
  });
  return (token) => Promise.any(judges.map(async (judge) => judge(token)));
}
