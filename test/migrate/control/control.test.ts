import { beforeEach, describe, expect, it } from 'vitest';
import { runApply } from '../../../src/migrate/apply.js';
import { changeControl, readControl } from '../../../src/migrate/control/control.js';
import type { HookEvent, HookFacts } from '../../../src/migrate/control/hooks.js';
import { runPlan } from '../../../src/migrate/plan.js';
import type { ProgressEvent } from '../../../src/migrate/progress.js';
import { readStatus } from '../../../src/migrate/report.js';
import { runRollback } from '../../../src/migrate/rollback.js';
import type { ApplyOptions } from '../../../src/migrate/run-options.js';
import { openState } from '../../../src/migrate/state/state.js';
import { runVerify } from '../../../src/migrate/verify.js';
import { AutoClock } from '../support/auto-clock.js';
import { FakeDirectory, type FakeUser, failure } from '../support/fake-directory.js';
import { state, statePath } from '../support/workspace.js';

const users = (count: number, side: string): FakeUser[] =>
  Array.from({ length: count }, (_, n) => ({
    username: `user${n}`,
    sub: `${side}-${n}`,
    attributes: { email: `user${n}@example.com`, email_verified: 'true' },
  }));

/** A plan of so many writes, and a second connection beside the run, as `cognito-cutover pace` has it. */
async function planned(count: number, before?: (operation: string) => void) {
  const clock = new AutoClock();
  const path = statePath();
  const opened = state(path);
  const pool = new FakeDirectory('new', { users: users(count, 'new'), clock, latencyMs: 50 });
  const legacy = new FakeDirectory('legacy', { users: users(count, 'old') });
  await runPlan({ state: opened, legacyPools: [legacy], newPool: pool, clock });
  pool.options = { ...pool.options, ...(before === undefined ? {} : { before }) };
  const beside = openState({ path, access: 'control' });
  const events: ProgressEvent[] = [];
  let start = clock.monotonic();
  let begun: Promise<void> = Promise.resolve();
  const seconds = () => (clock.monotonic() - start) / 1000;
  const apply = async (more: Partial<ApplyOptions> = {}) => {
    let isFirst = events.length === 0;
    let begin = () => {};
    begun = new Promise((resolve) => {
      begin = () => {
        if (isFirst) start = clock.monotonic();
        isFirst = false;
        resolve();
      };
    });
    const onProgress = (event: ProgressEvent) => {
      events.push(event);
      if (event.type === 'write' || event.type === 'waiting') begin();
    };
    try {
      return await runApply({ state: opened, newPool: pool, clock, onProgress, ...more });
    } finally {
      begin();
    }
  };
  /** From the first write on, or from when it waits: what comes before takes no time of this clock. */
  const after = async (ms: number, work: () => void) => {
    await begun;
    await clock.sleep(ms);
    work();
  };
  const written = (from: number, to: number) =>
    pool.writes
      .filter(({ at }) => at - clock.now() + clock.monotonic() >= start + from * 1000)
      .filter(({ at }) => at - clock.now() + clock.monotonic() < start + to * 1000).length;
  return { clock, path, opened, pool, beside, events, apply, after, seconds, written };
}

const waits = (events: readonly ProgressEvent[]) =>
  events.flatMap((event) => (event.type === 'waiting' ? [event.reason] : []));

