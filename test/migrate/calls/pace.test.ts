import { describe, expect, it } from 'vitest';
import { Pace } from '../../../src/migrate/calls/pace.js';
import { FakeClock } from '../../support/fake-clock.js';
import { shareQuota } from '../../support/quota-model.js';
import { AutoClock } from '../support/auto-clock.js';

/** Sends calls for `ms` and answers when each was sent. */
async function sent(
  pace: Pace,
  clock: AutoClock,
  ms: number,
  throttles: () => boolean = () => false,
): Promise<number[]> {
  const end = clock.now() + ms;
  const times: number[] = [];
  const caller = async () => {
    while (clock.now() < end) {
      await pace.acquire();
      times.push(clock.now());
      await clock.sleep(30);
      pace.answered(throttles());
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  return times.filter((time) => time < end);
}

const DAY = 86_400_000;

/** When calls leave that are made for ten seconds, with the wall clock set by `byMs` in the middle. */
async function sentAroundAStep(byMs: number, throttled: boolean): Promise<{ times: number[]; rps: number }> {
  const clock = new FakeClock();
  const pace = new Pace(10, clock);
  const stop = new AbortController();
  const times: number[] = [];
  const caller = async () => {
    for (;;) {
      await pace.acquire(stop.signal);
      times.push(clock.monotonic());
      pace.answered(throttled);
    }
  };
  const callers = Promise.allSettled(Array.from({ length: 4 }, caller));
  await clock.advance(5_000);
  clock.setWallClock(byMs);
  await clock.advance(5_000);
  stop.abort();
  await callers;
  return { times, rps: pace.rps };
}

function mostInASecond(times: readonly number[]): number {
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1000).length));
}

