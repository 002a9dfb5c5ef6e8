import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { createDecoder, createVerifier } from 'fast-jwt';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import jsonwebtoken from 'jsonwebtoken';
import { type CutoverVerifier, createCutoverVerifier } from '../src/index.js';
import { createTestPools, type TestPool } from '../src/testing/index.js';
import { type Contender, measure, type Row, timed } from './measure.js';

const USERS = 1_000;

/** Two pools and an ID token each for a thousand users, half of either pool. */
async function population() {
  const pools = await createTestPools({ serve: false });
  const both = [pools.legacyPool, pools.newPool];
  const tokens = Array.from({ length: USERS }, (_, index) => {
    const person = pools.person();
    const user = index % 2 === 0 ? person.legacy : person.new;
    return Buffer.from(user.idToken({ email: `user${index}@example.com`, email_verified: true }));
  });
  return { both, tokens };
}

function keysOf(pool: TestPool): Map<string, KeyObject> {
  return new Map(pool.jwks().keys.map((jwk) => [jwk.kid ?? '', createPublicKey({ key: jwk, format: 'jwk' })]));
}

interface Population {
  readonly both: readonly TestPool[];
  readonly tokens: readonly Buffer[];
}

function ours({ both }: Population): CutoverVerifier {
  const [legacyPool, newPool] = both as [TestPool, TestPool];
  return createCutoverVerifier({ legacyPool: legacyPool.options, newPool: newPool.options, tokenUse: 'id' });
}

/** A new string for every call, because a string that was hashed before would favour a cache. */
const fresh = (tokens: readonly Buffer[]) => tokens.map((token) => token.toString('latin1'));

function raw({ both, tokens }: Population): Contender {
  const keys = new Map(both.flatMap((pool) => [...keysOf(pool)]));
  const prepared = fresh(tokens).map((token) => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const input = Buffer.from(`${header}.${payload}`);
    return { input, key: keys.get(kid) as KeyObject, signature: Buffer.from(signature, 'base64url') };
  });
  return {
    name: 'raw RSA (crypto.verify alone)',
    round: () =>
      timed(USERS, (index) => {
        const { input, key, signature } = prepared[index] as (typeof prepared)[number];
        if (!verify('RSA-SHA256', input, key, signature)) throw new Error('not verified');
      }),
  };
}

function contender(name: string, { tokens }: Population, check: (token: string) => unknown): Contender {
  return {
    name,
    round: () => {
      const texts = fresh(tokens);
      return timed(USERS, (index) => check(texts[index] as string));
    },
  };
}

function awsJwtVerify(people: Population): Contender {
  const verifier = CognitoJwtVerifier.create(
    people.both.map(({ userPoolId, clientId }) => ({ userPoolId, clientId, tokenUse: 'id' as const })),
  );
  for (const pool of people.both) verifier.cacheJwks(pool.jwks() as never, pool.userPoolId);
  return contender('aws-jwt-verify', people, (token) => verifier.verifySync(token));
}

function joseCheck({ both }: Population): (token: string) => Promise<unknown> {
  const byIssuer = new Map(
    both.map((pool) => [pool.issuer, { audience: pool.clientId, keys: createLocalJWKSet(pool.jwks() as never) }]),
  );
  return (token) => {
    const issuer = decodeJwt(token).iss ?? '';
    const { audience, keys } = byIssuer.get(issuer) ?? {};
    if (keys === undefined || audience === undefined) throw new Error('issuer not trusted');
    return jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'] });
  };
}

function jose32(people: Population): Contender {
  const check = joseCheck(people);
  return {
    name: 'jose, 32 at a time',
    round: () => {
      const texts = fresh(people.tokens);
      return timed(1, async () => {
        for (let start = 0; start < USERS; start += 32) await Promise.all(texts.slice(start, start + 32).map(check));
      }).then((microseconds) => microseconds / USERS);
    },
  };
}

function fastJwt(name: string, people: Population, cache: boolean): Contender {
  const decode = createDecoder({ complete: true });
  const verifiers = new Map(
    people.both.flatMap((pool) =>
      [...keysOf(pool)].map(([kid, key]) => {
        const pem = key.export({ type: 'spki', format: 'pem' }) as string;
        const options = { key: pem, cache, algorithms: ['RS256' as const], allowedIss: pool.issuer };
        return [kid, createVerifier({ ...options, allowedAud: pool.clientId })] as const;
      }),
    ),
  );
  return contender(name, people, (token) => {
    const { kid } = (decode(token) as { header: { kid: string } }).header;
    return verifiers.get(kid)?.(token) ?? Promise.reject(new Error('key unknown'));
  });
}

function jsonWebToken(people: Population): Contender {
  const pools = new Map(people.both.flatMap((pool) => [...keysOf(pool)].map(([kid, key]) => [kid, { pool, key }])));
  return contender('jsonwebtoken, KeyObject', people, (token) => {
    const kid = jsonwebtoken.decode(token, { complete: true })?.header.kid ?? '';
    const { pool, key } = pools.get(kid) ?? {};
    if (pool === undefined || key === undefined) throw new Error('key unknown');
    const options = { algorithms: ['RS256' as const], issuer: pool.issuer, audience: pool.clientId };
    return jsonwebtoken.verify(token, key as never, options);
  });
}

export interface VerificationResult {
  readonly cold: readonly Row[];
  readonly hot: readonly Row[];
}

/** Cold: tokens that were never seen before, with an empty cache. Hot: the same thousand users again. */
export async function benchVerification(rounds: number): Promise<VerificationResult> {
  const people = await population();
  const hot = ours(people);
  for (const token of fresh(people.tokens)) hot.verifySync(token);
  const cold = await measure(
    [
      raw(people),
      {
        name: 'cognito-cutover',
        round: () => {
          const verifier = ours(people);
          const texts = fresh(people.tokens);
          return timed(USERS, (index) => verifier.verifySync(texts[index] as string));
        },
      },
      awsJwtVerify(people),
      contender('jose, one at a time', people, joseCheck(people)),
      jose32(people),
      fastJwt('fast-jwt', people, false),
      jsonWebToken(people),
    ],
    rounds,
  );
  const again = await measure(
    [
      raw(people),
      contender('cognito-cutover', people, (token) => hot.verifySync(token)),
      contender('cognito-cutover, awaited', people, (token) => hot.verify(token)),
      awsJwtVerify(people),
      fastJwt('fast-jwt with its cache', people, true),
    ],
    rounds,
  );
  return { cold, hot: again };
}
