import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createCutoverVerifier } from '../../src/index.js';
import { amount } from '../support/amount.js';
import { issuerKey } from '../support/issuer.js';
import { awsJudge, joseJudge, judgedPools, originalsOf, TOLERANCE_SECONDS } from '../support/judges.js';
import { mutants } from '../support/mutants.js';
import { verdictSync } from '../support/outcome.js';

const RUNS = amount(2_000, 20_000);

// One moment for all three: none must refuse because it was asked a millisecond later.
beforeAll(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 15, 12) });
});
afterAll(() => {
  vi.useRealTimers();
});

const pools = judgedPools();

it(`whatever is accepted of ${RUNS} mutants, aws-jwt-verify and jose accept, too`, { timeout: 240_000 }, async () => {
  const now = Math.floor(Date.now() / 1000);
  const originals = pools.flatMap((pool) => originalsOf(pool, now));
  const create = (cache: false | { maxTokens: number }) =>
    createCutoverVerifier({
      legacyPool: pools[0].options,
      newPool: pools[1].options,
      tokenUse: 'any',
      clockToleranceSeconds: TOLERANCE_SECONDS,
      legacyId: { onMissing: 'own-sub', format: null },
      cache,
    });
  const verifier = create({ maxTokens: 100 });
  const uncached = create(false);
  const [aws, jose] = [awsJudge(pools), joseJudge(pools, Date.now)];
  const verdicts = new Map<string, number>();

  for (const { token } of originals) {
    expect(verdictSync(verifier, token)).toBe('accepted');
    aws(token);
    await jose(token);
  }
  const property = fc.asyncProperty(mutants(originals, issuerKey('foreign'), now), async (token) => {
    const verdict = verdictSync(verifier, token);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    if (verdictSync(uncached, token) !== verdict) throw new Error('the cache changes the verdict');
    if (verdict !== 'accepted') return;
    aws(token);
    await jose(token);
  });
  await fc.assert(property, { numRuns: RUNS });

  const seen = Object.fromEntries([...verdicts].sort(([, a], [, b]) => b - a));
  // The comparison means something only if many are accepted, and for many reasons refused.
  expect(seen['accepted']).toBeGreaterThan(RUNS / 20);
  expect(Object.values(seen).filter((count) => count >= RUNS / 1000).length).toBeGreaterThanOrEqual(8);
});