describe('pace, beside a running apply', () => {
  it('changes the rate within two seconds, in both directions', async () => {
    const { apply, after, beside, written } = await planned(400);
    const running = apply({ rps: 10 });
    await after(10_000, () => changeControl(beside, { rps: 2 }));
    await after(20_000, () => changeControl(beside, { rps: 20 }));
    expect(await running).toMatchObject({ written: 400 });
    expect(written(2, 10)).toBeGreaterThanOrEqual(78);
    expect(written(12, 30)).toBeLessThanOrEqual(38);
    expect(written(12, 30)).toBeGreaterThanOrEqual(34);
    expect(written(32, 36)).toBeGreaterThanOrEqual(76);
    beside.close();
  });

  it('wakes a run that sends one write in ten seconds', async () => {
    const { apply, after, beside, seconds } = await planned(40);
    const running = apply({ rps: 0.1 });
    await after(1000, () => changeControl(beside, { rps: 20 }));
    expect(await running).toMatchObject({ written: 40 });
    expect(seconds()).toBeLessThan(6);
    beside.close();
  });

  it('pauses and resumes it, which status tells', async () => {
    const { apply, after, beside, written, events, opened } = await planned(200);
    const running = apply({ rps: 10 });
    await after(5_000, () => changeControl(beside, { paused: true }));
    await after(1_500, () => undefined);
    await after(3_600_000, () => {
      expect(readStatus(opened)).toMatchObject({
        running: true,
        waiting: { reason: expect.stringContaining('paused'), since: expect.any(Date) },
        pace: { paused: true, rps: null },
      });
      changeControl(beside, { paused: false });
    });
    expect(await running).toMatchObject({ written: 200 });
    expect(written(7, 3606)).toBe(0);
    expect(waits(events).at(0)).toContain('pace --resume');
    expect(waits(events).at(-1)).toBeUndefined();
    // Told once a minute, not once a second.
    expect(waits(events).length).toBeLessThan(65);
    expect(readStatus(opened).waiting).toBeUndefined();
    beside.close();
  });

  it('pauses writes that wait for their moment, too', async () => {
    const { apply, after, beside, written } = await planned(30);
    const running = apply({ rps: 1 });
    await after(5_000, () => changeControl(beside, { paused: true }));
    await after(600_000, () => changeControl(beside, { paused: false, rps: 20 }));
    expect(await running).toMatchObject({ written: 30 });
    expect(written(7, 605)).toBe(0);
    beside.close();
  });

  it('holds later runs, too: a pause always, a rate where none is given', async () => {
    const { apply, after, beside, events, seconds, opened } = await planned(30);
    changeControl(beside, { rps: 2, paused: true });
    const first = apply({ maxWrites: 10 });
    await after(5000, () => changeControl(beside, { paused: false }));
    await first;
    expect(waits(events)[0]).toContain('paused');
    const from = seconds();
    await apply({ maxWrites: 10 });
    expect(seconds() - from).toBeGreaterThan(4);
    const again = seconds();
    await apply({ rps: 20 });
    expect(seconds() - again).toBeLessThan(2);
    expect(readControl(opened)).toEqual({ rps: null, paused: false });
    beside.close();
  });

  it('is refused above the quota, also that of the run', async () => {
    const { apply, beside } = await planned(1);
    expect(() => changeControl(beside, { rps: 26 })).toThrow('rps: 26 is more than the 25 writes a second');
    await apply({ rps: 30, quota: 40 });
    expect(changeControl(beside, { rps: 40 })).toMatchObject({ rps: 40 });
    expect(() => changeControl(beside, { rps: 41 })).toThrow('rps: 41 is more than the 40 writes a second');
    beside.close();
  });

  it('takes no lock, and needs a state', async () => {
    const { path, beside, opened } = await planned(1);
    expect(opened.running).toBe(true);
    changeControl(beside, { rps: 5 });
    beside.close();
    expect(() => openState({ path: `${path}.none`, access: 'control' })).toThrow('there is no state');
  });
});

describe('the rate of a run', () => {
  it.each([
    [{ rps: 26 }, 'rps: 26 is more than the 25 writes a second that Cognito allows: give --quota'],
    [{ rps: 60, quota: 50 }, 'rps: 60 is more than the 50 writes a second that Cognito allows: that is what --quota'],
    [{ quota: 0 }, 'quota: expected a number from 1'],
  ])('is refused as %j', async (options, message) => {
    const { apply, beside, opened, pool, clock } = await planned(1);
    await expect(apply(options)).rejects.toThrow(message);
    await expect(runRollback({ state: opened, newPool: pool, clock, ...options })).rejects.toThrow(message);
    beside.close();
  });
});

