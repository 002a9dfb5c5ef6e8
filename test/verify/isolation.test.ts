import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CutoverError, createCutoverVerifier, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPool, type TestPools } from '../../src/testing/index.js';
import { type IssuerKey, issuerKey, signToken } from '../support/issuer.js';
import { outcome, verdict, verdictSync } from '../support/outcome.js';

const SUB = '11111111-1111-4111-8111-111111111111';
const header = (kid: string) => ({ kid, alg: 'RS256' });

let pools: TestPools;
let others: TestPools;
beforeAll(async () => {
  [pools, others] = await Promise.all([createTestPools({ serve: false }), createTestPools({ serve: false })]);
});
afterAll(() => Promise.all([pools.close(), others.close()]));

const verifierOf = (options: Partial<VerifierOptions> = {}) =>
  createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
    ...options,
  });

function claimsOf(pool: Pick<TestPool, 'issuer' | 'clientId'>) {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, auth_time: now, exp: now + 3600 };
  return {
    sub: SUB,
    iss: pool.issuer,
    client_id: pool.clientId,
    token_use: 'access',
    legacy_sub: SUB,
    username: SUB,
    ...times,
  };
}

describe('the keys of two pools', () => {
  it.each(['legacyPool', 'newPool'] as const)('never vouch for each other under the issuer of the %s', async (side) => {
    const own = pools[side];
    const other = side === 'legacyPool' ? pools.newPool : pools.legacyPool;
    const forgedWithOwnKid = other.sign(header(own.kids.access), claimsOf(own));
    const forgedWithOtherKid = other.sign(header(other.kids.access), claimsOf(own));
    const verifier = verifierOf();
    const judgeAll = async () => {
      expect(await verdict(verifier, forgedWithOwnKid)).toBe('ERR_SIGNATURE_INVALID');
      expect(await verdict(verifier, forgedWithOtherKid)).toBe('ERR_KEY_NOT_FOUND');
      expect(verdictSync(verifier, forgedWithOwnKid)).toBe('ERR_SIGNATURE_INVALID');
      expect(verdictSync(verifier, forgedWithOtherKid)).toBe('ERR_KEY_NOT_FOUND');
    };
    await judgeAll();
    for (const pool of [own, other]) {
      expect(await verdict(verifier, pool.sign(header(pool.kids.access), claimsOf(pool)))).toBe('accepted');
      expect(await verdict(verifier, pool.idToken({ sub: SUB, 'custom:legacy_sub': SUB }))).toBe('accepted');
    }
    await judgeAll();
  });

  describe('that go by the same kid', () => {
    const keys = { legacy: issuerKey('shared'), new: issuerKey('shared') };
    const verifierWithSharedKid = () => {
      const { jwks: _legacy, ...legacyPool } = pools.legacyPool.options;
      const { jwks: _new, ...newPool } = pools.newPool.options;
      return verifierOf({
        legacyPool: { ...legacyPool, jwks: { keys: [keys.legacy.jwk] } },
        newPool: { ...newPool, jwks: { keys: [keys.new.jwk] } },
      });
    };
    const sign = (pool: TestPool, key: IssuerKey) => signToken(header('shared'), claimsOf(pool), key);

    it.each([
      ['right tokens first', true],
      ['forged tokens first', false],
    ])('are told apart, %s', async (_, rightFirst) => {
      const verifier = verifierWithSharedKid();
      const right = async () => {
        expect(await verdict(verifier, sign(pools.legacyPool, keys.legacy))).toBe('accepted');
        expect(await verdict(verifier, sign(pools.newPool, keys.new))).toBe('accepted');
      };
      const forged = async () => {
        expect(await verdict(verifier, sign(pools.legacyPool, keys.new))).toBe('ERR_SIGNATURE_INVALID');
        expect(await verdict(verifier, sign(pools.newPool, keys.legacy))).toBe('ERR_SIGNATURE_INVALID');
      };
      for (const judge of rightFirst ? [right, forged, right] : [forged, right, forged]) await judge();
    });
  });
});

describe('several legacy pools', () => {
  const several = () => verifierOf({ legacyPool: [pools.legacyPool.options, others.legacyPool.options] });

  it('are each recognised, and the identity says which', async () => {
    for (const pool of [pools.legacyPool, others.legacyPool]) {
      const identity = await outcome(several(), pool.accessToken({ sub: SUB }));
      expect(identity).toMatchObject({
        userId: SUB,
        pool: 'legacy',
        userPoolId: pool.userPoolId,
        clientId: pool.clientId,
      });
    }
  });

  it('keep their own app clients and keys', async () => {
    const verifier = several();
    const [one, two] = [pools.legacyPool, others.legacyPool];
    expect(await verdict(verifier, one.accessToken({ client_id: two.clientId }))).toBe('ERR_CLIENT_NOT_ALLOWED');
    expect(await verdict(verifier, two.idToken({ aud: one.clientId }))).toBe('ERR_CLIENT_NOT_ALLOWED');
    expect(await verdict(verifier, one.sign(header(two.kids.access), claimsOf(two)))).toBe('ERR_SIGNATURE_INVALID');
    expect(await verdict(verifier, two.sign(header(two.kids.access), claimsOf(one)))).toBe('ERR_KEY_NOT_FOUND');
  });
});

