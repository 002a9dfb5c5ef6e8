import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CutoverEvent, createCutoverVerifier, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { createLegacyVerifier } from '../../src/verify/verifier.js';
import { FakeClock } from '../support/fake-clock.js';

const UUID = '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';
const OTHER = '0b6a3f0e-5c3e-4a8e-9d7e-222222222222';
let open: TestPools | undefined;
afterEach(() => open?.close());

async function setUp(more: Partial<VerifierOptions> = {}, serve = false) {
  const clock = new FakeClock();
  const pools = await createTestPools({ serve, now: clock.now });
  open = pools;
  const events: CutoverEvent[] = [];
  const verifier = createCutoverVerifier({
    legacyPool: pools.legacyPool.options,
    newPool: pools.newPool.options,
    tokenUse: 'any',
    clock,
    onEvent: (event) => events.push(event),
    ...more,
  });
  return { clock, pools, verifier, events };
}

describe('verifyEagerly', () => {
  it('answers without a promise where nothing has to be waited for', async () => {
    const { pools, verifier } = await setUp();
    const token = pools.legacyPool.accessToken({ sub: 'me' });
    expect(verifier.verifyEagerly(token)).toMatchObject({ userId: 'me' });
    expect(verifier.verifyEagerly(token)).toBe(verifier.verifySync(token));
  });

  it('answers with a promise while the keys are fetched', async () => {
    const { pools, verifier } = await setUp({}, true);
    const answer = verifier.verifyEagerly(pools.legacyPool.accessToken({ sub: 'me' }));
    expect(answer).toBeInstanceOf(Promise);
    await expect(answer).resolves.toMatchObject({ userId: 'me' });
  });
});