describe('the pace', () => {
  it.each([1, 7, 10, 15, 25, 130])('uses %d calls per second, and never two more in any second', async (rps) => {
    const clock = new AutoClock();
    const times = await sent(new Pace(rps, clock), clock, 60_000);
    expect(times.length).toBeGreaterThanOrEqual(Math.floor(rps * 60 * 0.98));
    expect(mostInASecond(times)).toBeLessThanOrEqual(rps + 1);
  });

  it('does not catch up after a pause', async () => {
    const clock = new AutoClock();
    const pace = new Pace(10, clock);
    await pace.acquire();
    await clock.sleep(60_000);
    const times = await sent(pace, clock, 5000);
    expect(mostInASecond(times)).toBeLessThanOrEqual(11);
  });

  it('slows down at a single throttled call, and sends nothing for a second', async () => {
    const clock = new AutoClock();
    const pace = new Pace(20, clock);
    await sent(pace, clock, 10_000);
    let throttled = 1;
    const from = clock.now();
    const times = await sent(pace, clock, 3000, () => throttled-- > 0);
    expect(pace.rps).toBeGreaterThanOrEqual(14);
    expect(pace.rps).toBeLessThanOrEqual(16);
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(1000);
    expect(times[0]! - from).toBeLessThan(100);
  });

  it('slows down more the more is throttled, never below a twentieth, and comes back slowly', async () => {
    const clock = new AutoClock();
    const pace = new Pace(20, clock);
    await sent(pace, clock, 60_000, () => true);
    expect(pace.rps).toBe(1);
    await sent(pace, clock, 60_000);
    expect(pace.rps).toBeLessThan(12);
    await sent(pace, clock, 1_800_000);
    expect(pace.rps).toBe(20);
  });

  it('stays below a rate that was throttled again and again for ten minutes', async () => {
    const clock = new AutoClock();
    const pace = new Pace(20, clock);
    let throttled = 1;
    await sent(pace, clock, 2000, () => throttled-- > 0);
    await sent(pace, clock, 540_000);
    expect(pace.rps).toBe(16);
    await sent(pace, clock, 120_000);
    expect(pace.rps).toBe(20);
  });

  it('is back soon after a burst of others, whose throttles are fewer than one in a hundred', async () => {
    const clock = new AutoClock();
    const pace = new Pace(10, clock);
    let written = 0;
    for (let minute = 0; minute < 30; minute += 1) {
      let throttled = 1;
      written += (await sent(pace, clock, 60_000, () => throttled-- > 0)).length;
    }
    expect(written / 1800).toBeGreaterThan(8.5);
  });

  it('follows another ceiling within a second, up and down', async () => {
    const clock = new AutoClock();
    const pace = new Pace(0.1, clock);
    await sent(pace, clock, 1000);
    const start = clock.now();
    const waiting = Promise.all([pace.acquire(), pace.acquire()]);
    await clock.sleep(100);
    pace.ceiling = 10;
    await waiting;
    expect(clock.now() - start).toBeLessThanOrEqual(1400);
    expect(mostInASecond(await sent(pace, clock, 10_000))).toBeLessThanOrEqual(11);
    pace.ceiling = 2;
    await clock.sleep(1000);
    const times = await sent(pace, clock, 10_000);
    expect(times.length).toBeGreaterThanOrEqual(19);
    expect(mostInASecond(times)).toBeLessThanOrEqual(3);
  });

  it('is not freed from throttling by a higher ceiling', async () => {
    const clock = new AutoClock();
    const pace = new Pace(10, clock);
    await sent(pace, clock, 5000, () => true);
    const { rps } = pace;
    pace.ceiling = 20;
    expect(pace.rps).toBe(rps);
  });

  it('settles near what is let through', async () => {
    const clock = new AutoClock();
    const pace = new Pace(20, clock);
    let tokens = 5;
    let filledAt = clock.now();
    const overQuota = () => {
      tokens = Math.min(5, tokens + ((clock.now() - filledAt) / 1000) * 5);
      filledAt = clock.now();
      if (tokens < 1) return true;
      tokens -= 1;
      return false;
    };
    await sent(pace, clock, 60_000, overQuota);
    const times = await sent(pace, clock, 60_000, overQuota);
    expect(times.length / 60).toBeGreaterThan(3.5);
    expect(times.length / 60).toBeLessThan(6);
  });

  it('stops waiting when the signal aborts, and gives the moment to the next', async () => {
    const clock = new AutoClock();
    const pace = new Pace(1, clock);
    const controller = new AbortController();
    await pace.acquire();
    const start = clock.now();
    const stopped = pace.acquire(controller.signal);
    const next = pace.acquire();
    controller.abort(new Error('stop'));
    await expect(stopped).rejects.toThrow('stop');
    await next;
    expect(clock.now() - start).toBeLessThanOrEqual(1001);
  });

  it.each([
    ['back', -DAY],
    ['forward', DAY],
  ])('is the same when the wall clock is set a day %s in the middle of a run', async (_, byMs) => {
    for (const throttled of [false, true]) {
      const undisturbed = await sentAroundAStep(0, throttled);
      expect(undisturbed.times.length).toBeGreaterThan(throttled ? 5 : 95);
      expect(await sentAroundAStep(byMs, throttled)).toEqual(undisturbed);
    }
  });

  it('survives a clock that is set back and knows no other time', async () => {
    let offset = 0;
    const clock = new AutoClock();
    const shifted = { now: () => clock.now() + offset, sleep: clock.sleep };
    const pace = new Pace(10, shifted);
    await pace.acquire();
    offset = -3_600_000;
    const start = clock.now();
    await pace.acquire();
    await pace.acquire();
    expect(clock.now() - start).toBeLessThan(1000);
  });
});

describe('beside end users who share the quota of 25 a second', () => {
  it.each([
    [20, 2, 19.6, 20.1],
    [20, 4, 19.6, 20.1],
    [20, 8, 14, 17],
    [20, 14, 8, 10.5],
    [10, 14, 7.5, 10],
  ])('a writer at --rps %d leaves %d calls of theirs a second alone', async (rps, endUsers, least, most) => {
    const { written, theirsThrottled } = await shareQuota({ rps, endUsers, seconds: 3600 });
    expect(theirsThrottled).toBeLessThan(0.005);
    expect(written).toBeGreaterThanOrEqual(least);
    expect(written).toBeLessThanOrEqual(most);
  });
});
