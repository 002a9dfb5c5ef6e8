import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../../src/clock.js';
import { guarded } from '../../../src/legacy-id/guarded.js';
import { createDrainMonitor } from '../../../src/operate/drain/drain-monitor.js';
import { createFileDrainStore } from '../../../src/operate/drain/stores/file-drain-store.js';
import { createPhases } from '../../../src/operate/phases/phases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { startTimeline } from '../../support/key-timeline.js';
import { verdict } from '../../support/outcome.js';
import { fault } from '../fault.js';

const MINUTE = 60_000;

fault(
  'the wall clock is set back an hour while tokens are cached',
  'a token that expired is not accepted again: it was issued in the future of such a clock; tokens in use go on',
  async (context) => {
    const { clock, pool, token, verifier } = await startTimeline(context);
    await verifier.hydrate();
    const [short, unseen] = [0, 1].map((one) => pool.machineToken({ exp: clock.seconds + 600 + one })) as [
      string,
      string,
    ];
    const long = token();
    for (const cached of [short, long]) expect(await verdict(verifier, cached)).toBe('accepted');
    await clock.advance(20 * MINUTE);
    for (const one of [short, unseen]) expect(await verdict(verifier, one)).toBe('ERR_TOKEN_EXPIRED');
    clock.setWallClock(-HOUR_MS);
    // They were issued in the future of this clock, further than clocks may differ.
    for (const one of [short, unseen]) expect(await verdict(verifier, one)).toBe('ERR_TOKEN_NOT_YET_VALID');
    expect(await verdict(verifier, token())).toBe('accepted');
    expect(await verdict(verifier, long)).toBe('accepted');
    clock.setWallClock(HOUR_MS);
    for (const one of [short, unseen]) expect(await verdict(verifier, one)).toBe('ERR_TOKEN_EXPIRED');
    expect(await verdict(verifier, long)).toBe('accepted');
  },
);

fault(
  'the wall clock is set forward or back an hour around the date at which the legacy pool closes',
  'the date goes by the wall clock: refused while it shows a later time, accepted while it shows an earlier one, cached or not',
  async (context) => {
    const acceptUntil = new Date(Date.UTC(2026, 0, 15, 12) + 30 * MINUTE);
    const { clock, otherPool, token, verifier } = await startTimeline(context, {}, { legacyTokens: { acceptUntil } });
    await verifier.hydrate();
    const cached = token(otherPool);
    const both = async () => [await verdict(verifier, cached), await verdict(verifier, token(otherPool))];
    expect(await both()).toEqual(['accepted', 'accepted']);
    clock.setWallClock(HOUR_MS);
    expect(await both()).toEqual(['ERR_LEGACY_POOL_CLOSED', 'ERR_LEGACY_POOL_CLOSED']);
    clock.setWallClock(-HOUR_MS);
    expect(await both()).toEqual(['accepted', 'accepted']);
    await clock.advance(31 * MINUTE);
    expect(await both()).toEqual(['ERR_LEGACY_POOL_CLOSED', 'ERR_LEGACY_POOL_CLOSED']);
  },
);

fault(
  'the wall clock is set back an hour during an outage of the source of legacy ids',
  'the source is asked again after the usual pause, and not an hour later',
  async () => {
    for (const isMonotonic of [true, false]) {
      const clock = new FakeClock();
      const told = isMonotonic ? clock : { now: clock.now, sleep: clock.sleep };
      let isDown = true;
      const resolve = guarded(async () => (isDown ? Promise.reject(new Error('down')) : undefined), {
        clock: told,
        failuresToOpen: 1,
        openSeconds: 10,
      });
      const query = {
        sub: 's',
        userPoolId: 'p',
        clientId: 'c',
        tokenUse: 'access',
        scopes: [],
        token: 't',
        signal: new AbortController().signal,
      } as const;
      await expect(resolve(query)).rejects.toThrow();
      await expect(resolve(query)).rejects.toMatchObject({ retryAfterSeconds: 10 });
      isDown = false;
      clock.setWallClock(-HOUR_MS);
      await clock.advance(10_001);
      await expect(resolve(query)).resolves.toBeUndefined();
    }
  },
);

