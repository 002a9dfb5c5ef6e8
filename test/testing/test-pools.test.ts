import { CognitoJwtVerifier } from 'aws-jwt-verify';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  type JSONWebKeySet,
  jwtVerify,
} from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestPools, type OutageMode, type TestPool, type TestPools } from '../../src/testing/index.js';

const joseKeys = (pool: TestPool) => createLocalJWKSet(pool.jwks() as JSONWebKeySet);

function awsVerifier(pool: TestPool, tokenUse: 'id' | 'access') {
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool.userPoolId, tokenUse, clientId: pool.clientId });
  verifier.cacheJwks(pool.jwks() as Parameters<typeof verifier.cacheJwks>[0]);
  return verifier;
}

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

  it('shape the claims as Cognito does', () => {
    const { newPool } = pools;
    const id = decodeJwt(newPool.idToken({ sub: 's' }));
    expect(id).toMatchObject({ sub: 's', aud: newPool.clientId, 'cognito:username': 's', email_verified: true });
    expect(id).not.toHaveProperty('client_id');
    const access = decodeJwt(newPool.accessToken({ sub: 's' }));
    expect(access).toMatchObject({ sub: 's', client_id: newPool.clientId, username: 's' });
    for (const absent of ['aud', 'email', 'legacy_sub']) expect(access).not.toHaveProperty(absent);
    const machine = decodeJwt(newPool.machineToken());
    expect(machine).toMatchObject({ sub: newPool.clientId, client_id: newPool.clientId });
    for (const absent of ['aud', 'username', 'cognito:username']) expect(machine).not.toHaveProperty(absent);
    expect(decodeJwt(newPool.machineToken({ client_id: 'other' })).sub).toBe('other');
  });

  it('replace, add and leave out claims as told', () => {
    const claims = { email: 'a@b.c', 'custom:legacy_sub': 'L', auth_time: 5, jti: undefined, extra: [1] };
    const token = decodeJwt(pools.newPool.idToken(claims));
    expect(token).toMatchObject({ email: 'a@b.c', 'custom:legacy_sub': 'L', auth_time: 5, extra: [1] });
    expect(token).not.toHaveProperty('jti');
    expect(decodeJwt(pools.newPool.accessToken({ iat: 1000 }))).toMatchObject({
      iat: 1000,
      auth_time: 1000,
      exp: 4600,
    });
  });

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

  it('give one person an account in each pool, mapped unless told otherwise', () => {
    const anna = pools.person({ username: 'anna' });
    expect(anna.legacy).toMatchObject({ sub: anna.userId, username: 'anna', email: 'anna@example.com' });
    expect(anna.new.sub).not.toBe(anna.userId);
    expect(decodeJwt(anna.legacy.idToken())).toMatchObject({
      iss: pools.legacyPool.issuer,
      'cognito:username': 'anna',
    });
    expect(decodeJwt(anna.new.idToken())).toMatchObject({ sub: anna.new.sub, 'custom:legacy_sub': anna.userId });
    expect(decodeJwt(anna.new.accessToken({ scope: 'x' }))).toMatchObject({ legacy_sub: anna.userId, scope: 'x' });
    const unmapped = pools.person({ mapped: false });
    expect(decodeJwt(unmapped.new.idToken())).not.toHaveProperty('custom:legacy_sub');
    expect(decodeJwt(unmapped.new.accessToken())).not.toHaveProperty('legacy_sub');
  });

  it('have no endpoint to fail', () => {
    expect(() => pools.newPool.outage('error')).toThrow(TypeError);
    expect(pools.newPool.fetches).toBe(0);
  });
});

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

  it('refuse an outage nobody knows', () => {
    expect(() => pools.newPool.outage('down' as OutageMode)).toThrow(/refuse/);
  });
});

it('an option nobody knows is refused', async () => {
  await expect(createTestPools({ served: false } as object)).rejects.toThrow(/served/);
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

describe('many pools in one process', () => {
  it('never share a key while alive, and reuse those of closed pools under new names', async () => {
    const moduli = (pools: TestPools) =>
      [pools.legacyPool, pools.newPool].flatMap((p) => p.jwks().keys.map((k) => k.n));
    const first = await createTestPools({ serve: false });
    const second = await createTestPools({ serve: false });
    expect(new Set([...moduli(first), ...moduli(second)]).size).toBe(8);
    const kids = first.newPool.jwks().keys.map((key) => key.kid);
    const firstModuli = moduli(first);
    await first.close();
    await first.close();
    expect(() => first.newPool.idToken()).toThrow(/closed/);
    const third = await createTestPools({ serve: false });
    const fourth = await createTestPools({ serve: false });
    const alive = [second, third, fourth].flatMap(moduli);
    expect(new Set(alive).size).toBe(12);
    expect(alive).toEqual(expect.arrayContaining(firstModuli));
    expect(third.newPool.jwks().keys.map((key) => key.kid)).not.toEqual(expect.arrayContaining(kids));
    await Promise.all([second.close(), third.close(), fourth.close()]);
  });

  it('mint at the time they are given', async () => {
    const pools = await createTestPools({ serve: false, now: () => 1_700_000_000_999 });
    expect(decodeJwt(pools.newPool.idToken())).toMatchObject({ iat: 1_700_000_000, exp: 1_700_003_600 });
    await pools.close();
  });
});