describe('a run that may write only at times', () => {
  it('waits for its hours', async () => {
    const { apply, beside, events, pool, clock } = await planned(10);
    // The clock stands at noon.
    const reason = 'outside 22:00-06:00 UTC';
    const result = await apply({ between: { between: '22:00-06:00', timeZone: 'UTC' } });
    expect(result).toMatchObject({ written: 10 });
    expect(waits(events)[0]).toBe(reason);
    expect(new Date(pool.writes[0]!.at).getUTCHours()).toBe(22);
    expect(clock.now()).toBeLessThan(Date.UTC(2026, 0, 15, 22, 1));
    beside.close();
  });

  it('waits while it is told to, and looks up nothing meanwhile', async () => {
    const { apply, beside, events, pool, clock } = await planned(10);
    const until = clock.now() + 600_000;
    await apply({ waitWhile: async () => (clock.now() < until ? 'http://busy.example answers 503' : undefined) });
    expect(pool.writes[0]!.at).toBeGreaterThanOrEqual(until);
    expect(pool.writes[0]!.at).toBeLessThan(until + 12_000);
    expect(waits(events)[0]).toBe('http://busy.example answers 503');
    beside.close();
  });

  it('ends at once when it is interrupted while it waits, with nothing begun', async () => {
    const { apply, beside, after, opened } = await planned(10);
    const stop = new AbortController();
    const running = apply({ waitWhile: () => 'busy', signal: stop.signal });
    running.catch(() => {});
    await after(5000, () => stop.abort(new Error('stopped')));
    await expect(running).rejects.toMatchObject({ code: 'ERR_INTERRUPTED', partial: { written: 0 } });
    expect(readStatus(opened).writes).toMatchObject({ inFlight: 0, remaining: 10 });
    expect(readStatus(opened).waiting).toBeUndefined();
    beside.close();
  });
});

describe('several commands on one state', () => {
  it('each tell what they wait for: one that begins beside does not hide it', async () => {
    const { apply, after, beside, clock, path, pool } = await planned(100);
    const writes = openState({ path, access: 'write' });
    const running = apply({ rps: 10, state: writes });
    await after(3000, () => changeControl(beside, { paused: true }));
    await after(3000, () => undefined);
    const verifies = openState({ path, access: 'verify' });
    await runVerify({ state: verifies, newPool: pool, clock });
    verifies.close();
    expect(readStatus(beside)).toMatchObject({ waiting: { reason: expect.stringContaining('paused') } });
    changeControl(beside, { paused: false });
    await running;
    writes.close();
    expect(readStatus(beside).waiting).toBeUndefined();
    beside.close();
  });

  it('do not tell what one waited for that was killed', async () => {
    const { beside, opened, path } = await planned(3);
    opened.meta.set('waiting', { main: { reason: 'paused', since: 0 } });
    const verifies = openState({ path, access: 'verify' });
    expect(readStatus(beside)).toMatchObject({ running: true, waiting: undefined });
    verifies.close();
    beside.close();
  });
});