fault(
  'the wall clock is an hour ahead at boot, and is then corrected',
  'counts go on under the corrected time, and drain waits longer rather than shorter',
  async ({ onTestFinished }) => {
    const clock = new FakeClock(Date.UTC(2026, 0, 15, 23, 30));
    const drain = createDrainMonitor({ instance: 'api', clock });
    onTestFinished(() => drain.close());
    const { accepted, publish } = await import('../../operate/drain/support.js');
    clock.setWallClock(HOUR_MS);
    publish(accepted(clock.now()));
    clock.setWallClock(-HOUR_MS);
    publish(accepted(clock.now()));
    publish(accepted(clock.now()));
    const report = await drain.report({ expectInstances: 1, refreshTokenSeconds: 3_600 });
    const [pool] = Object.values(report.pools);
    expect(pool?.tokens).toBe(3);
    expect(report.safeToClose).toBe(false);
    await clock.advance(2 * HOUR_MS);
    expect((await drain.report({ expectInstances: 1, refreshTokenSeconds: 3_600 })).safeToClose).toBe(false);
    await clock.advance(2 * HOUR_MS);
    expect((await drain.report({ expectInstances: 1, refreshTokenSeconds: 3_600 })).safeToClose).toBe(true);
  },
);

fault(
  'the wall clock is ten days ahead for two days, and is then corrected',
  'no token is lost or counted later than tomorrow, and drain never calls the legacy pool safe to close because of it',
  async ({ onTestFinished }) => {
    const clock = new FakeClock();
    const { accepted, publish } = await import('../../operate/drain/support.js');
    const folder = mkdtempSync(join(tmpdir(), 'drain-'));
    const store = createFileDrainStore({ path: join(folder, 'drain.ndjson') });
    const drain = createDrainMonitor({ store, instance: 'api', clock, flushSeconds: 3_600 });
    onTestFinished(async () => {
      await drain.close();
      rmSync(folder, { recursive: true });
    });
    const report = () => drain.report({ expectInstances: 1, refreshTokenSeconds: 3_600 });
    let tokens = 0;
    const use = async (hours: number) => {
      for (let hour = 0; hour < hours; hour += 1) {
        publish(accepted(clock.now()));
        tokens += 1;
        await drain.flush();
        expect((await report()).safeToClose).toBe(false);
        await clock.advance(HOUR_MS);
      }
    };
    await use(3);
    clock.setWallClock(10 * DAY_MS);
    await use(48);
    clock.setWallClock(-10 * DAY_MS);
    const corrected = clock.now();
    await use(30);
    const { pools } = await report();
    const [pool] = Object.values(pools);
    expect(pool?.tokens).toBe(tokens);
    const days = new Map(pool?.days.map(({ day, tokens: counted }) => [day, counted]));
    const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
    expect(days.get(dayOf(corrected)) ?? 0).toBeGreaterThan(0);
    expect(days.get(dayOf(corrected + DAY_MS)) ?? 0).toBeGreaterThan(0);
    // Quiet by the corrected clock, but the tokens of the wrong one lie ahead: drain waits for them too.
    await clock.advance(3 * HOUR_MS);
    await drain.flush();
    const quiet = await report();
    expect(quiet.safeToClose).toBe(false);
    expect(quiet.reasons).toEqual([
      expect.stringContaining('Legacy tokens are still in use'),
      expect.stringContaining('If nothing more comes, it is safe from 2026-01-27 16:00:00 UTC on'),
    ]);
    await clock.advance(9 * DAY_MS);
    expect((await report()).safeToClose).toBe(true);
  },
);

fault(
  'the wall clock is set back a day while phases are polled',
  'whether the pool is closed follows the wall clock; the age of the plan goes by elapsed time',
  async ({ onTestFinished }) => {
    const clock = new FakeClock();
    let asked = 0;
    const phases = createPhases({
      source: async () => {
        asked += 1;
        return { acceptUntil: new Date(Date.UTC(2026, 0, 15, 11)).toISOString() };
      },
      clock,
      pollSeconds: 30,
    });
    onTestFinished(() => phases.close());
    expect((await phases.ready()).phase).toBe('closed');
    clock.setWallClock(-24 * HOUR_MS);
    expect(phases.status()).toMatchObject({ phase: 'open', ageSeconds: 0 });
    clock.setWallClock(24 * HOUR_MS);
    await phases.refresh();
    expect([asked, phases.status().phase]).toEqual([2, 'closed']);
  },
);
