import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { insideOf } from '../../../src/operate/phases/legacy-window.js';
import type { PhaseEvent, PhasePlan } from '../../../src/operate/phases/phase-source.js';
import { createPhases } from '../../../src/operate/phases/phases.js';
import type { PhasesOptions } from '../../../src/operate/phases/phases-options.js';

const START = Date.UTC(2026, 10, 1, 12);
const DAY = 86_400_000;
const after = (ms: number) => new Date(START + ms);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'], now: START });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A source that answers what it is told to, and remembers when it was asked. */
class Source {
  plan: unknown = {};
  /** Rejects with it while it is set. */
  fault: unknown;
  /** Keeps its answers back while it is true. */
  hangs = false;
  readonly askedAt: number[] = [];
  readonly signals: AbortSignal[] = [];
  readonly held: (() => void)[] = [];

  read = async (signal: AbortSignal): Promise<PhasePlan> => {
    this.askedAt.push((performance.now() - this.#start) / 1_000);
    this.signals.push(signal);
    const { plan, fault } = this;
    if (this.hangs) {
      await new Promise<void>((resolve) => {
        this.held.push(resolve);
      });
    }
    if (fault !== undefined) throw fault;
    return plan as PhasePlan;
  };
  readonly #start = performance.now();
}

function start(options: Partial<PhasesOptions> = {}, source = new Source()) {
  const events: PhaseEvent[] = [];
  const phases = createPhases({ source: source.read, onEvent: (event) => events.push(event), ...options });
  onTestFinished(() => phases.close());
  const window = insideOf(phases)?.window;
  if (window === undefined) throw new Error('phases have no window');
  return { phases, source, events, window, outcomes: () => events.map(({ outcome }) => outcome) };
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

describe('polling', () => {
  it('asks at once, then a little more often than every pollSeconds', async () => {
    const { source } = start();
    await pass(600);
    expect(source.askedAt[0]).toBe(0);
    const gaps = source.askedAt.slice(1).map((time, at) => time - (source.askedAt[at] ?? 0));
    expect(gaps.length).toBeGreaterThanOrEqual(20);
    for (const gap of gaps) {
      expect(gap).toBeGreaterThanOrEqual(24);
      expect(gap).toBeLessThanOrEqual(30.1);
    }
    // Instances that were started together must not ask together.
    expect(new Set(gaps.map((gap) => gap.toFixed(3))).size).toBeGreaterThan(5);
  });

  it('asks one at a time, for a limited time, and again later', async () => {
    const source = new Source();
    source.hangs = true;
    const { phases } = start({ pollSeconds: 1, timeoutMs: 5_000 }, source);
    await pass(4.9);
    expect([source.askedAt.length, source.signals[0]?.aborted]).toEqual([1, false]);
    await pass(0.2);
    expect(source.signals[0]?.aborted).toBe(true);
    expect(phases.status().error).toMatchObject({ name: 'TimeoutError' });
    source.hangs = false;
    await pass(1);
    expect(phases.status()).toMatchObject({ phase: 'open' });
    // What the first question is answered at last comes too late.
    source.held[0]?.();
    await pass(0);
    expect(phases.status()).not.toHaveProperty('error');
  });

  it('holds no process open, and ends with close()', async () => {
    const faked = globalThis.setTimeout;
    const polls: NodeJS.Timeout[] = [];
    // Not a spy: taking one off a fake timer leaves the fake in place, for every later file of this worker.
    globalThis.setTimeout = ((run: () => void, ms: number) => {
      const timer = faked(run, ms);
      if (ms > 20_000) polls.push(timer);
      return timer;
    }) as typeof setTimeout;
    const { phases, source } = start();
    await pass(0);
    globalThis.setTimeout = faked;
    expect(polls.map((timer) => timer.hasRef())).toEqual([false]);
    source.plan = { acceptUntil: after(DAY) };
    phases.close();
    await pass(3_600);
    expect(source.askedAt).toEqual([0]);
    expect(phases.status()).toMatchObject({ phase: 'open', ageSeconds: 3_600 });
    await expect(phases.refresh()).rejects.toThrow('The phases are closed.');
    await phases.ready();
  });

  it('ends a question that is under way with close(), quietly', async () => {
    const source = new Source();
    source.hangs = true;
    const { phases, events } = start({}, source);
    const ready = phases.ready();
    phases.close();
    expect(await ready).toMatchObject({ phase: undefined, plan: undefined });
    expect([events, source.signals[0]?.aborted, vi.getTimerCount()]).toEqual([[], true, 0]);
  });

  it('follows the plan, from phase to phase and back', async () => {
    const { phases, source, outcomes } = start();
    expect(await phases.ready()).toMatchObject({ phase: 'open' });
    const plans: [PhasePlan, string][] = [
      [{ announceFrom: after(0) }, 'announced'],
      [{ announceFrom: after(0), acceptSignInsBefore: after(10_000) }, 'sign-ins-refused'],
      [{ announceFrom: after(0), acceptSignInsBefore: after(10_000), acceptUntil: after(20_000) }, 'closed'],
      [{ announceFrom: after(0), acceptSignInsBefore: after(10_000), acceptUntil: null }, 'sign-ins-refused'],
      [{}, 'open'],
    ];
    for (const [plan, phase] of plans) {
      source.plan = plan;
      await pass(31);
      expect(phases.status()).toMatchObject({ phase });
    }
    expect(outcomes()).toEqual(Array.from({ length: 6 }, () => 'changed'));
    source.plan = undefined;
    await pass(31);
    expect(outcomes()).toHaveLength(6);
  });

  it('takes dates as JSON has them', async () => {
    const { phases, source } = start();
    source.plan = { acceptUntil: '2026-11-01T13:00:00+01:00', announceFrom: null };
    await pass(31);
    expect(phases.status()).toMatchObject({ phase: 'closed', plan: { acceptUntil: after(0), announceFrom: null } });
  });

  it('refresh() asks now, after the question under way, and says what failed', async () => {
    const { phases, source } = start();
    await phases.ready();
    source.plan = { acceptUntil: after(-1) };
    expect(await phases.refresh()).toMatchObject({ phase: 'closed' });

    source.hangs = true;
    const [first] = [phases.refresh()];
    await pass(0);
    const second = phases.refresh();
    source.plan = {};
    source.hangs = false;
    source.held[0]?.();
    expect(await first).toMatchObject({ phase: 'closed' });
    expect(await second).toMatchObject({ phase: 'open' });

    source.fault = new Error('ECONNREFUSED');
    await expect(phases.refresh()).rejects.toThrow('ECONNREFUSED');
    expect(phases.status()).toMatchObject({ phase: 'open', error: source.fault });
  });
});

describe('while the source fails', () => {
  it.each<[string, (source: Source) => void]>([
    ['it rejects', (source) => Object.assign(source, { fault: new Error('ECONNREFUSED') })],
    ['it rejects with no error', (source) => Object.assign(source, { fault: 'down' })],
    ['it hangs', (source) => Object.assign(source, { hangs: true })],
    ['it answers something else', (source) => Object.assign(source, { plan: 'closed' })],
    ['a date is not one', (source) => Object.assign(source, { plan: { acceptUntil: 'soon' } })],
    ['a date is misspelt', (source) => Object.assign(source, { plan: { acceptUntill: after(0) } })],
    [
      'dates contradict each other',
      (source) => Object.assign(source, { plan: { announceFrom: after(2), acceptUntil: after(1) } }),
    ],
    [
      'its answer is a trap',
      (source) =>
        Object.assign(source, {
          plan: {
            get acceptUntil() {
              throw new Error('a getter');
            },
          },
        }),
    ],
  ])('because %s, the last known plan stays, for a month and longer', async (_, fail) => {
    const { phases, source, outcomes, window } = start({ pollSeconds: 21_600 });
    source.plan = { acceptUntil: after(DAY) };
    await phases.refresh();
    fail(source);
    await pass(40 * 86_400);
    const { phase, plan, answeredAt, ageSeconds, error } = phases.status();
    expect([phase, plan?.acceptUntil, answeredAt]).toEqual(['closed', after(DAY), after(0)]);
    expect(ageSeconds).toBeCloseTo(40 * 86_400, 0);
    expect(error).toBeInstanceOf(Error);
    expect(window.acceptUntil()).toBe(START + DAY);
    // Once, not at every poll of a month.
    expect(outcomes().filter((outcome) => outcome === 'failed')).toHaveLength(1);
  });

  it('and answers again, that is told, and the new plan is used', async () => {
    const { phases, source, outcomes } = start();
    await phases.ready();
    source.fault = new Error('down');
    await pass(300);
    source.fault = undefined;
    source.plan = { acceptUntil: after(-1) };
    await pass(31);
    expect(phases.status()).toMatchObject({ phase: 'closed' });
    expect(phases.status()).not.toHaveProperty('error');
    expect(outcomes()).toEqual(['changed', 'failed', 'recovered', 'changed']);
  });

  it('it is not asked more often than before', async () => {
    const { phases, source } = start();
    await phases.ready();
    source.fault = new Error('down');
    await pass(600);
    expect(source.askedAt.length).toBeLessThanOrEqual(1 + 600 / 24);
  });

  it('from the start, it is asked after 1, 2, 4 … seconds, up to pollSeconds', async () => {
    const source = new Source();
    source.fault = new Error('down');
    const { phases, window, outcomes } = start({}, source);
    await pass(120);
    const gaps = source.askedAt.slice(1).map((time, at) => time - (source.askedAt[at] ?? 0));
    const limits = [1, 2, 4, 8, 16, 30, 30];
    expect(gaps.length).toBeGreaterThanOrEqual(limits.length);
    for (const [at, limit] of limits.entries()) {
      expect(gaps[at]).toBeGreaterThanOrEqual(limit * 0.8 - 0.01);
      expect(gaps[at]).toBeLessThanOrEqual(limit + 0.1);
    }
    expect(phases.status()).toMatchObject({ phase: undefined, plan: undefined, error: source.fault });
    expect([window.usable(true), window.acceptUntil()]).toEqual([false, Number.NaN]);
    expect(window.unknown()).toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE', status: 503, pool: 'legacy' });
    expect(window.unknown().retryAfterSeconds).toBeLessThanOrEqual(30);
    expect(outcomes()).toEqual(['failed']);
  });

  it('`initial` holds until the first answer', async () => {
    const source = new Source();
    source.fault = new Error('down');
    source.plan = {};
    const { phases, window } = start({ initial: { acceptUntil: after(-1) } }, source);
    expect([window.usable(true), phases.status().phase]).toEqual([true, 'closed']);
    expect(phases.status()).not.toHaveProperty('answeredAt');
    await pass(10);
    expect(phases.status()).toMatchObject({ phase: 'closed', error: source.fault });
    source.fault = undefined;
    await pass(31);
    expect(phases.status()).toMatchObject({ phase: 'open' });
  });

  it('a listener that throws or rejects reaches nobody', async () => {
    const listeners = [
      () => {
        throw new Error('listener');
      },
      async () => {
        throw new Error('listener');
      },
    ];
    for (const onEvent of listeners) {
      const { phases } = start({ onEvent });
      expect(await phases.ready()).toMatchObject({ phase: 'open' });
    }
  });
});

describe('a process that stood still', () => {
  it('asks before it uses what it knew, and waits for the answer', async () => {
    let frozen = 0;
    const clock = { now: () => Date.now() + frozen, monotonic: () => performance.now() + frozen };
    const { phases, source, window } = start({ clock });
    await phases.ready();
    expect(window.usable(true)).toBe(true);
    source.plan = { acceptUntil: after(-1) };
    // An hour in which no timer fires.
    frozen = 3_600_000;
    expect(window.usable(true)).toBe(false);
    // Who cannot wait gets what is known.
    expect(window.usable(false)).toBe(true);
    await window.settle();
    expect([window.usable(true), window.acceptUntil()]).toEqual([true, START - 1]);
    expect(source.askedAt).toHaveLength(2);
  });

  it('does not wait where the answer is only due', async () => {
    let frozen = 0;
    const clock = { now: () => Date.now(), monotonic: () => performance.now() + frozen };
    const { phases, source, window } = start({ clock });
    await phases.ready();
    frozen = 31_000;
    expect([window.usable(true), source.askedAt.length]).toEqual([true, 2]);
  });

  it('in AWS Lambda waits for every poll that is due, and has no timer', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'authorizer');
    const { phases, source, window } = start();
    await phases.ready();
    await pass(29);
    expect([window.usable(true), source.askedAt.length]).toEqual([true, 1]);
    await pass(2);
    expect(source.askedAt).toHaveLength(1);
    expect([window.usable(true), source.askedAt.length]).toEqual([false, 2]);
    await window.settle();
    expect(window.usable(true)).toBe(true);
    // During an outage one call in pollSeconds waits.
    source.fault = new Error('down');
    await pass(31);
    expect(window.usable(true)).toBe(false);
    await window.settle();
    for (let call = 0; call < 100; call += 1) expect(window.usable(true)).toBe(true);
    expect(source.askedAt).toHaveLength(3);
  });

  it('measures in monotonic time: a wall clock set back or forward delays and repeats nothing', async () => {
    const { phases, source } = start();
    await phases.ready();
    for (const wall of [START - 30 * DAY, START + 30 * DAY]) {
      vi.setSystemTime(wall);
      const asked = source.askedAt.length;
      await pass(31);
      expect(source.askedAt.length - asked).toBeGreaterThanOrEqual(1);
      expect(source.askedAt.length - asked).toBeLessThanOrEqual(2);
      expect(phases.status().ageSeconds).toBeLessThanOrEqual(31);
    }
  });

  it('lets a bounded number wait', async () => {
    const source = new Source();
    source.hangs = true;
    const { phases, window } = start({}, source);
    const waiting = Array.from({ length: 1_000 }, () => window.settle());
    await window.settle();
    source.held[0]?.();
    await Promise.all(waiting);
    expect(window.usable(true)).toBe(true);
    // As many again for the next poll.
    const refreshed = phases.refresh();
    await pass(0);
    let isOver = false;
    void window.settle().then(() => {
      isOver = true;
    });
    await pass(0);
    expect(isOver).toBe(false);
    source.held[1]?.();
    await refreshed;
    await pass(0);
    expect(isOver).toBe(true);
  });
});

describe('what is announced', () => {
  const announced = (plan: PhasePlan) => {
    const source = new Source();
    source.plan = plan;
    const { phases } = start({}, source);
    return phases.ready().then(() => insideOf(phases)?.announced());
  };

  it('is written as the RFCs say, from the date on', async () => {
    const plan = { announceFrom: after(0), acceptUntil: after(DAY) };
    expect(await announced(plan)).toEqual({ deprecation: '@1793534400', sunset: 'Mon, 02 Nov 2026 12:00:00 GMT' });
    expect(await announced({ announceFrom: after(0) })).toEqual({ deprecation: '@1793534400', sunset: undefined });
    expect(await announced({ announceFrom: after(1) })).toBeUndefined();
    expect(await announced({ acceptUntil: after(DAY) })).toBeUndefined();
  });
});
