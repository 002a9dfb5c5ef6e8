import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCutoverVerifier, type LegacyIdQuery, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { FakeClock } from '../support/fake-clock.js';
import { outcome, outcomeSync, verdict, verdictSync } from '../support/outcome.js';

const START = Date.UTC(2026, 0, 15, 12);
const SECONDS = START / 1000;
const SUB = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const CLOSED = 'ERR_LEGACY_POOL_CLOSED';

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false, now: () => START });
});
afterAll(() => pools.close());

function start(options: Partial<VerifierOptions> = {}) {
  const clock = new FakeClock(START);
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
    clock,
    ...options,
  });
  return { clock, verifier };
}

/** Each of these is judged at every use of a token, whether or not it is remembered. */
describe.each([
  ['with a cache', {}],
  ['without a cache', { cache: false as const }],
])('as time passes, %s', (_, cache) => {
  it('a token ends with its exp and the tolerance', async () => {
    for (const pool of [pools.legacyPool, pools.newPool]) {
      const { clock, verifier } = start({ ...cache, clockToleranceSeconds: 10 });
      const token = pool.machineToken({ exp: SECONDS + 60 });
      expect(await verdict(verifier, token)).toBe('accepted');
      await clock.advance(69_999);
      expect(verdictSync(verifier, token)).toBe('accepted');
      await clock.advance(1);
      expect(verdictSync(verifier, token)).toBe('ERR_TOKEN_EXPIRED');
      expect(await verdict(verifier, token)).toBe('ERR_TOKEN_EXPIRED');
    }
  });

  it('acceptUntil closes the legacy pool, and the legacy pool only', async () => {
    const { clock, verifier } = start({ ...cache, legacyTokens: { acceptUntil: new Date(START + 60_000) } });
    const legacy = [pools.legacyPool.idToken(), pools.legacyPool.machineToken()];
    const other = pools.newPool.machineToken();
    for (const token of [...legacy, other]) expect(await verdict(verifier, token)).toBe('accepted');
    await clock.advance(60_000);
    for (const token of legacy) expect(verdictSync(verifier, token)).toBe('accepted');
    await clock.advance(1);
    for (const token of legacy) expect(verdictSync(verifier, token)).toBe(CLOSED);
    for (const token of legacy) expect(await verdict(verifier, token)).toBe(CLOSED);
    expect(verdictSync(verifier, other)).toBe('accepted');
  });

  it('a closed pool is the reason also for tokens that have expired since they were seen', async () => {
    const { clock, verifier } = start({ ...cache, legacyTokens: { acceptUntil: new Date(START + 60_000) } });
    const token = pools.legacyPool.machineToken({ exp: SECONDS + 60 });
    expect(await verdict(verifier, token)).toBe('accepted');
    await clock.advance(70_000);
    expect(verdictSync(verifier, token)).toBe(CLOSED);
    expect(await verdict(verifier, token)).toBe(CLOSED);
  });

  it('an acceptUntil that is a function is asked every time, and what it cannot tell is closed', async () => {
    let answer = (): unknown => new Date(START + 1);
    const { verifier } = start({ ...cache, legacyTokens: { acceptUntil: () => answer() as Date } });
    const token = pools.legacyPool.idToken();
    expect(await verdict(verifier, token)).toBe('accepted');
    const boom = () => {
      throw new Error('no settings');
    };
    for (const odd of [new Date(START - 1), new Date(Number.NaN), undefined, null, START + 1, '2099-01-01']) {
      answer = () => odd;
      expect([odd, verdictSync(verifier, token)]).toEqual([odd, CLOSED]);
    }
    answer = boom;
    expect(verdictSync(verifier, token)).toBe(CLOSED);
    answer = () => new Date(START);
    expect(verdictSync(verifier, token)).toBe('accepted');
  });

  it.each([
    [0, 'accepted'],
    [1, CLOSED],
    [undefined, CLOSED],
  ])('a sign-in %s seconds after acceptSignInsBefore is %s', async (after, expected) => {
    const limit = SECONDS - 600;
    const { verifier } = start({ ...cache, legacyTokens: { acceptSignInsBefore: new Date(limit * 1000) } });
    const claims = { auth_time: after === undefined ? undefined : limit + after };
    for (const token of [pools.legacyPool.accessToken(claims), pools.legacyPool.idToken(claims)]) {
      for (let round = 0; round < 2; round += 1) expect(await verdict(verifier, token)).toBe(expected);
    }
    expect(await verdict(verifier, pools.newPool.machineToken(claims))).toBe('accepted');
  });

  it('a token that starts later is good later', async () => {
    const { clock, verifier } = start(cache);
    const token = pools.legacyPool.accessToken({ nbf: SECONDS + 60 });
    expect(await verdict(verifier, token)).toBe('ERR_TOKEN_NOT_YET_VALID');
    await clock.advance(55_000);
    expect(await verdict(verifier, token)).toBe('accepted');
  });
});

describe('a user without a known legacy id', () => {
  it('is taken for themselves a minute at most, then asked about again', async () => {
    let known: string | undefined;
    const asked: LegacyIdQuery[] = [];
    const resolve = async (query: LegacyIdQuery) => {
      asked.push(query);
      return known;
    };
    const { clock, verifier } = start({ legacyId: { onMissing: 'own-sub', resolve } });
    const token = pools.newPool.accessToken({ sub: SUB, username: 'anna', scope: 'a b' });
    const ownSub = { userId: SUB, userIdSource: 'own-sub' };
    expect(await outcome(verifier, token)).toMatchObject(ownSub);
    known = OTHER;
    await clock.advance(60_000);
    expect(outcomeSync(verifier, token)).toMatchObject(ownSub);
    await clock.advance(1);
    expect(outcomeSync(verifier, token)).toBe('ERR_LEGACY_ID_UNAVAILABLE');
    expect(await outcome(verifier, token)).toMatchObject({ userId: OTHER, userIdSource: 'resolver' });
    const { clientId, userPoolId } = pools.newPool;
    const query = { sub: SUB, username: 'anna', clientId, userPoolId, tokenUse: 'access', scopes: ['a', 'b'], token };
    expect(asked[0]).toMatchObject(query);
    expect(asked[0]!.signal).toBeInstanceOf(AbortSignal);
  });

  it('is never remembered as refused', async () => {
    let known: string | undefined;
    const { verifier } = start({ legacyId: { resolve: () => known } });
    const token = pools.newPool.idToken({ sub: SUB });
    expect(await outcome(verifier, token)).toBe('ERR_LEGACY_ID_MISSING');
    known = OTHER;
    expect(await outcome(verifier, token)).toMatchObject({ userId: OTHER });
  });

  it('is not asked about when nobody needs to know', async () => {
    let asked = 0;
    const resolve = () => {
      asked += 1;
      return OTHER;
    };
    const { verifier } = start({ legacyId: { resolve } });
    const { legacyPool, newPool } = pools;
    const refused = [newPool.idToken({ exp: 1 }), newPool.idToken({ aud: 'x' }), newPool.idToken().slice(0, -2)];
    const mapped = [newPool.idToken({ 'custom:legacy_sub': SUB }), newPool.machineToken(), legacyPool.idToken()];
    for (const token of [...refused, ...mapped]) await outcome(verifier, token);
    expect(asked).toBe(0);
    expect(outcomeSync(verifier, newPool.idToken())).toMatchObject({ userId: OTHER, userIdSource: 'resolver' });
    expect(asked).toBe(1);
  });
});
