import { afterAll, beforeAll } from 'vitest';
import { createCutoverVerifier, type PoolOptions, type VerifierOptions } from '../../src/index.js';
import { createTestPools, type TestPool } from '../../src/testing/index.js';

export const UUID = '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';

/** A legacy and a new pool for all tests of a file, and what makes a verifier of both that needs no network. */
export function verifierOfTwoPools() {
  const pools = {} as { legacyPool: TestPool; newPool: TestPool };
  let close = async () => {};
  beforeAll(async () => {
    const made = await createTestPools({ serve: false });
    Object.assign(pools, { legacyPool: made.legacyPool, newPool: made.newPool });
    close = made.close;
  });
  afterAll(() => close());
  const start = (newPool: Partial<PoolOptions>, more: Partial<VerifierOptions> = {}) =>
    createCutoverVerifier({
      legacyPool: pools.legacyPool.options,
      newPool: { ...pools.newPool.options, ...newPool },
      tokenUse: 'any',
      ...more,
    });
  return { pools, start };
}
