import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CutoverError, createCutoverVerifier, type PoolOptions, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { verdictSync } from '../support/outcome.js';

const UUID = '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';
const API = 'https://orders.example.com';

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

function start(newPool: Partial<PoolOptions>, more: Partial<VerifierOptions> = {}) {
  return createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: { ...pools.newPool.options, ...newPool },
    tokenUse: 'any',
    ...more,
  });
}

describe('audience', () => {
  it.each<[unknown, PoolOptions['audience'], string]>([
    [API, API, 'accepted'],
    [API, ['https://else.example.com', API], 'accepted'],
    [['client', API], API, 'accepted'],
    ['https://else.example.com', API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [`${API}/`, API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [[], API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [undefined, API, 'ERR_AUDIENCE_NOT_ALLOWED'],
    [5, API, 'ERR_CLAIM_INVALID'],
    [undefined, undefined, 'accepted'],
    ['https://else.example.com', null, 'accepted'],
  ])('an access token for %j where %j is wanted is %s', (aud, audience, expected) => {
    const verifier = start(audience === undefined ? {} : { audience });
    const claims = { aud: aud as string, legacy_sub: UUID };
    for (const token of [pools.newPool.accessToken(claims), pools.newPool.machineToken(claims)]) {
      expect([verdictSync(verifier, token), verdictSync(verifier, token)]).toEqual([expected, expected]);
    }
  });

  it('is of this pool only, and not asked of ID tokens, whose aud is the client', () => {
    const verifier = start({ audience: API });
    expect(verdictSync(verifier, pools.legacyPool.accessToken())).toBe('accepted');
    expect(verdictSync(verifier, pools.newPool.idToken({ 'custom:legacy_sub': UUID }))).toBe('accepted');
  });
});

it('a pool may take another use of tokens than the verifier', () => {
  const verifier = start({ tokenUse: 'id' }, { tokenUse: 'access' });
  const wrong = 'ERR_TOKEN_USE_NOT_ALLOWED';
  expect([
    verdictSync(verifier, pools.legacyPool.accessToken()),
    verdictSync(verifier, pools.legacyPool.idToken()),
    verdictSync(verifier, pools.newPool.accessToken({ legacy_sub: UUID })),
    verdictSync(verifier, pools.newPool.idToken({ 'custom:legacy_sub': UUID })),
  ]).toEqual(['accepted', wrong, wrong, 'accepted']);
});

describe('acceptSignInsBefore', () => {
  const limited = () => start({}, { legacyTokens: { acceptSignInsBefore: new Date(0) } });

  it('cuts off no machine: nobody signs in for one, and acceptUntil ends its tokens', () => {
    for (const auth_time of [undefined, 1_768_000_000]) {
      const token = pools.legacyPool.machineToken({ auth_time });
      expect(verdictSync(limited(), token)).toBe('accepted');
      expect(verdictSync(start({}, { legacyTokens: { acceptUntil: new Date(0) } }), token)).toBe(
        'ERR_LEGACY_POOL_CLOSED',
      );
    }
  });

  it('is not got round by a user who looks like a machine in part', () => {
    const { clientId } = pools.legacyPool;
    for (const token of [
      pools.legacyPool.accessToken({ sub: clientId }),
      pools.legacyPool.accessToken({ username: undefined }),
      pools.legacyPool.idToken({ sub: clientId, client_id: clientId, 'cognito:username': undefined }),
    ]) {
      expect(verdictSync(limited(), token)).toBe('ERR_LEGACY_POOL_CLOSED');
    }
  });
});

it('a UUID comes out in lower case, from a claim and from a resolver', () => {
  const verifier = start({}, { legacyId: { resolve: () => UUID.toUpperCase() } });
  const claimed = pools.newPool.accessToken({ legacy_sub: UUID.toUpperCase() });
  expect(verifier.verifySync(claimed).userId).toBe(UUID);
  expect(verifier.verifySync(pools.newPool.accessToken()).userId).toBe(UUID);
});

describe('a refusal names the token, once its signature is proven', () => {
  const refusalOf = async (verifier: ReturnType<typeof start>, token: string) => {
    const error = await verifier.verify(token).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CutoverError);
    return error as CutoverError;
  };
  const shown = ({ code, userPoolId, sub, clientId, tokenUse }: CutoverError) => ({
    code,
    userPoolId,
    sub,
    clientId,
    tokenUse,
  });

  it('for every rule behind the signature', async () => {
    const { userPoolId, clientId } = pools.newPool;
    const known = { userPoolId, sub: 'me', clientId, tokenUse: 'access' };
    const token = (claims = {}) => pools.newPool.accessToken({ sub: 'me', ...claims });
    const failing = { legacyId: { resolve: async () => Promise.reject(new Error('down')) } };
    const cases: [ReturnType<typeof start>, string, object][] = [
      [start({}), token({ exp: 1 }), { ...known, code: 'ERR_TOKEN_EXPIRED' }],
      [start({}), token({ client_id: 'x' }), { ...known, clientId: 'x', code: 'ERR_CLIENT_NOT_ALLOWED' }],
      [start({}), token({ iat: 'x' }), { ...known, code: 'ERR_CLAIM_INVALID' }],
      [start({}), token({ sub: 5 }), { ...known, sub: undefined, code: 'ERR_CLAIM_INVALID' }],
      [start({}), token(), { ...known, code: 'ERR_LEGACY_ID_MISSING' }],
      [start({}), token({ legacy_sub: 'x' }), { ...known, code: 'ERR_LEGACY_ID_INVALID' }],
      [start({}, failing), token(), { ...known, code: 'ERR_LEGACY_ID_UNAVAILABLE' }],
      [start({ tokenUse: 'id' }), token(), { ...known, code: 'ERR_TOKEN_USE_NOT_ALLOWED' }],
      [start({}, { isRevoked: () => true }), token({ legacy_sub: UUID }), { ...known, code: 'ERR_TOKEN_REVOKED' }],
      [
        start({}, { isRevoked: async () => true }),
        token({ legacy_sub: UUID }),
        { ...known, code: 'ERR_TOKEN_REVOKED' },
      ],
    ];
    for (const [verifier, one, expected] of cases) expect(shown(await refusalOf(verifier, one))).toEqual(expected);
  });

  it('by the client that the application knows, and only by known uses', async () => {
    const aliased = { clientAliases: { [pools.newPool.clientId]: 'known client' } };
    const revoked = start(aliased, { isRevoked: () => true });
    for (const [verifier, token] of [
      [revoked, pools.newPool.accessToken({ legacy_sub: UUID })],
      [start(aliased), pools.newPool.accessToken()],
    ] as const) {
      expect((await refusalOf(verifier, token)).clientId).toBe('known client');
    }
    const odd = await refusalOf(start({}), pools.newPool.accessToken({ token_use: 'anything' }));
    expect([odd.code, odd.tokenUse]).toEqual(['ERR_TOKEN_USE_NOT_ALLOWED', undefined]);
  });

  it('when it comes from the cache, too', async () => {
    let end = new Date(8.64e15);
    const verifier = start({}, { legacyTokens: { acceptUntil: () => end } });
    const token = pools.legacyPool.idToken({ sub: 'me' });
    await verifier.verify(token);
    end = new Date(0);
    const { userPoolId, clientId } = pools.legacyPool;
    expect(shown(await refusalOf(verifier, token))).toEqual({
      ...{ code: 'ERR_LEGACY_POOL_CLOSED', userPoolId, sub: 'me', clientId, tokenUse: 'id' },
    });
  });

  it('and never before', async () => {
    const forged = `${pools.newPool.accessToken({ sub: 'victim' }).slice(0, -4)}AAAA`;
    expect(shown(await refusalOf(start({}), forged))).toEqual({ code: 'ERR_SIGNATURE_INVALID' });
  });

  it('where no serialiser finds it', async () => {
    const error = await refusalOf(start({}), pools.newPool.accessToken({ sub: 'someone' }));
    expect(error.sub).toBe('someone');
    expect(JSON.stringify(error)).not.toContain('someone');
    expect(Object.keys(error)).not.toContain('sub');
    expect({ ...error }).not.toHaveProperty('sub');
  });
});
