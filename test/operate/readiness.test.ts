import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ConfigurationError } from '../../src/errors.js';
import { createPhases, type LegacyIdResolver, type VerifierOptions } from '../../src/index.js';
import { checkReadiness, type ReadinessOptions } from '../../src/operate/readiness.js';
import { createTestPools } from '../../src/testing/index.js';
import { createCutoverVerifier } from '../../src/verify/verifier.js';
import { FakeClock } from '../support/fake-clock.js';

async function setUp(more: Partial<VerifierOptions> = {}) {
  const clock = new FakeClock();
  const pools = await createTestPools({ now: clock.now });
  onTestFinished(() => pools.close());
  const { legacyPool, newPool } = pools;
  const verifier = createCutoverVerifier({
    ...{ legacyPool: legacyPool.options, newPool: newPool.options, tokenUse: 'any', clock },
    ...more,
  });
  const check = (options: Partial<ReadinessOptions> = {}) => checkReadiness({ verifier, clock, ...options });
  return { clock, legacyPool, newPool, verifier, check };
}

const stateOf = (pool: string, keys: string, tokens = 'accepted') => expect.objectContaining({ pool, keys, tokens });

describe('readiness', () => {
  it('loads the keys that are missing', async () => {
    const { legacyPool, newPool, check } = await setUp();
    const { userPoolId } = legacyPool;
    const { ready, degraded, pools, ...others } = await check();
    expect({ ready, degraded, others }).toEqual({ ready: true, degraded: false, others: {} });
    expect(pools).toEqual([stateOf('legacy', 'fresh'), stateOf('new', 'fresh')]);
    expect(pools[0]).toEqual({
      pool: 'legacy',
      userPoolId,
      tokens: 'accepted',
      keys: 'fresh',
      fetchedAt: expect.any(Date),
    });
    await Promise.all([check(), check(), check()]);
    expect([legacyPool.fetches, newPool.fetches]).toEqual([1, 1]);
  });

  it.each(['legacyPool', 'newPool'] as const)('is degraded, and not lost, by an outage of the %s', async (side) => {
    const { check, ...all } = await setUp();
    all[side].outage('error');
    expect(await check()).toMatchObject({ ready: true, degraded: true });
    expect((await check()).pools).toContainEqual(
      expect.objectContaining({ keys: 'missing', nextTryAt: expect.any(Date) }),
    );
  });

  it('is lost while the keys of every pool are missing, and comes back', async () => {
    const { clock, legacyPool, newPool, check } = await setUp();
    legacyPool.outage('error');
    newPool.outage('error');
    expect(await check()).toMatchObject({ ready: false, degraded: true });
    for (let call = 0; call < 50; call += 1) await check();
    expect([legacyPool.fetches, newPool.fetches]).toEqual([1, 1]);
    newPool.outage('off');
    await clock.advance(1_000);
    expect(await check()).toMatchObject({ ready: true, degraded: true });
  });

  it('outlives an outage for as long as the last keys may be used', async () => {
    const { clock, legacyPool, newPool, check } = await setUp({ keys: { maxStaleSeconds: 7_200 } });
    await check();
    legacyPool.outage('error');
    newPool.outage('error');
    await clock.advance(3_600_000);
    await vi.waitFor(async () => expect(await check()).toMatchObject({ ready: true, degraded: true }));
    expect((await check()).pools).toEqual([stateOf('legacy', 'stale'), stateOf('new', 'stale')]);
    await clock.advance(3_601_000);
    expect(await check()).toMatchObject({ ready: false });
  });

  it('does not count a legacy pool that is closed', async () => {
    const { legacyPool, newPool, check } = await setUp({ legacyTokens: { acceptUntil: new Date(0) } });
    expect(await check()).toMatchObject({ ready: true, degraded: false });
    expect((await check()).pools).toEqual([stateOf('legacy', 'missing', 'refused'), stateOf('new', 'fresh')]);
    expect(legacyPool.fetches).toBe(0);
    const alone = await setUp({ legacyTokens: { acceptUntil: new Date(0) } });
    alone.newPool.outage('error');
    expect(await alone.check()).toMatchObject({ ready: false });
    expect(newPool.fetches).toBe(1);
  });

  it('does not count a legacy pool of which it is unknown whether it is closed', async () => {
    const source = () => Promise.reject(new Error('down'));
    const phases = createPhases({ source, pollSeconds: 60 });
    onTestFinished(() => phases.close());
    const { newPool, check } = await setUp({ legacyTokens: phases });
    newPool.outage('error');
    const found = await check();
    expect(found).toMatchObject({ ready: false, degraded: true });
    expect(found.pools[0]).toMatchObject({ pool: 'legacy', tokens: 'unknown' });
    newPool.outage('off');
  });

  it('waits no longer than its time limit, and what began goes on', async () => {
    const answers: ((value: unknown) => void)[] = [];
    const fetch = () => new Promise<never>((resolve) => answers.push(resolve as never));
    const { clock, newPool, verifier, check } = await setUp({ keys: { fetch: fetch as never, timeoutMs: 60_000 } });
    const asked = check({ timeoutMs: 200 });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    await clock.advance(200);
    expect(await asked).toMatchObject({ ready: false, degraded: true });
    const keys = JSON.stringify(newPool.jwks());
    for (const answer of answers) answer({ status: 200, text: async () => keys });
    await vi.waitFor(() => expect(verifier.status()[1]).toMatchObject({ keys: 'fresh' }));
    expect(await check()).toMatchObject({ ready: true });
  });
});

describe('the resolver', () => {
  it('is asked about nobody, and rarely, however often readiness is checked', async () => {
    const { clock, newPool, check } = await setUp();
    const resolver = vi.fn<LegacyIdResolver>(async () => undefined);
    for (let call = 0; call < 20; call += 1) {
      expect(await check({ resolver })).toMatchObject({ ready: true, degraded: false, resolver: 'available' });
    }
    expect(resolver).toHaveBeenCalledTimes(1);
    await clock.advance(10_000);
    await Promise.all([check({ resolver }), check({ resolver })]);
    expect(resolver).toHaveBeenCalledTimes(2);
    const [first, second] = resolver.mock.calls.map(([query]) => query);
    expect(first).toMatchObject({ userPoolId: newPool.userPoolId, token: '', signal: expect.any(AbortSignal) });
    expect(first?.sub).not.toBe(second?.sub);
  });

  it.each([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
  ])('that %s degrades the service, which stays ready for everybody else', async (_what, resolver) => {
    const { check } = await setUp();
    expect(await check({ resolver })).toMatchObject({ ready: true, degraded: true, resolver: 'unavailable' });
  });

  it('that does not answer in time counts as unavailable', async () => {
    const { clock, check } = await setUp();
    const asked = check({ resolver: () => new Promise(() => {}), timeoutMs: 100 });
    await vi.waitFor(() => expect(clock.sleeping).toBeGreaterThan(0));
    await vi.waitFor(async () => {
      await clock.advance(100);
      expect(clock.sleeping).toBe(0);
    });
    expect(await asked).toMatchObject({ degraded: true, resolver: 'unavailable' });
  });
});

it.each([
  ['verifier', { verifier: { verify: () => {} } }],
  ['verifier', { verifier: undefined }],
  ['resolver', { resolver: 'redis' }],
  ['timeoutMs', { timeoutMs: 0 }],
  ['resolvers', { resolvers: [] }],
])('refuses a wrong option: %s', async (option, options) => {
  const { verifier } = await setUp();
  const error = await checkReadiness({ verifier, ...options } as never).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ constructor: ConfigurationError, option });
});
