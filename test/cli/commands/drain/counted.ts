import { channel } from 'node:diagnostics_channel';
import { type Clock, DAY_MS, HOUR_MS, systemClock } from '../../../../src/clock.js';
import { createDrainMonitor } from '../../../../src/operate/drain/drain-monitor.js';
import type { DrainStore } from '../../../../src/operate/drain/drain-types.js';
import { createFileDrainStore } from '../../../../src/operate/drain/stores/file-drain-store.js';
import { CHANNELS, SUB } from '../../../../src/operate/events.js';
import { LEGACY_POOL, NEW_POOL } from '../../../support/cognito-simulator/index.js';
import { FakeClock } from '../../../support/fake-clock.js';

/** A moment at which the command runs. */
export const NOW = Date.UTC(2026, 2, 1, 12, 30);

/** Stands at {@link NOW}; intervals pass fast. */
export const STANDING: Clock = {
  now: () => NOW,
  monotonic: () => performance.now() * 20,
  sleep: (ms, signal) => systemClock.sleep(ms / 20, signal),
};

/** A token that an instance accepted. */
interface CountedToken {
  /** @defaultValue the legacy pool */
  readonly pool?: 'legacy' | 'new';
  readonly clientId?: string;
  readonly sub?: string;
  /** How long ago it came. */
  readonly agoMs: number;
}

/** What one instance counted, from so long ago until it reported last. */
export interface CountedRun {
  readonly instance: string;
  /** @defaultValue 60 days */
  readonly startedAgoMs?: number;
  /** @defaultValue a moment ago */
  readonly reportedAgoMs?: number;
  readonly tokens?: readonly CountedToken[];
}

/** Lets instances count as they do in an API, with a clock that runs from the past until now. */
export async function countInto(store: DrainStore, runs: readonly CountedRun[]): Promise<void> {
  for (const { instance, startedAgoMs = 60 * DAY_MS, reportedAgoMs = 0, tokens = [] } of runs) {
    const clock = new FakeClock(NOW - startedAgoMs);
    const monitor = createDrainMonitor({ store, instance, clock });
    // The store notes when it began.
    await monitor.flush();
    for (const { pool = 'legacy', clientId = `web-${pool}`, sub = 'ann', agoMs } of tokens.toSorted(byTime)) {
      clock.freeze(NOW - agoMs - clock.now());
      channel(CHANNELS.decision).publish({
        ...{ type: 'accepted', outcome: 'accepted', pool, userPoolId: pool === 'legacy' ? LEGACY_POOL : NEW_POOL },
        ...{ clientId, tokenUse: 'access', kind: 'user', userIdSource: 'sub', cached: false, durationMs: 0.1 },
        ...{ expiresAt: Math.floor((NOW - agoMs + HOUR_MS) / 1000), [SUB]: sub },
      });
    }
    clock.freeze(NOW - reportedAgoMs - clock.now());
    await monitor.flush();
    // The process goes on, or was killed: neither says goodbye.
    await abandoned(monitor, store);
  }
}

const byTime = (one: CountedToken, other: CountedToken) => other.agoMs - one.agoMs;

/** Closes a monitor whose store no longer listens. */
async function abandoned(monitor: ReturnType<typeof createDrainMonitor>, store: DrainStore): Promise<void> {
  const write = store.write;
  store.write = async () => {};
  await monitor.close();
  store.write = write;
}

/** A file into which instances counted. */
export async function countedFile(path: string, runs: readonly CountedRun[]): Promise<string> {
  await countInto(createFileDrainStore({ path }), runs);
  return path;
}

/** Two instances, of which each counted everything for sixty days. The last legacy token came forty days ago. */
export const DRAINED: readonly CountedRun[] = [
  { instance: 'api-1', tokens: [{ agoMs: 40 * DAY_MS }, { pool: 'new', agoMs: HOUR_MS }] },
  { instance: 'api-2', tokens: [{ pool: 'new', agoMs: 2 * HOUR_MS }] },
];
