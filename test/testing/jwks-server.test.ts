import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestPools, type OutageMode, type TestPool, type TestPools } from '../../src/testing/index.js';

describe('pools that are served', () => {
  let pools: TestPools;
  beforeAll(async () => {
    pools = await createTestPools();
  });
  afterAll(() => pools.close());

  it('serve their keys on loopback and count how often', async () => {
    const { legacyPool, newPool } = pools;
    expect(legacyPool.jwksUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/eu-west-1_\w{9}\/\.well-known\/jwks\.json$/);
    expect(legacyPool.options).toEqual({
      userPoolId: legacyPool.userPoolId,
      clientIds: [legacyPool.clientId],
      jwksUri: legacyPool.jwksUri,
    });
    const response = await fetch(legacyPool.jwksUri!);
    expect(await response.json()).toEqual(legacyPool.jwks());
    expect((await fetch(new URL('/', legacyPool.jwksUri))).status).toBe(404);
    expect([legacyPool.fetches, newPool.fetches]).toEqual([1, 0]);
    const remote = createRemoteJWKSet(new URL(newPool.jwksUri!));
    await expect(jwtVerify(newPool.idToken(), remote, { issuer: newPool.issuer })).resolves.toBeTruthy();
  });

  it.each<[OutageMode, RegExp]>([
    ['refuse', /failed/],
    ['hang', /timeout/],
    ['error', /^500 \{"message"/],
    ['garbage', /^200 <html>/],
    ['empty', /^200 \{"keys":\[\]\}$/],
    ['off', /^200 \{"keys":\[\{/],
  ])('answer as %s says', async (mode, expected) => {
    const { legacyPool, newPool } = pools;
    legacyPool.outage(mode);
    const before = legacyPool.fetches;
    const answer = async (pool: TestPool) => {
      const response = await fetch(pool.jwksUri!, { signal: AbortSignal.timeout(mode === 'hang' ? 200 : 10_000) });
      return `${response.status} ${await response.text()}`;
    };
    expect(await answer(legacyPool).catch((error: Error) => error.message)).toMatch(expected);
    expect(legacyPool.fetches).toBeGreaterThan(before);
    expect(await answer(newPool)).toMatch(/^200 \{"keys":\[\{/);
    legacyPool.outage('off');
  });

  it('refuse an unknown outage', () => {
    expect(() => pools.newPool.outage('down' as OutageMode)).toThrow(/refuse/);
  });
});
