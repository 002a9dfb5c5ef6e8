import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DAY_MS } from '../../../src/clock.js';
import { ConfigurationError, refusal } from '../../../src/errors.js';
import { Announcer } from '../../../src/operate/announcer.js';
import { createDrainMonitor, type DrainMonitorOptions } from '../../../src/operate/drain/drain-monitor.js';
import type { DrainInstance, DrainRecord, DrainStore } from '../../../src/operate/drain/drain-types.js';
import { readDrainReport } from '../../../src/operate/drain/report/read-report.js';
import { createFileDrainStore } from '../../../src/operate/drain/stores/file-drain-store.js';
import { SUB } from '../../../src/operate/events.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { folder } from '../../support/folder.js';
import { accepted, LEGACY_POOL, NEW_POOL, publish } from './support.js';

/** A store in memory, which can be away. */
class MemoryStore implements DrainStore {
  readonly name = 'memory';
  readonly instances = new Map<string, DrainInstance>();
  readonly records = new Map<string, DrainRecord>();
  readonly writes: number[] = [];
  trouble: Error | undefined;
  pause: Promise<void> | undefined;

  async write(instance: DrainInstance, records: readonly DrainRecord[]): Promise<void> {
    this.writes.push(records.length);
    await this.pause;
    if (this.trouble !== undefined) throw this.trouble;
    for (const record of records) this.records.set([record.run, record.userPoolId, record.day].join(), record);
    this.instances.set(instance.run, instance);
  }

  async read() {
    if (this.trouble !== undefined) throw this.trouble;
    return { instances: [...this.instances.values()], records: [...this.records.values()] };
  }

  async forget() {}
}

/** A monitor that writes when it is told to: its timers stand still. */
function start(options: DrainMonitorOptions = {}) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const clock = new FakeClock();
  const errors: Error[] = [];
  const monitor = createDrainMonitor({ instance: 'api-1', clock, onError: (error) => errors.push(error), ...options });
  onTestFinished(() => monitor.close());
  return { clock, errors, monitor };
}