describe('two verifiers in one process', () => {
  it('share no verified token', async () => {
    const token = pools.legacyPool.accessToken({ sub: SUB });
    const stranger = verifierOf({ legacyPool: others.legacyPool.options, newPool: others.newPool.options });
    const strict = verifierOf({ tokenUse: 'id' });
    const verifier = verifierOf();
    for (let round = 0; round < 3; round += 1) {
      expect(await verdict(verifier, token)).toBe('accepted');
      expect(await verdict(stranger, token)).toBe('ERR_ISSUER_NOT_TRUSTED');
      expect(await verdict(strict, token)).toBe('ERR_TOKEN_USE_NOT_ALLOWED');
    }
  });
});

describe('issuers', () => {
  const withIssuer = (iss: unknown) =>
    pools.legacyPool.sign(header(pools.legacyPool.kids.access), { ...claimsOf(pools.legacyPool), iss });

  it('come in two forms, and both are the pool', async () => {
    const { issuer, userPoolId } = pools.legacyPool;
    for (const iss of [issuer, `https://issuer-cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`]) {
      expect(await outcome(verifierOf(), withIssuer(iss))).toMatchObject({ userPoolId, userId: SUB });
    }
  });

  it('are exactly the configured ones where there are any', async () => {
    const iss = 'https://login.example.com';
    const { legacyPool } = pools;
    const verifier = verifierOf({ legacyPool: { ...legacyPool.options, issuers: [iss] } });
    expect(await verdict(verifier, withIssuer(iss))).toBe('accepted');
    expect(await verdict(verifier, withIssuer(legacyPool.issuer))).toBe('ERR_ISSUER_NOT_TRUSTED');
  });

  it('are compared exactly', async () => {
    const { issuer, userPoolId } = pools.legacyPool;
    const nearMisses = [
      `${issuer}/`,
      ` ${issuer}`,
      `${issuer} `,
      `${issuer}\n`,
      `${issuer}\u0000`,
      `${issuer}?`,
      `${issuer}#`,
      `${issuer}x`,
      issuer.slice(0, -1),
      issuer.toUpperCase(),
      issuer.replace('https:', 'http:'),
      issuer.replace('https:', 'HTTPS:'),
      issuer.replace('amazonaws.com', 'amazonaws.com:443'),
      issuer.replace('amazonaws.com', 'amazonaws.com.'),
      issuer.replace('amazonaws.com', 'amazonaws.com.evil.example'),
      issuer.replace('https://', 'https://evil@'),
      issuer.replace('eu-west-1.', 'eu-west-2.'),
      issuer.replace('/eu-west-1_', '//eu-west-1_'),
      issuer.replace('_', '%5F'),
      issuer.replace('cognito-idp', 'cognito\u2010idp'),
      `https://evil.example/${userPoolId}`,
      userPoolId,
      '',
      '__proto__',
      'constructor',
      'toString',
    ];
    for (const iss of nearMisses) {
      expect([iss, await verdict(verifierOf(), withIssuer(iss))]).toEqual([iss, 'ERR_ISSUER_NOT_TRUSTED']);
    }
  });

  it('of a pool that is not configured are refused before any key is looked for', async () => {
    let fetches = 0;
    const { jwks: _, ...legacyPool } = pools.legacyPool.options;
    const fetch = async () => {
      fetches += 1;
      return { status: 200, text: async () => JSON.stringify(pools.legacyPool.jwks()) };
    };
    const verifier = verifierOf({ legacyPool, keys: { fetch } });
    expect(await verdict(verifier, others.newPool.accessToken())).toBe('ERR_ISSUER_NOT_TRUSTED');
    expect(fetches).toBe(0);
    expect(await verdict(verifier, pools.legacyPool.accessToken())).toBe('accepted');
    expect(fetches).toBe(1);
  });
});

describe('the outage of one pool', () => {
  let served: TestPools;
  beforeAll(async () => {
    served = await createTestPools();
  });
  afterAll(() => served.close());

  const sides = ['legacyPool', 'newPool'] as const;
  const modes = ['refuse', 'error', 'hang', 'garbage', 'empty'] as const;
  it.each(sides.flatMap((side) => modes.map((mode) => [side, mode] as const)))(
    'of the %s (%s) does not touch the other',
    async (side, mode) => {
      const down = served[side];
      const up = served[side === 'legacyPool' ? 'newPool' : 'legacyPool'];
      down.outage(mode);
      const verifier = verifierOf({
        legacyPool: served.legacyPool.options,
        newPool: served.newPool.options,
        keys: { timeoutMs: mode === 'hang' ? 1_000 : 3_000 },
      });
      // Asked first and not awaited, so that a queue behind the failing pool would show.
      const waiting = verifier.verify(down.machineToken()).catch((error: CutoverError) => error);
      expect(await verdict(verifier, up.machineToken())).toBe('accepted');
      expect(await waiting).toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE', status: 503 });
      expect(((await waiting) as CutoverError).retryAfterSeconds).toBeGreaterThan(0);
      expect(verdictSync(verifier, up.machineToken())).toBe('accepted');
      expect(verdictSync(verifier, down.machineToken())).toBe('ERR_KEYS_UNAVAILABLE');
      const results = await verifier.hydrate();
      expect(results.map(({ userPoolId, ok }) => [userPoolId, ok])).toEqual(
        expect.arrayContaining([
          [down.userPoolId, false],
          [up.userPoolId, true],
        ]),
      );
      verifier.close();
      down.outage('off');
    },
  );

  it('of both makes hydrate() reject, and say so of each', async () => {
    for (const side of sides) served[side].outage('error');
    const verifier = verifierOf({ legacyPool: served.legacyPool.options, newPool: served.newPool.options });
    const error = await verifier.hydrate().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toHaveLength(2);
    verifier.close();
    for (const side of sides) served[side].outage('off');
  });
});
