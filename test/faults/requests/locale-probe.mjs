// Prints what depends on the locale and the time zone where code is careless: folding, dates, days, numbers, sorting.
import { createCutoverVerifier, createPhases } from '../../../dist/esm/src/index.js';
import { createDrainMonitor } from '../../../dist/esm/src/operate/drain/index.js';
import { createTestPools } from '../../../dist/esm/src/testing/index.js';
import { fold, readUuid } from '../../../dist/esm/src/users/fold.js';
import { counted } from '../../../dist/esm/src/words.js';

// An hour before midnight UTC, where half of the world has another day.
const start = Date.UTC(2026, 0, 15, 23);
const clock = { now: () => start, monotonic: () => 0, sleep: () => new Promise(() => {}) };
const pools = await createTestPools({ serve: false, now: clock.now });
const phases = createPhases({ source: async () => ({ acceptUntil: '2026-03-29T00:30:00+13:00' }), clock });
const { legacyPool, newPool } = pools;
const verifier = createCutoverVerifier({
  legacyPool: legacyPool.options,
  newPool: newPool.options,
  tokenUse: 'any',
  legacyTokens: phases,
  clock,
});
const drain = createDrainMonitor({ instance: 'probe', clock });
const status = await phases.ready();
const upper = '0B6A3F0E-5C3E-4A8E-9D7E-1111111111II'.replace(/I/g, 'F');
const { userId } = await verifier
  .verify(newPool.accessToken({ legacy_sub: upper, sub: upper.toLowerCase() }))
  .catch((error) => ({ userId: error.code }));
await verifier.verify(legacyPool.machineToken());
const report = await drain.report({ expectInstances: 1, refreshTokenSeconds: 3600 });
const only = ({ tokens }) => tokens;
process.stdout.write(
  JSON.stringify({
    folded: ['INFO@IĞDIR.example', 'ISTANBUL', 'İstanbul', 'ıI', 'TITLE'].map(fold),
    uuid: [readUuid(upper), userId],
    plan: status,
    days: Object.values(report.pools).map(only),
    // Without the ids of pools and app clients, which are random.
    reasons: report.reasons.map((reason) => reason.replaceAll(/\S*_\S*|\b[a-z0-9]{26}\b/g, '')),
    words: counted(1_234_567, 'user'),
  }),
);
await drain.close();
phases.close();
verifier.close();
await pools.close();