describe('the hook of a run', () => {
  let heard: (readonly [HookEvent, HookFacts])[];
  const hook = async (event: HookEvent, facts: HookFacts) => void heard.push([event, facts]);
  const events = () => heard.map(([event]) => event);
  beforeEach(() => {
    heard = [];
  });

  it('hears of the start, each wait and the end, with how far it is', async () => {
    const { apply, after, beside } = await planned(100);
    const running = apply({ rps: 10, hook });
    await after(3000, () => changeControl(beside, { paused: true }));
    await after(300_000, () => changeControl(beside, { paused: false }));
    await running;
    expect(events()).toEqual(['start', 'waiting', 'going-on', 'done']);
    expect(heard[1]![1]).toMatchObject({ reason: expect.stringContaining('paused'), failed: 0, total: 100 });
    expect(heard[3]![1]).toMatchObject({ written: 100, reason: '' });
    beside.close();
  });

  it.each(['start', 'waiting'] as const)('stops the run where it fails at "%s"', async (bad) => {
    const { apply, after, beside, opened } = await planned(100);
    const failing = async (event: HookEvent, facts: HookFacts) => {
      await hook(event, facts);
      if (event === bad) throw new Error('`notify` ended with exit code 1');
    };
    const running = apply({ rps: 10, hook: failing });
    running.catch(() => {});
    await after(3000, () => changeControl(beside, { paused: true }));
    await expect(running).rejects.toMatchObject({
      code: 'ERR_HOOK',
      message: `the hook failed at "${bad}": \`notify\` ended with exit code 1`,
    });
    expect(events().at(-1)).toBe('failed');
    expect(readStatus(opened).writes).toMatchObject({ inFlight: 0, written: bad === 'start' ? 0 : expect.any(Number) });
    beside.close();
  });

  it('changes nothing where it fails at the end', async () => {
    const { apply, beside, opened } = await planned(3);
    const failing = async (event: HookEvent) => {
      if (event === 'done') throw new Error('no network');
    };
    expect(await apply({ hook: failing })).toMatchObject({ written: 3, remaining: 0 });
    expect(readStatus(opened).warnings).toContain('The hook failed at "done": no network.');
    beside.close();
  });

  it('does not hear that a run goes on which ended while it waited', async () => {
    const { apply, after, beside, events: reported } = await planned(100);
    const stop = new AbortController();
    const running = apply({ rps: 10, hook, signal: stop.signal });
    running.catch(() => {});
    await after(3000, () => changeControl(beside, { paused: true }));
    await after(5000, () => stop.abort(new Error('stopped')));
    await expect(running).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await Promise.resolve();
    expect(events()).toEqual(['start', 'waiting', 'interrupted']);
    expect(waits(reported)).not.toContain(undefined);
    expect(readStatus(beside).waiting).toBeUndefined();
    beside.close();
  });

  it('hears of an interruption, and of a failure', async () => {
    const interrupted = await planned(100);
    const stop = new AbortController();
    const running = interrupted.apply({ hook, signal: stop.signal });
    running.catch(() => {});
    await interrupted.after(2000, () => stop.abort(new Error('stopped')));
    await expect(running).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(events()).toEqual(['start', 'interrupted']);
    interrupted.beside.close();
    heard = [];
    const refused = await planned(3, (operation) => {
      if (operation === 'AdminUpdateUserAttributes') throw failure('refused', operation);
    });
    await expect(refused.apply({ hook })).rejects.toMatchObject({ code: 'ERR_POOL' });
    expect(events()).toEqual(['start', 'failed']);
    refused.beside.close();
  });
});

describe('a run whose network is gone for a while', () => {
  it('waits, says so in the state, and writes the rest', async () => {
    let outage: [from: number, to: number] | undefined;
    const { apply, beside, after, opened, events, clock } = await planned(100, (operation) => {
      const now = clock.now();
      if (outage !== undefined && now >= outage[0] && now < outage[1]) {
        throw failure('unavailable', operation, 'ECONNRESET' as 'unavailable');
      }
    });
    outage = [clock.now() + 3000, clock.now() + 3_003_000];
    const running = apply({ rps: 10 });
    await after(1_800_000, () => {
      expect(readStatus(opened).waiting).toEqual({ reason: 'Cognito: ECONNRESET', since: expect.any(Date) });
    });
    expect(await running).toMatchObject({ written: 100, failed: 0, remaining: 0 });
    expect(waits(events).at(-1)).toBeUndefined();
    expect(readStatus(opened).waiting).toBeUndefined();
    beside.close();
  });

  it('ends after its patience, and the next run goes on', async () => {
    let isDown = false;
    const { apply, beside, opened, after } = await planned(50, (operation) => {
      if (isDown) throw failure('unavailable', operation, 'ECONNRESET' as 'unavailable');
    });
    const running = apply({ rps: 10, patienceMs: 90_000 });
    running.catch(() => {});
    await after(2000, () => {
      isDown = true;
    });
    await expect(running).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', partial: { failed: 0 } });
    isDown = false;
    expect(await apply()).toMatchObject({ failed: 0, remaining: 0 });
    expect(readStatus(opened).writes.written).toBe(50);
    beside.close();
  });
});