describe('verifySync', () => {
  it('says that the keys are not loaded, fetches them, and works afterwards', async () => {
    const { pools, verifier } = await setUp({}, true);
    const token = pools.legacyPool.accessToken({ sub: 'me' });
    expect(() => verifier.verifySync(token)).toThrow(
      expect.objectContaining({ code: 'ERR_KEYS_UNAVAILABLE', retryAfterSeconds: 1 }),
    );
    await verifier.hydrate();
    expect(pools.legacyPool.fetches).toBe(1);
    expect(verifier.verifySync(token).userId).toBe('me');
  });

  it('says that the resolver has to be waited for, and takes an answer that is there', async () => {
    const slow = await setUp({ legacyId: { resolve: async () => UUID } });
    expect(() => slow.verifier.verifySync(slow.pools.newPool.accessToken())).toThrow(
      expect.objectContaining({ code: 'ERR_LEGACY_ID_UNAVAILABLE', status: 503 }),
    );
    const quick = await setUp({ legacyId: { resolve: () => UUID } });
    expect(quick.verifier.verifySync(quick.pools.newPool.accessToken()).userId).toBe(UUID);
  });

  it('leaves no rejection behind when what it did not wait for fails', async () => {
    const { pools, verifier } = await setUp({ legacyId: { resolve: () => Promise.reject(new Error('down')) } });
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    expect(() => verifier.verifySync(pools.newPool.accessToken())).toThrow();
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('the token cache', () => {
  it('hands out one identity for one token', async () => {
    const { pools, verifier, events } = await setUp();
    const token = pools.newPool.idToken({ 'custom:legacy_sub': UUID });
    expect(await verifier.verify(token)).toBe(await verifier.verify(token));
    expect(events.map((event) => event.type === 'accepted' && event.cached)).toEqual([false, true]);
  });

  it('can be switched off', async () => {
    const { pools, verifier } = await setUp({ cache: false });
    const token = pools.legacyPool.idToken();
    expect(verifier.verifySync(token)).not.toBe(verifier.verifySync(token));
  });

  it('asks the resolver once per token, and again every minute for a user without a legacy id', async () => {
    let asked = 0;
    let answer: string | undefined;
    const resolve = () => {
      asked += 1;
      return answer;
    };
    const { pools, verifier, clock } = await setUp({ legacyId: { resolve, onMissing: 'own-sub' } });
    const token = pools.newPool.accessToken({ sub: 'newcomer' });
    for (let second = 0; second <= 60; second += 10) {
      expect(verifier.verifySync(token)).toMatchObject({ userId: 'newcomer', userIdSource: 'own-sub' });
      await clock.advance(10_000);
    }
    expect(asked).toBe(1);
    answer = UUID;
    expect(verifier.verifySync(token)).toMatchObject({ userId: UUID, userIdSource: 'resolver' });
    await clock.advance(300_000);
    expect(verifier.verifySync(token).userId).toBe(UUID);
    expect(asked).toBe(2);
  });

  it.each([
    [undefined, 300],
    [10, 10],
    [0, 0],
  ])('serves what a resolver found for resolvedSeconds: %s', async (resolvedSeconds, lasting) => {
    let answer = UUID;
    const options = { resolve: () => answer, ...(resolvedSeconds !== undefined && { resolvedSeconds }) };
    const { pools, verifier, clock } = await setUp({ legacyId: options });
    const token = pools.newPool.accessToken({ sub: 'mapped wrongly' });
    expect(verifier.verifySync(token).userId).toBe(UUID);
    answer = OTHER;
    await clock.advance(lasting * 1_000);
    expect(verifier.verifySync(token).userId).toBe(UUID);
    await clock.advance(1);
    expect(verifier.verifySync(token).userId).toBe(OTHER);
  });

  it('forgets one user, or all, when told that a mapping was corrected', async () => {
    const answers = new Map([
      ['anna', UUID],
      ['ben', UUID],
    ]);
    const { pools, verifier } = await setUp({ legacyId: { resolve: ({ sub }) => answers.get(sub) } });
    const [anna, ben] = ['anna', 'ben'].map((sub) => pools.newPool.accessToken({ sub }));
    const both = () => [anna, ben].map((token) => verifier.verifySync(token!).userId);
    both();
    for (const sub of answers.keys()) answers.set(sub, OTHER);
    expect(both()).toEqual([UUID, UUID]);
    verifier.forget('anna');
    expect(both()).toEqual([OTHER, UUID]);
    verifier.forget();
    expect(both()).toEqual([OTHER, OTHER]);
  });

  it('does not remember an answer that was under way when it was told to forget', async () => {
    const answers: ((legacyId: string) => void)[] = [];
    const resolve = () => new Promise<string>((answer) => answers.push(answer));
    const { pools, verifier } = await setUp({ legacyId: { resolve } });
    const token = pools.newPool.accessToken({ sub: 'anna' });
    const before = verifier.verify(token);
    verifier.forget('anna');
    answers[0]!(UUID);
    expect((await before).userId).toBe(UUID);
    const after = verifier.verify(token);
    answers[1]!(OTHER);
    expect((await after).userId).toBe(OTHER);
  });

  it('judges expiry and the end of the legacy pool at every use', async () => {
    let end = new Date(8.64e15);
    const { pools, verifier, clock } = await setUp({ legacyTokens: { acceptUntil: () => end } });
    const short = pools.newPool.idToken({ 'custom:legacy_sub': UUID, exp: clock.seconds + 60 });
    const legacy = pools.legacyPool.idToken();
    verifier.verifySync(short);
    verifier.verifySync(legacy);
    await clock.advance(64_000);
    expect(verifier.verifySync(short).userId).toBe(UUID);
    await clock.advance(1_000);
    expect(() => verifier.verifySync(short)).toThrow(
      expect.objectContaining({ code: 'ERR_TOKEN_EXPIRED', pool: 'new' }),
    );
    verifier.verifySync(legacy);
    end = new Date(clock.now() - 1);
    expect(() => verifier.verifySync(legacy)).toThrow(expect.objectContaining({ code: 'ERR_LEGACY_POOL_CLOSED' }));
  });
});

describe('onEvent', () => {
  it('is told each decision once, with nothing of the token in it', async () => {
    const { clock, pools, verifier, events } = await setUp({}, true);
    const token = pools.newPool.idToken({ 'custom:legacy_sub': UUID, email: 'me@example.com' });
    await verifier.verify(token);
    await expect(verifier.verify(`${token}x`)).rejects.toThrow();
    await expect(verifier.verify(pools.newPool.idToken())).rejects.toThrow();
    const { userPoolId, clientId } = pools.newPool;
    const rejected = { type: 'rejected', outcome: 'rejected', durationMs: 0 };
    const known = { pool: 'new', userPoolId, clientId, tokenUse: 'id' };
    expect(events).toEqual([
      { type: 'keys', pool: 'new', userPoolId, outcome: 'refreshed', durationMs: 0 },
      {
        ...{ type: 'accepted', outcome: 'accepted', ...known, kind: 'user', userIdSource: 'claim', cached: false },
        ...{ durationMs: 0, expiresAt: clock.now() / 1_000 + 3_600 },
      },
      { ...rejected, code: 'ERR_TOKEN_MALFORMED' },
      { ...rejected, code: 'ERR_LEGACY_ID_MISSING', ...known },
    ]);
  });

  it('is not the only one whose stray promise ends here', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const stray = () => Promise.reject(new Error('mine')) as never;
    const resolve = Object.assign(() => UUID, { forget: stray });
    const { pools, verifier } = await setUp({ legacyTokens: { acceptUntil: stray }, legacyId: { resolve } });
    await expect(verifier.verify(pools.legacyPool.idToken())).rejects.toMatchObject({ code: 'ERR_LEGACY_POOL_CLOSED' });
    verifier.forget();
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('reaches nobody with a promise that rejects', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { pools, verifier } = await setUp({ onEvent: () => Promise.reject(new Error('full disk')) });
    expect(verifier.verifySync(pools.legacyPool.idToken({ sub: 'me' })).userId).toBe('me');
    await expect(verifier.verify('x')).rejects.toMatchObject({ code: 'ERR_TOKEN_MALFORMED' });
    await new Promise(setImmediate);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('decides nothing by throwing', async () => {
    const { pools, verifier } = await setUp({
      onEvent: () => {
        throw new Error('full disk');
      },
    });
    expect(verifier.verifySync(pools.legacyPool.idToken({ sub: 'me' })).userId).toBe('me');
    expect(() => verifier.verifySync('x')).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_MALFORMED' }));
  });
});

describe('hydrate, status and close', () => {
  it('loads the keys of every pool and reports each', async () => {
    const { pools, verifier } = await setUp({}, true);
    expect(verifier.status().map(({ keys }) => keys)).toEqual(['missing', 'missing']);
    expect(await verifier.hydrate()).toEqual([
      { pool: 'legacy', userPoolId: pools.legacyPool.userPoolId, ok: true },
      { pool: 'new', userPoolId: pools.newPool.userPoolId, ok: true },
    ]);
    expect(verifier.status().map(({ keys }) => keys)).toEqual(['fresh', 'fresh']);
    await verifier.hydrate();
    expect(pools.newPool.fetches).toBe(1);
  });

  it('rejects only when every pool fails', async () => {
    const { pools, verifier } = await setUp({}, true);
    pools.legacyPool.outage('error');
    expect(await verifier.hydrate()).toMatchObject([{ ok: false, error: expect.any(Error) }, { ok: true }]);
    const other = await setUp({}, true);
    other.pools.legacyPool.outage('error');
    other.pools.newPool.outage('garbage');
    const failure = await other.verifier.hydrate().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors).toHaveLength(2);
  });

  it('may be asked to hydrate every few seconds, through an outage and after it', async () => {
    const { pools, verifier, clock } = await setUp({}, true);
    pools.newPool.outage('error');
    const oks: boolean[] = [];
    for (let second = 0; second < 10; second += 1) {
      oks.push((await verifier.hydrate()).every(({ ok }) => ok));
      await clock.advance(1_000);
    }
    expect(new Set(oks)).toEqual(new Set([false]));
    // After 1, 2 and 4 seconds, whoever asks.
    expect(pools.newPool.fetches).toBe(4);
    pools.newPool.outage('off');
    await clock.advance(10_000);
    for (let second = 0; second < 10; second += 1) expect((await verifier.hydrate()).every(({ ok }) => ok)).toBe(true);
    expect([pools.legacyPool.fetches, pools.newPool.fetches]).toEqual([1, 5]);
  });

  it('counts a pool as loaded while its keys serve, though they could not be refreshed', async () => {
    const { pools, verifier, clock } = await setUp({}, true);
    await verifier.hydrate();
    pools.newPool.outage('error');
    await clock.advance(7_200_000);
    expect((await verifier.hydrate()).map(({ ok }) => ok)).toEqual([true, true]);
    await vi.waitFor(() => expect(verifier.status().map(({ keys }) => keys)).toEqual(['fresh', 'stale']));
  });

  it('fetches fresh keys again when told to refresh, and takes withdrawn ones out of use', async () => {
    const { pools, verifier } = await setUp({}, true);
    await verifier.hydrate();
    const token = pools.newPool.machineToken();
    await verifier.verify(token);
    pools.newPool.rotateKeys({ keepOld: false });
    expect(verifier.verifySync(token).kind).toBe('machine');
    expect((await verifier.refresh()).map(({ ok }) => ok)).toEqual([true, true]);
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'ERR_KEY_NOT_FOUND' });
    for (const pool of [pools.legacyPool, pools.newPool]) pool.outage('error');
    await expect(verifier.refresh()).rejects.toBeInstanceOf(AggregateError);
  });

  it('has nothing to refresh for keys that were handed in', async () => {
    const { verifier } = await setUp();
    expect((await verifier.refresh()).map(({ ok }) => ok)).toEqual([true, true]);
  });

  it('fetches nothing once closed', async () => {
    const { pools, verifier } = await setUp({}, true);
    verifier.close();
    await expect(verifier.verify(pools.newPool.accessToken())).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' });
    expect(pools.newPool.fetches).toBe(0);
  });
});

describe('a verifier of one legacy pool', () => {
  async function ofLegacyPool() {
    const { pools, clock } = await setUp();
    return { pools, verifier: createLegacyVerifier(pools.legacyPool.options, { clock }) };
  }

  it("accepts its access tokens as a legacy pool's, whatever mapping claim they carry", async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    onTestFinished(() => warned.mockRestore());
    const { pools, verifier } = await ofLegacyPool();
    const token = pools.legacyPool.accessToken({ sub: UUID, legacy_sub: OTHER });
    expect(await verifier.verify(token)).toMatchObject({ pool: 'legacy', userId: UUID, sub: UUID });
    expect(verifier.status()).toMatchObject([{ pool: 'legacy' }]);
  });

  it.each([
    ['ID tokens', ({ legacyPool }: TestPools) => legacyPool.idToken(), 'ERR_TOKEN_USE_NOT_ALLOWED'],
    ['tokens of another pool', ({ newPool }: TestPools) => newPool.accessToken(), 'ERR_ISSUER_NOT_TRUSTED'],
  ])('refuses %s', async (_what, make, code) => {
    const { pools, verifier } = await ofLegacyPool();
    await expect(verifier.verify(make(pools))).rejects.toMatchObject({ code });
  });

  it('refuses ID tokens whatever the pool is said to accept', async () => {
    const { pools, clock } = await setUp();
    const { legacyPool } = pools;
    const verifier = createLegacyVerifier({ ...legacyPool.options, tokenUse: 'any' }, { clock });
    await expect(verifier.verify(legacyPool.idToken())).rejects.toMatchObject({ code: 'ERR_TOKEN_USE_NOT_ALLOWED' });
  });

  it('verifies each token again', async () => {
    const { pools, verifier } = await ofLegacyPool();
    const token = pools.legacyPool.accessToken();
    expect(await verifier.verify(token)).not.toBe(await verifier.verify(token));
  });

  it('names its options as they were given', () => {
    const named = (pool: object) => () => createLegacyVerifier(pool as never, {});
    expect(named({ userPoolId: 'x' })).toThrow(expect.objectContaining({ option: 'legacyPool.userPoolId' }));
    expect(named({ userPoolId: 'eu-west-1_A' })).toThrow(expect.objectContaining({ option: 'legacyPool.clientIds' }));
  });
});
