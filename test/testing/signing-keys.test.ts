import { describe, expect, it } from 'vitest';
import { createTestPools, type TestPools } from '../../src/testing/index.js';

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
});