describe('createDrainMonitor', () => {
  it('counts what verifiers accept, and nothing else', async () => {
    const { clock, monitor } = start();
    publish(accepted(clock.now(), { sub: 'a' }));
    publish(accepted(clock.now(), { sub: 'b' }));
    publish(accepted(clock.now(), { pool: 'new' }));
    // What anybody can send: a forged legacy token would otherwise keep the pool open for ever.
    publish({ ...accepted(clock.now()), type: 'rejected', outcome: 'rejected', code: 'ERR_LEGACY_POOL_CLOSED' });
    publish({ ...accepted(clock.now()), type: 'mismatch', outcome: 'mismatch' });
    publish({ type: 'anonymous', outcome: 'anonymous', durationMs: 0 });
    const { pools, clients } = await monitor.report();
    expect(pools[LEGACY_POOL]).toMatchObject({ tokens: 2, users: 2, lastToken: new Date(clock.now()).toISOString() });
    expect(pools[NEW_POOL]).toMatchObject({ tokens: 1, users: 1 });
    expect(clients.map(({ tokens }) => tokens)).toEqual([2, 1]);
  });

  it('counts what the module publishes that makes all events', async () => {
    const { clock, monitor } = start();
    const { [SUB]: sub, ...token } = accepted(clock.now());
    const announcer = new Announcer(undefined, clock.monotonic);
    for (const name of ['a', 'a', 'b']) announcer.accepted({ ...token, sub: name }, false, 0);
    announcer.mismatch({ ...token, sub: 'c' });
    announcer.rejected(refusal('ERR_TOKEN_EXPIRED'), 0);
    announcer.anonymous();
    expect((await monitor.report()).pools).toMatchObject({ [LEGACY_POOL]: { pool: 'legacy', tokens: 3, users: 2 } });
  });

  it('is not safe alone, unless told that there is no other instance', async () => {
    const { clock, monitor } = start();
    publish(accepted(clock.now()));
    await clock.advance(3 * DAY_MS);
    const question = { refreshTokenSeconds: 86_400 };
    expect((await monitor.report(question)).reasons).toEqual([expect.stringMatching(/monitor has no store/)]);
    expect((await monitor.report({ ...question, expectInstances: 1 })).reasons).toEqual([]);
    expect((await monitor.report({ ...question, expectInstances: 1 })).safeToClose).toBe(true);
    await expect(monitor.report({ refreshTokenSeconds: -1 })).rejects.toThrow(ConfigurationError);
  });

  it('never throws into a request, whatever is published', async () => {
    const { errors, monitor } = start();
    for (const message of [
      undefined,
      null,
      7,
      { outcome: 'accepted', userPoolId: 'p', pool: 'new', kind: 'user', clientId: Symbol('x') },
    ]) {
      publish(message as never);
    }
    const hostile = {
      ...accepted(0),
      get expiresAt(): number {
        throw new Error('hostile');
      },
    };
    publish(hostile);
    expect(errors.length).toBeGreaterThan(0);
    expect((await monitor.report()).safeToClose).toBe(false);
  });

  it('is heard no more after close, and may be closed again', async () => {
    const store = new MemoryStore();
    const { clock, monitor } = start({ store });
    publish(accepted(clock.now()));
    await Promise.all([monitor.close(), monitor.close()]);
    publish(accepted(clock.now()));
    await monitor.close();
    await monitor.flush();
    expect([...store.records.values()]).toMatchObject([{ tokens: 1 }]);
    expect([...store.instances.values()]).toMatchObject([{ endedAt: clock.now(), reportedAt: clock.now() }]);
  });

  it.each([
    { store: {} },
    { store: null },
    { instance: '' },
    { instance: 'x'.repeat(257) },
    { flushSeconds: 0 },
    { flushSeconds: 4000 },
    { onError: true },
    { interval: 1 },
  ])('refuses the options %j', (options) => {
    expect(() => Reflect.apply(createDrainMonitor, undefined, [options])).toThrow(ConfigurationError);
  });
});

it('says so in AWS Lambda, and for how long its store keeps what it counts', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'authorizer');
  const store = Object.assign(new MemoryStore(), { retentionDays: 30 });
  const { monitor } = start({ store });
  await monitor.flush();
  expect([...store.instances.values()]).toMatchObject([{ lambda: true, retentionDays: 30 }]);
  expect((await monitor.report()).reasons.join()).toMatch(/api-1 runs in AWS Lambda/);
});

describe('a legacy token that could not be judged', () => {
  it.each(['ERR_KEYS_UNAVAILABLE', 'ERR_REVOCATION_UNAVAILABLE'] as const)('is remembered: %s', async (code) => {
    const store = new MemoryStore();
    const { clock, monitor } = start({ store });
    const refused = { ...accepted(clock.now()), type: 'rejected', outcome: 'rejected', code } as const;
    publish({ ...refused, pool: 'new' });
    await monitor.flush();
    expect([...store.instances.values()]).toMatchObject([{ instance: 'api-1' }]);
    expect([...store.instances.values()][0]).not.toHaveProperty('unjudgedAt');
    publish(refused);
    const at = clock.now();
    await clock.advance(1_000);
    await monitor.flush();
    expect([...store.instances.values()]).toMatchObject([{ unjudgedAt: at }]);
  });
});

