import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestPools, type TestPools } from '../../src/testing/index.js';

describe('pools whose keys are handed in', () => {
  let pools: TestPools;
  beforeAll(async () => {
    pools = await createTestPools({ serve: false });
  });
  afterAll(() => pools.close());

  it('look like Cognito and differ in everything', () => {
    const { legacyPool, newPool } = pools;
    for (const pool of [legacyPool, newPool]) {
      expect(pool.userPoolId).toMatch(/^eu-west-1_[A-Za-z0-9]{9}$/);
      expect(pool.issuer).toBe(`https://cognito-idp.eu-west-1.amazonaws.com/${pool.userPoolId}`);
      expect(pool.clientId).toMatch(/^[a-z0-9]{26}$/);
      expect(pool.jwksUri).toBeUndefined();
      expect(pool.options).toEqual({ userPoolId: pool.userPoolId, clientIds: [pool.clientId], jwks: pool.jwks() });
      expect(pool.jwks().keys).toHaveLength(2);
      expect(Object.keys(pool.jwks().keys[0]!)).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    }
    expect(legacyPool.userPoolId).not.toBe(newPool.userPoolId);
    expect(legacyPool.clientId).not.toBe(newPool.clientId);
    const moduli = [...legacyPool.jwks().keys, ...newPool.jwks().keys].map((key) => key.n);
    expect(new Set(moduli).size).toBe(4);
  });
});

it('an unknown option is refused', async () => {
  await expect(createTestPools({ served: false } as object)).rejects.toThrow(/served/);
});

describe('many pools in one process', () => {
  it('mint at the time they are given', async () => {
    const pools = await createTestPools({ serve: false, now: () => 1_700_000_000_999 });
    expect(decodeJwt(pools.newPool.idToken())).toMatchObject({ iat: 1_700_000_000, exp: 1_700_003_600 });
    await pools.close();
  });
});
