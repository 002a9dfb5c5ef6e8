import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { createCutoverVerifier, VerifierOptions } from '../../../src/index.js';
import { createTestPools, type TestPools } from '../../../src/testing/index.js';

const UUID = '0b6a3f0e-5c3e-4a8e-9d7e-111111111111';
const SUB = '0b6a3f0e-5c3e-4a8e-9d7e-222222222222';

let pools: TestPools;
beforeAll(async () => {
  pools = await createTestPools({ serve: false });
});
afterAll(() => pools.close());

/** A process that has warned of nothing yet, since the limit of warnings is the process's. */
async function start(options: Partial<VerifierOptions> = {}) {
  vi.resetModules();
  const { createCutoverVerifier: create } = await import('../../../src/verify/verifier.js');
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const { legacyPool, newPool } = pools;
  const make = (more: Partial<VerifierOptions> = {}) =>
    create({ legacyPool: legacyPool.options, newPool: newPool.options, tokenUse: 'any', ...options, ...more });
  const warnings = () =>
    warn.mock.calls.map(([message, details]) => ({ message: String(message), ...(details as object) }));
  return { make, warnings };
}

type Verifier = ReturnType<typeof createCutoverVerifier>;
const judge = (verifier: Verifier, token: string) => {
  try {
    return verifier.verifySync(token).userId;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a legacy token with the claim of the new pool', () => {
  it('is a warning, once, and changes nothing about what is decided', async () => {
    const { make, warnings } = await start();
    const verifier = Object.freeze(make());
    for (const [use, claim] of [
      ['accessToken', 'legacy_sub'],
      ['idToken', 'custom:legacy_sub'],
    ] as const) {
      for (let time = 0; time < 3; time += 1) {
        expect(judge(verifier, pools.legacyPool[use]({ sub: SUB, [claim]: UUID }))).toBe(SUB);
      }
    }
    expect(warnings()).toEqual([
      {
        type: 'CutoverWarning',
        code: 'CUTOVER_CLAIM_IN_LEGACY_TOKEN',
        message: expect.stringMatching(/legacyPool \(\S+\) carries the claim legacy_sub, .*swapped\?/),
      },
    ]);
    expect(warnings()[0]?.message).not.toMatch(new RegExp(`${UUID}|${SUB}`));
  });

  it.each([
    ['their own sub, which a trigger put there', () => pools.legacyPool.accessToken({ sub: SUB, legacy_sub: SUB })],
    ['in another case', () => pools.legacyPool.accessToken({ sub: SUB, legacy_sub: SUB.toUpperCase() })],
    ['the claim of the other use', () => pools.legacyPool.accessToken({ 'custom:legacy_sub': UUID })],
    ['a machine', () => pools.legacyPool.machineToken({ legacy_sub: UUID })],
    ['a token that is refused', () => pools.legacyPool.accessToken({ legacy_sub: UUID, exp: 1 })],
  ])('is none: %s', async (_, token) => {
    const { make, warnings } = await start();
    judge(make(), token());
    expect(warnings()).toEqual([]);
  });

  it('is what swapped pools show', async () => {
    const { make, warnings } = await start();
    const swapped = make({ legacyPool: pools.newPool.options, newPool: pools.legacyPool.options });
    const anna = pools.person();
    expect(judge(swapped, anna.new.idToken())).toBe(anna.new.sub);
    expect(warnings()).toMatchObject([{ code: 'CUTOVER_CLAIM_IN_LEGACY_TOKEN' }]);
  });

  it('is told ten times in a process for each pool, however many verifiers there are', async () => {
    const { make, warnings } = await start();
    for (let time = 0; time < 12; time += 1) judge(make(), pools.legacyPool.accessToken({ legacy_sub: UUID }));
    expect(warnings()).toHaveLength(10);
    judge(
      make({ legacyPool: pools.newPool.options, newPool: pools.legacyPool.options }),
      pools.newPool.accessToken({ legacy_sub: UUID }),
    );
    expect(warnings()).toHaveLength(11);
  });
});

describe('new-pool tokens without the claim', () => {
  const send = (verifier: Verifier, count: number, use: 'accessToken' | 'idToken' = 'accessToken') => {
    for (let sent = 0; sent < count; sent += 1) judge(verifier, pools.newPool[use]());
  };

  it('are a warning after a hundred, once, whether they are refused or accepted', async () => {
    const { make, warnings } = await start();
    for (const onMissing of ['reject', 'own-sub'] as const) {
      const before = warnings().length;
      const verifier = make({ legacyId: { onMissing } });
      send(verifier, 99);
      expect(warnings()).toHaveLength(before);
      send(verifier, 1);
      expect(warnings()).toHaveLength(before + 1);
      send(verifier, 101);
      expect(warnings()).toHaveLength(before + 1);
    }
    expect(warnings()[0]).toEqual({
      type: 'CutoverWarning',
      code: 'CUTOVER_NO_CLAIM_IN_NEW_TOKENS',
      message: expect.stringMatching(/^None of 100 access tokens of users of newPool \(\S+\) carries .*swapped\?/),
    });
  });

  it('are counted for access tokens and ID tokens apart', async () => {
    const { make, warnings } = await start();
    const verifier = make();
    send(verifier, 99);
    send(verifier, 99, 'idToken');
    expect(warnings()).toEqual([]);
    judge(verifier, pools.newPool.idToken({ 'custom:legacy_sub': UUID }));
    send(verifier, 1, 'idToken');
    send(verifier, 1);
    expect(warnings()).toMatchObject([{ message: expect.stringContaining('access tokens of users') }]);
  });

  it('name the kind of token, and what else it may be', async () => {
    const { make, warnings } = await start();
    send(make(), 100, 'idToken');
    expect(warnings()).toMatchObject([{ message: expect.stringMatching(/^None of 100 ID tokens .*ReadAttributes/) }]);
  });

  it('are none after one that has it, nor where a resolver is asked, nor of machines', async () => {
    const { make, warnings } = await start();
    const mapped = make();
    judge(mapped, pools.newPool.accessToken({ legacy_sub: UUID }));
    send(mapped, 101);
    send(make({ legacyId: { resolve: () => undefined } }), 101);
    const machines = make();
    for (let sent = 0; sent < 101; sent += 1) judge(machines, pools.newPool.machineToken());
    expect(warnings()).toEqual([]);
  });
});
