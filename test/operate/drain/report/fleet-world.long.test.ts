import { expect, it } from 'vitest';
import { drainReport } from '../../../../src/operate/drain/report/drain-report.js';
import { LEGACY_POOL, runOf } from '../support.js';
import { live } from './fleet-world.js';

const SEED = Number(process.env['SEED'] ?? 100);

it.each(Array.from({ length: 8 }, (_, n) => SEED + n * 100))('is as true in a hundred worlds from %d on', (first) => {
  for (let seed = first; seed < first + 100; seed += 1) {
    const { lies, lastSafe, lastReport } = live(seed);
    expect(lies, `seed ${seed}: safe at these minutes`).toEqual([]);
    expect(lastSafe, `seed ${seed}: ${lastReport.reasons.join(' ')}`).toBe(true);
  }
});

it('reads the runs of a fleet of any size: there are more than a call takes arguments', () => {
  const now = Date.UTC(2026, 0, 15);
  const trace = { userPoolId: LEGACY_POOL, lastToken: 1, latestExpiry: 2, longestLifetime: 3 };
  const instances = Array.from({ length: 150_000 }, (_, n) =>
    runOf({ instance: `p${n}`, run: `${n}`, startedAt: 0, reportedAt: now, retentionDays: 90, legacy: [trace] }),
  );
  const question = { refreshTokenSeconds: 3600, legacyPools: [LEGACY_POOL] };
  expect(drainReport({ ...question, now, instances, records: [] }).safeToClose).toBe(true);
});
