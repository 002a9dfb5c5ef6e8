import { describe, expect, it, vi } from 'vitest';
import { CutoverError, type VerifierOptions } from '../../src/index.js';
import { verdictSync } from '../support/outcome.js';
import { UUID, verifierOfTwoPools } from './support.js';

const { pools, start } = verifierOfTwoPools();

describe('the order of the rules', () => {
  const forged = (token: string) => `${token.slice(0, -4)}AAAA`;

  it.each<[string, () => string, Partial<VerifierOptions>, string]>([
    ['the form before the issuer', () => 'a.b.c', {}, 'ERR_TOKEN_MALFORMED'],
    [
      'the issuer before the key',
      () => pools.newPool.sign({ alg: 'RS256', kid: 'unknown' }, { iss: 'https://else.example.com' }),
      {},
      'ERR_ISSUER_NOT_TRUSTED',
    ],
    [
      'a closed legacy pool before the key',
      () => pools.legacyPool.sign({ alg: 'RS256', kid: 'unknown' }, { iss: pools.legacyPool.issuer }),
      { legacyTokens: { acceptUntil: new Date(0) } },
      'ERR_LEGACY_POOL_CLOSED',
    ],
    [
      'the signature before the claims',
      () => forged(pools.newPool.accessToken({ exp: 1 })),
      {},
      'ERR_SIGNATURE_INVALID',
    ],
    ['the claims before the legacy id', () => pools.newPool.accessToken({ exp: 1 }), {}, 'ERR_TOKEN_EXPIRED'],
  ])('%s', (_, token, options, expected) => {
    expect(verdictSync(start({}, options), token())).toBe(expected);
  });
});

it.each<[string, () => string, object]>([
  [
    'a wrong signature',
    () => `${pools.legacyPool.accessToken().slice(0, -4)}AAAA`,
    { code: 'ERR_SIGNATURE_INVALID', pool: 'legacy' },
  ],
  [
    'a claim that is no legacy id',
    () => pools.newPool.idToken({ 'custom:legacy_sub': 'x' }),
    { code: 'ERR_LEGACY_ID_INVALID', pool: 'new' },
  ],
])('%s is counted for the pool of the token', (_, token, expected) => {
  expect(() => start({}).verifySync(token())).toThrow(expect.objectContaining(expected));
});

describe('the resolver', () => {
  it('is asked once for a token again after something was forgotten', () => {
    const resolve = vi.fn(() => UUID);
    const verifier = start({}, { legacyId: { resolve } });
    const token = pools.newPool.accessToken();
    verifier.verifySync(token);
    verifier.forget();
    verifier.verifySync(token);
    verifier.verifySync(token);
    expect(resolve).toHaveBeenCalledTimes(2);
  });

  it('is told who is asked for, and given the token', () => {
    const queries: unknown[] = [];
    const resolve = (query: unknown) => {
      queries.push(query);
      return UUID;
    };
    const verifier = start({}, { legacyId: { resolve } });
    const token = pools.newPool.accessToken({ sub: 's', username: 'u', scope: 'a b' });
    verifier.verifySync(token);
    expect(queries).toEqual([
      {
        sub: 's',
        username: 'u',
        userPoolId: pools.newPool.userPoolId,
        clientId: pools.newPool.clientId,
        tokenUse: 'access',
        scopes: ['a', 'b'],
        token,
        signal: expect.any(AbortSignal),
      },
    ]);
  });

  it('is not asked for a legacy user, a machine, a mapped user or a token that is refused', () => {
    const resolve = () => expect.unreachable();
    const verifier = start({}, { legacyId: { resolve } });
    verifier.verifySync(pools.legacyPool.accessToken());
    verifier.verifySync(pools.newPool.machineToken());
    verifier.verifySync(pools.newPool.idToken({ 'custom:legacy_sub': UUID }));
    expect(() => verifier.verifySync(`${pools.newPool.accessToken().slice(0, -4)}AAAA`)).toThrow('signature');
  });

  it('has a time limit, is told to stop, and its own wish for a pause is passed on', async () => {
    let signal: AbortSignal | undefined;
    const verifier = start(
      {},
      {
        legacyId: {
          resolveTimeoutMs: 20,
          resolve: (query) => {
            signal = query.signal;
            return new Promise(() => {});
          },
        },
      },
    );
    await expect(verifier.verify(pools.newPool.accessToken())).rejects.toMatchObject({
      code: 'ERR_LEGACY_ID_UNAVAILABLE',
      retryAfterSeconds: 5,
    });
    expect(signal?.aborted).toBe(true);

    const resting = Object.assign(new Error('breaker open'), { retryAfterSeconds: 17.2 });
    const other = start({}, { legacyId: { resolve: () => Promise.reject(resting) } });
    await expect(other.verify(pools.newPool.accessToken())).rejects.toMatchObject({
      retryAfterSeconds: 18,
      cause: resting,
    });
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

  it('by the app client that its kind of token names, whatever other claims say', async () => {
    const verifier = start({ tokenUse: 'any' });
    const idToken = pools.newPool.idToken({ client_id: 'not the client', exp: 1 });
    expect((await refusalOf(verifier, idToken)).clientId).toBe(pools.newPool.clientId);
    const accessToken = pools.newPool.accessToken({ client_id: undefined, aud: 'https://an-api.example', exp: 1 });
    expect((await refusalOf(verifier, accessToken)).clientId).toBeUndefined();
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

  it('when it comes from the cache as well', async () => {
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