describe('flushes', () => {
  it('tell the store all that was counted, and that the instance is there when there is nothing new', async () => {
    const store = new MemoryStore();
    const { clock, monitor } = start({ store });
    publish(accepted(clock.now()));
    publish(accepted(clock.now(), { pool: 'new' }));
    await monitor.flush();
    await clock.advance(60_000);
    await monitor.flush();
    publish(accepted(clock.now()));
    await monitor.flush();
    expect(store.writes).toEqual([2, 0, 1]);
    expect([...store.records.values()].map(({ tokens }) => tokens)).toEqual([2, 1]);
    expect([...store.instances.values()]).toMatchObject([
      { instance: 'api-1', flushSeconds: 60, startedAt: clock.now() - 60_000, reportedAt: clock.now() },
    ]);
    expect([...store.instances.values()][0]?.legacy).toMatchObject([
      { userPoolId: LEGACY_POOL, lastToken: clock.now() },
    ]);
  });

  it('come by themselves: soon after the start, then every flushSeconds, not all instances at once', async () => {
    const store = new MemoryStore();
    const { monitor } = start({ store, flushSeconds: 60 });
    await vi.advanceTimersByTimeAsync(1_000);
    await settled();
    expect(store.writes).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(53_000);
    expect(store.writes).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(store.writes).toHaveLength(2);
    store.trouble = new Error('away');
    await vi.advanceTimersByTimeAsync(60_000);
    store.trouble = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store.writes.length).toBeGreaterThanOrEqual(4);
    await monitor.close();
    const written = store.writes.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(store.writes).toHaveLength(written);
  });

  it('reject while the store is away; it is counted on, and all is written later', async () => {
    const store = new MemoryStore();
    const { clock, errors, monitor } = start({ store });
    store.trouble = new Error('away');
    for (let hour = 0; hour < 3; hour += 1) {
      publish(accepted(clock.now()));
      await expect(monitor.flush()).rejects.toThrow('away');
      await clock.advance(3_600_000);
    }
    expect((await monitor.report()).reasons.join('\n')).toMatch(
      /What api-1 counted cannot be written to memory \(Error: away\)/,
    );
    expect(errors).toEqual([]);
    store.trouble = undefined;
    await monitor.flush();
    expect([...store.records.values()]).toMatchObject([
      { tokens: 3, hours: [{ tokens: 1 }, { tokens: 1 }, { tokens: 1 }] },
    ]);
  });

  it('that overlap write one after the other, and what was counted before each is in the store when it resolves', async () => {
    const store = new MemoryStore();
    const { clock, monitor } = start({ store });
    let go = () => {};
    store.pause = new Promise((resolve) => {
      go = resolve;
    });
    const first = monitor.flush();
    await settled();
    publish(accepted(clock.now()));
    const [second, third] = [monitor.flush(), monitor.flush()];
    await settled();
    expect(store.writes).toEqual([0]);
    go();
    await Promise.all([first, second, third]);
    expect(store.writes).toEqual([0, 1]);
  });

  it('end after ten seconds where a store never answers, and close after five', async () => {
    const store = new MemoryStore();
    store.pause = new Promise(() => {});
    const { clock, errors, monitor } = start({ store });
    const flushed = monitor.flush().catch((error: Error) => error.name);
    await clock.advance(10_000);
    expect(await flushed).toBe('TimeoutError');
    const closed = monitor.close();
    await clock.advance(5_000);
    await closed;
    expect(errors.map(({ name }) => name)).toEqual(['TimeoutError']);
  });
});

