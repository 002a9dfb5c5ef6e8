import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestPools, type TestPool, type TestPools } from '../../src/testing/index.js';

const joseKeys = (pool: TestPool) => createLocalJWKSet(pool.jwks() as JSONWebKeySet);

function awsVerifier(pool: TestPool, tokenUse: 'id' | 'access') {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool.userPoolId, tokenUse, clientId: pool.clientId });
  verifier.cacheJwks(pool.jwks() as Parameters<typeof verifier.cacheJwks>[0]);
  return verifier;
}

describe('a pool', () => {
  let pools: TestPools;
  beforeAll(async () => {
    pools = await createTestPools({ serve: false });
  });
  afterAll(() => pools.close());

  it('sign ID and access tokens with different keys', () => {
    const { newPool } = pools;
    expect(decodeProtectedHeader(newPool.idToken())).toEqual({ kid: newPool.kids.id, alg: 'RS256' });
    expect(decodeProtectedHeader(newPool.accessToken())).toEqual({ kid: newPool.kids.access, alg: 'RS256' });
    expect(decodeProtectedHeader(newPool.machineToken())).toEqual({ kid: newPool.kids.access, alg: 'RS256' });
    expect(newPool.kids.id).not.toBe(newPool.kids.access);
  });

  it.each(['legacyPool', 'newPool'] as const)(
    'mint tokens of the %s that jose and aws-jwt-verify accept',
    async (side) => {
      const pool = pools[side];
      const options = { issuer: pool.issuer, algorithms: ['RS256'] };
      const id = await jwtVerify(pool.idToken(), joseKeys(pool), { ...options, audience: pool.clientId });
      expect(id.payload['token_use']).toBe('id');
      for (const token of [pool.accessToken(), pool.machineToken()]) {
        const access = await jwtVerify(token, joseKeys(pool), options);
        expect(access.payload['client_id']).toBe(pool.clientId);
        await expect(awsVerifier(pool, 'access').verify(token)).resolves.toMatchObject({ token_use: 'access' });
      }
      await expect(awsVerifier(pool, 'id').verify(pool.idToken())).resolves.toMatchObject({ token_use: 'id' });
      await expect(awsVerifier(pool, 'access').verify(pool.idToken())).rejects.toThrow();
    },
  );

  it('sign whatever they are given, and add nothing', async () => {
    const { newPool } = pools;
    expect(decodeProtectedHeader(newPool.sign({ alg: 'none' }, '{}'))).toEqual({ alg: 'none' });
    const [header, payload] = newPool.sign('not json', Uint8Array.of(0xff, 0xfe)).split('.');
    expect(Buffer.from(header!, 'base64url').toString()).toBe('not json');
    expect(Buffer.from(payload!, 'base64url')).toEqual(Buffer.of(0xff, 0xfe));
    for (const kid of [newPool.kids.id, newPool.kids.access]) {
      await expect(jwtVerify(newPool.sign({ alg: 'RS256', kid }, { a: 1 }), joseKeys(newPool))).resolves.toBeTruthy();
    }
  });

  it('have no endpoint to fail', () => {
    expect(() => pools.newPool.outage('error')).toThrow(TypeError);
    expect(pools.newPool.fetches).toBe(0);
  });
});

describe('key rotation', () => {
  it('keeps old tokens good unless told otherwise', async () => {
    const pools = await createTestPools({ serve: false });
    const { newPool } = pools;
    const verify = (token: string) => jwtVerify(token, joseKeys(newPool));
    const old = newPool.idToken();
    newPool.rotateKeys();
    expect(newPool.jwks().keys).toHaveLength(4);
    const middle = newPool.idToken();
    await expect(verify(old)).resolves.toBeTruthy();
    await expect(verify(middle)).resolves.toBeTruthy();
    newPool.rotateKeys({ keepOld: false });
    expect(newPool.jwks().keys).toHaveLength(2);
    await expect(verify(middle)).rejects.toThrow();
    await expect(verify(newPool.accessToken())).resolves.toBeTruthy();
    await pools.close();
  });

  it('still signs with a rotated-out key when its kid is named', async () => {
    const pools = await createTestPools({ serve: false });
    const before = joseKeys(pools.newPool);
    const kid = pools.newPool.kids.id;
    pools.newPool.rotateKeys({ keepOld: false });
    await expect(jwtVerify(pools.newPool.sign({ alg: 'RS256', kid }, {}), before)).resolves.toBeTruthy();
    await pools.close();
  });
});
