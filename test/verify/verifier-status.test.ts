import { afterEach, describe, expect, it } from 'vitest';
import { createCutoverVerifier, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPools } from '../../src/testing/index.js';
import { isBuiltIn } from '../../src/verify/verifier.js';
import { FakeClock } from '../support/fake-clock.js';

let open: TestPools | undefined;
afterEach(() => open?.close());

/** The keys of the legacy pool cannot be fetched, those of the new one can. */
async function setUp(more: Partial<VerifierOptions> = {}) {
  const clock = new FakeClock();
  const pools = await createTestPools({ serve: true, now: clock.now });
  open = pools;
  const verifier = createCutoverVerifier({
    legacyPool: { ...pools.legacyPool.options, jwksUri: 'http://127.0.0.1:1/' },
    newPool: pools.newPool.options,
    tokenUse: 'any',
    clock,
    ...more,
  });
  return { clock, pools, verifier };
}

const NOON = Date.UTC(2026, 0, 15, 12);

describe('whether the tokens of the legacy pool are accepted', () => {
  it.each<[string, () => unknown, string]>([
    ['a moment ago', () => new Date(NOON - 1), 'refused'],
    ['now', () => new Date(NOON), 'accepted'],
    ['later', () => new Date(NOON + 1), 'accepted'],
    ['at a time that is no date', () => new Date(Number.NaN), 'unknown'],
    ['at a time that cannot be told', () => 'tomorrow', 'unknown'],
  ])('where they are until %s', async (_name, acceptUntil, tokens) => {
    const { verifier } = await setUp({ legacyTokens: { acceptUntil: acceptUntil as () => Date } });
    expect(verifier.status().map((pool) => [pool.pool, pool.tokens])).toEqual([
      ['legacy', tokens],
      ['new', 'accepted'],
    ]);
  });
});

describe('the keys of a legacy pool', () => {
  it('are not asked for once the pool is closed, as it may have been deleted', async () => {
    const { verifier } = await setUp({ legacyTokens: { acceptUntil: new Date(NOON - 1) } });
    for (const load of [verifier.hydrate, verifier.refresh]) {
      expect(await load.call(verifier)).toMatchObject([
        { pool: 'legacy', ok: true },
        { pool: 'new', ok: true },
      ]);
    }
  });

  it.each([
    ['to the last moment', () => new Date(NOON)],
    ['where it is not known whether it is closed', () => new Date(Number.NaN)],
  ])('are asked for %s', async (_name, acceptUntil) => {
    const { verifier } = await setUp({ legacyTokens: { acceptUntil } });
    expect(await verifier.hydrate()).toMatchObject([
      { pool: 'legacy', ok: false, error: expect.any(Error) },
      { pool: 'new', ok: true },
    ]);
  });
});

it('a method is the own one of this package unless an application has put another in its place', async () => {
  const { verifier } = await setUp();
  expect([isBuiltIn(verifier.verify), isBuiltIn(verifier.verifyEagerly)]).toEqual([true, true]);
  expect([isBuiltIn(verifier.verifySync), isBuiltIn(async () => {})]).toEqual([false, false]);
});

it('there is nothing to forget without a cache and a resolver', async () => {
  const { verifier } = await setUp({ cache: false });
  expect(() => verifier.forget('anna')).not.toThrow();
});