describe('a fleet with one store', () => {
  const question = { refreshTokenSeconds: 3_600, tokenSeconds: 3_600 };

  /** Instances that share a file and a clock; each reports when told to. */
  function fleet() {
    const clock = new FakeClock();
    const store = createFileDrainStore({ path: join(folder(), 'drain.ndjson') });
    return {
      clock,
      start: (instance: string) => start({ store, clock, instance }).monitor,
      report: (more = {}) => readDrainReport({ stores: [store], clock, ...question, ...more }),
      store,
    };
  }

  it('is safe once it was quiet for as long as tokens and refresh tokens live', async () => {
    const { clock, start: run, report } = fleet();
    const both = [run('api-1'), run('api-2')];
    const flush = () => Promise.all(both.map((one) => one.flush()));
    await flush();
    await clock.advance(7_200_000);
    publish(accepted(clock.now(), { expiresAt: clock.seconds + 600 }));
    await flush();
    await clock.advance(4_199_000);
    await flush();
    expect((await report()).safeToClose).toBe(false);
    await clock.advance(1_000);
    await flush();
    expect(await report()).toMatchObject({ safeToClose: true, reasons: [], instances: 2 });
    publish(accepted(clock.now()));
    await flush();
    expect((await report()).safeToClose).toBe(false);
  });

  it('is not safe while a killed instance is missed; after its restart a whole window must pass', async () => {
    const { clock, start: run, report, store } = fleet();
    const first = run('api-1');
    const other = run('api-2');
    publish(accepted(clock.now(), { pool: 'new' }));
    const named = { legacyPools: [LEGACY_POOL] };
    await Promise.all([first.flush(), other.flush()]);
    await clock.advance(7_200_000);
    await Promise.all([first.flush(), other.flush()]);
    expect((await report(named)).safeToClose).toBe(true);

    // As after kill -9: it counts no more, and says nothing.
    const write = store.write.bind(store);
    store.write = async (instance, records) => (instance.instance === 'api-2' ? undefined : write(instance, records));
    await clock.advance(181_000);
    await first.flush();
    expect((await report(named)).reasons).toEqual([expect.stringMatching(/^api-2 stopped reporting/)]);

    store.write = write;
    const again = run('api-2');
    await Promise.all([first.flush(), again.flush()]);
    const restartedAt = clock.now();
    expect((await report(named)).earliest).toBe(new Date(restartedAt + 7_200_000).toISOString());
    await clock.advance(7_199_000);
    await Promise.all([first.flush(), again.flush()]);
    expect((await report(named)).reasons[0]).toMatch(/^api-2 ended without writing/);
    await clock.advance(1_000);
    await Promise.all([first.flush(), again.flush()]);
    expect((await report(named)).safeToClose).toBe(true);
  });

  it('does not mind an instance that was closed', async () => {
    const { clock, start: run, report } = fleet();
    const first = run('api-1');
    const other = run('api-2');
    publish(accepted(clock.now()));
    await Promise.all([first.flush(), other.close()]);
    await clock.advance(9_000_000);
    await first.flush();
    expect((await report()).safeToClose).toBe(true);
    await first.close();
    await clock.advance(1_000);
    expect((await report()).reasons.join()).toMatch(/No instance is counting now/);
  });

  it('is waited for until an operator says that an instance is gone', async () => {
    const { clock, start: run, report, store } = fleet();
    const first = run('api-1');
    await store.write(
      { instance: 'pod-7', run: 'x', startedAt: clock.now(), reportedAt: clock.now(), flushSeconds: 60, legacy: [] },
      [],
    );
    publish(accepted(clock.now()));
    await clock.advance(9_000_000);
    await first.flush();
    expect((await report()).safeToClose).toBe(false);
    await store.forget('pod-7', clock.now());
    expect((await report()).reasons.join()).toMatch(/pod-7 ended without writing/);
    await clock.advance(9_000_000);
    await first.flush();
    expect((await report()).safeToClose).toBe(true);
  });

  it('neither loses nor doubles anything when the clock of an instance is set back by an hour', async () => {
    const { clock, start: run, report } = fleet();
    const monitor = run('api-1');
    for (let n = 0; n < 4; n += 1) {
      publish(accepted(clock.now(), { sub: `user-${n}` }));
      await monitor.flush();
      if (n === 1) clock.setWallClock(-3_600_000);
      await clock.advance(1_000_000);
    }
    await clock.advance(3_600_000);
    await monitor.flush();
    expect((await report()).pools[LEGACY_POOL]).toMatchObject({ tokens: 4, users: 4 });
  });

  it('says of no instance that it started after its last report, also where its clock was set back', async () => {
    const { clock, start: run, store } = fleet();
    const monitor = run('api-1');
    const startedAt = clock.now();
    await clock.advance(1_000);
    clock.setWallClock(-3_600_000);
    const states = [];
    for (const seconds of [0, 7_200]) {
      await clock.advance(seconds * 1_000);
      await monitor.flush();
      states.push((await store.read('9999-12-31')).instances[0]?.startedAt);
    }
    expect(states).toEqual([startedAt - 3_599_000, startedAt]);
  });
});
