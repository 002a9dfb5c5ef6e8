import { createServer, type ServerResponse } from 'node:http';
import { expect, vi } from 'vitest';
import { createDrainMonitor } from '../../../src/operate/drain/drain-monitor.js';
import type { DrainInstance, DrainRecord, DrainStore } from '../../../src/operate/drain/drain-types.js';
import type { PhaseEvent } from '../../../src/operate/phases/phase-source.js';
import { createPhases } from '../../../src/operate/phases/phases.js';
import { FakeClock } from '../../support/fake-clock.js';
import { startTimeline } from '../../support/key-timeline.js';
import { verdict } from '../../support/outcome.js';
import { noteProcessFaults } from '../../support/process-faults.js';
import { fault } from '../fault.js';
import { listenForTest } from '../requests/broken-servers.js';

const processFaults = noteProcessFaults();
const UNAVAILABLE = 'ERR_KEYS_UNAVAILABLE';
const DAY_MS = 86_400_000;

/** A service over HTTP that hangs when it is told to, and answers those who still wait when that is over. */
async function startService(answer: (body: string) => string) {
  const waiting: ServerResponse[] = [];
  const service = { isHanging: true, asked: 0 };
  const server = createServer(async (req, res) => {
    let body = '';
    for await (const chunk of req) body += chunk;
    service.asked += 1;
    const text = answer(body);
    if (service.isHanging) waiting.push(res);
    else res.end(text);
  });
  const url = `http://127.0.0.1:${await listenForTest(server)}`;
  return Object.assign(service, {
    /** How many wait for an answer. */
    waiting: () => waiting.length,
    ask: async (body: string, signal?: AbortSignal) =>
      (await fetch(url, { method: 'POST', body, ...(signal && { signal }) })).text(),
  });
}

fault(
  'the source of the phases accepts connections and never answers, from the start and again later',
  'at start legacy tokens get 503 once the time limit is over, and tokens of the new pool are accepted at once; later the last plan holds, and nobody waits',
  async (context) => {
    const fakeTimers = vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    context.onTestFinished(() => void vi.useRealTimers());
    const timeIsUp = () => fakeTimers.advanceTimersByTimeAsync(3_000);
    const plan = { acceptUntil: new Date(Date.UTC(2026, 0, 15, 12) + DAY_MS).toISOString() };
    const service = await startService(() => JSON.stringify(plan));
    const events: PhaseEvent['outcome'][] = [];
    const clock = new FakeClock();
    const phases = createPhases({
      source: async (signal) => JSON.parse(await service.ask('', signal)),
      clock,
      onEvent: ({ outcome }) => events.push(outcome),
    });
    context.onTestFinished(() => phases.close());
    const { otherPool, token, verifier } = await startTimeline(context, {}, { legacyTokens: phases }, () => clock);
    expect(await verdict(verifier, token())).toBe('accepted');
    const refused = verifier.verify(token(otherPool)).catch((error) => error);
    await expect.poll(service.waiting).toBe(1);
    await timeIsUp();
    expect(await refused).toMatchObject({ code: UNAVAILABLE, status: 503, retryAfterSeconds: expect.any(Number) });

    service.isHanging = false;
    clock.freeze(2_000);
    expect(await verdict(verifier, token(otherPool))).toBe('accepted');
    service.isHanging = true;
    // Due, and not so late that it is waited for: no limit is over when they are accepted.
    clock.freeze(40_000);
    for (const _time of [1, 2]) expect(await verdict(verifier, token(otherPool))).toBe('accepted');
    await expect.poll(service.waiting).toBe(2);
    await timeIsUp();
    expect(events).toEqual(['failed', 'recovered', 'changed', 'failed']);
    expect(await verdict(verifier, token(otherPool))).toBe('accepted');

    // After so long a new answer is waited for, and without one the plan that was known says that the pool is closed by now.
    clock.freeze(2 * DAY_MS);
    const late = verdict(verifier, token(otherPool));
    await expect.poll(service.waiting).toBe(3);
    await timeIsUp();
    expect(await late).toBe('ERR_LEGACY_POOL_CLOSED');
    service.isHanging = false;
    await phases.refresh();
    expect(phases.status()).toMatchObject({ phase: 'closed', ageSeconds: 0 });
    expect(processFaults).toEqual([]);
  },
);

fault(
  'the store of the counts accepts connections and never answers, from the start and again later',
  'requests notice nothing, the report calls it a reason, close() ends after five seconds, and nothing counted is lost or counted twice',
  async ({ onTestFinished }) => {
    const { accepted, publish } = await import('../../operate/drain/support.js');
    // It writes when the test says so, and not in the background.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const instances = new Map<string, DrainInstance>();
    const records = new Map<string, DrainRecord>();
    const clock = new FakeClock();
    const since = clock.now();
    const service = await startService((body) => {
      const { state, counted } = JSON.parse(body) as { state?: DrainInstance; counted?: readonly DrainRecord[] };
      if (state === undefined)
        return JSON.stringify({ since, instances: [...instances.values()], records: [...records.values()] });
      instances.set(state.instance, state);
      for (const one of counted ?? []) records.set(`${one.run} ${one.userPoolId} ${one.day}`, one);
      return '{}';
    });
    const store: DrainStore = {
      name: 'service',
      write: async (state, counted) => void (await service.ask(JSON.stringify({ state, counted }))),
      read: async () => JSON.parse(await service.ask('{}')),
      forget: async () => {},
    };
    const errors: string[] = [];
    const monitorOf = () => {
      const monitor = createDrainMonitor({
        store,
        instance: 'api',
        clock,
        flushSeconds: 60,
        onError: (error) => errors.push(error.name),
      });
      onTestFinished(() => monitor.close());
      return monitor;
    };
    const question = { expectInstances: 1, refreshTokenSeconds: 3_600 };
    const tokens = async () => Object.values((await monitor.report(question)).pools)[0]?.tokens;
    const count = (times: number) => {
      for (let time = 0; time < times; time += 1) publish(accepted(clock.now()));
    };

    const monitor = monitorOf();
    // expect.poll lets the time of the fake timers pass.
    vi.clearAllTimers();
    count(3);
    const first = monitor.report(question);
    await expect.poll(service.waiting).toBe(1);
    await clock.advance(10_000);
    await expect.poll(service.waiting).toBe(2);
    // The limit of reading.
    await clock.advance(60_000);
    const report = await first;
    expect(report.safeToClose).toBe(false);
    expect(report.reasons.join()).toContain('service');
    service.isHanging = false;
    expect(await tokens()).toBe(3);
    service.isHanging = true;
    count(2);
    const flush = monitor.flush().catch(({ name }) => name);
    await expect.poll(service.waiting).toBe(3);
    await clock.advance(10_000);
    expect(await flush).toBe('TimeoutError');
    service.isHanging = false;
    expect(await tokens()).toBe(5);
    service.isHanging = true;
    count(1);
    const closing = monitor.close();
    await expect.poll(service.waiting).toBe(4);
    await clock.advance(5_000);
    await closing;
    expect(errors).toEqual(['TimeoutError']);
    expect(processFaults).toEqual([]);
  },
);
