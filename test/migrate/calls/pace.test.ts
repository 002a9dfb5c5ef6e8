import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/clock.js';
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

  it('makes up for timers that are late, as those of a busy process are', async () => {
    const clock = new AutoClock();
    const late: Clock = { ...clock, sleep: (ms, signal) => clock.sleep(ms + 20, signal) };
    const times = await sent(new Pace(25, late), clock, 60_000);
    expect(times.length).toBeGreaterThanOrEqual(Math.floor(25 * 60 * 0.98));
    expect(mostInASecond(times)).toBeLessThanOrEqual(26);
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

describe('the rate after throttling', () => {
  /** A pace of 20, and answers at chosen moments: `'t'` is a throttled one, `'.'` another. */
  async function after(...steps: readonly (readonly [atMs: number, answers: string])[]) {
    const clock = new FakeClock();
    await clock.advance(40_000);
    const start = clock.monotonic();
    const pace = new Pace(20, clock);
    for (const [atMs, answers] of steps) {
      await clock.advance(start + atMs - clock.monotonic());
      for (const answer of answers) pace.answered(answer === 't');
    }
    return Math.round(pace.rps * 1000) / 1000;
  }

  it.each([
    ['three quarters after one', [[0, 't']], 15],
    [
      'three quarters also of few calls, if one was throttled',
      [
        [0, 't..'],
        [2000, 't'],
      ],
      11.25,
    ],
    [
      'the same while earlier calls are answered',
      [
        [0, 't'],
        [1999, 't'],
      ],
      15,
    ],
    [
      'half where several were throttled',
      [
        [0, 't'],
        [1000, 't'],
        [2000, 't'],
      ],
      7.5,
    ],
    [
      'half where more than a fifth was throttled',
      [
        [0, 't'],
        [1000, 't.......'],
        [2000, 't'],
      ],
      7.5,
    ],
    [
      'three quarters where a fifth was throttled',
      [
        [0, 't'],
        [1000, 't........'],
        [2000, 't'],
      ],
      11.25,
    ],
  ] as const)('is %s', async (_, steps, rps) => {
    expect(await after(...steps)).toBe(rps);
  });

  // Below a rate that is known to be safe it rises by 0.4 in a second, otherwise by 0.1.
  it.each([
    [
      'the safe rate, soon after the start',
      [
        [14_999, 't'],
        [15_999, '.'],
      ],
      15.4,
    ],
    [
      'a rate that is not known, after a time without throttles',
      [
        [15_000, 't'],
        [16_000, '.'],
      ],
      15.1,
    ],
    [
      'the safe rate, after fewer than a hundred calls',
      [
        [0, `${'.'.repeat(98)}t`],
        [1000, '.'],
      ],
      15.4,
    ],
    [
      'a rate that is not known, after a hundred calls',
      [
        [0, `${'.'.repeat(99)}t`],
        [1000, '.'],
      ],
      15.1,
    ],
    [
      'the safe rate, where the second throttle comes soon',
      [
        [20_000, 't'],
        [34_999, 't'],
        [35_999, '.'],
      ],
      11.65,
    ],
    [
      'a rate that is not known, where it comes late',
      [
        [20_000, 't'],
        [35_000, 't'],
        [36_000, '.'],
      ],
      11.35,
    ],
  ] as const)('rises to %s', async (_, steps, rps) => {
    expect(await after(...steps)).toBe(rps);
  });

  it('rises slowly above the safe rate, ten minutes later', async () => {
    const rising = [1, 2, 3].map((step) => [step * 2000, '.'] as const);
    expect(await after([0, 't'], ...rising)).toBe(16);
    expect(await after([0, 't'], ...rising, [599_999, '.'])).toBe(16);
    expect(await after([0, 't'], ...rising, [600_000, '.'])).toBe(16.2);
  });
});

describe('another ceiling', () => {
  /** When calls leave, after so many of them, with the ceiling set to another at a moment. */
  async function leaving(rps: number, calls: number, setAtMs: number, ceiling: number, more: number) {
    const clock = new FakeClock();
    const pace = new Pace(rps, clock);
    for (let call = 0; call < calls; call += 1) {
      const turn = pace.acquire();
      await clock.advance(1000 / rps);
      await turn;
    }
    await clock.advance(setAtMs - clock.monotonic());
    pace.ceiling = ceiling;
    const times: number[] = [];
    const turns = Array.from({ length: more }, () => pace.acquire().then(() => times.push(clock.monotonic())));
    await clock.advance(20_000);
    await Promise.all(turns);
    return times;
  }

  it.each([
    ['lower', 8, 8, 1000, 2, 1, [1750]],
    ['lower, after more calls than in a second', 8, 10, 1250, 2, 1, [2000]],
    ['higher, long before the next turn', 0.1, 1, 10_000, 10, 1, [10_000]],
  ] as const)('counts the calls of the last second: %s', async (_, rps, calls, setAt, ceiling, more, expected) => {
    expect(await leaving(rps, calls, setAt, ceiling, more)).toEqual(expected);
  });

  it('that is higher lets the next call go after its own interval, and not before', async () => {
    const clock = new FakeClock();
    const pace = new Pace(0.1, clock);
    await pace.acquire();
    await clock.advance(1000);
    pace.ceiling = 10;
    const left = pace.acquire().then(() => clock.monotonic());
    await clock.advance(2000);
    expect(await left).toBe(1100);
  });

  it('that is higher is used at once, as often as it allows', async () => {
    const times = await leaving(8, 10, 1250, 16, 12);
    expect(times.at(-1)).toBeLessThanOrEqual(1250 + 12 * 63);
  });

  it('that is the same changes nothing: nothing is sent for a second after a throttle', async () => {
    const clock = new FakeClock();
    const pace = new Pace(10, clock);
    pace.answered(true);
    pace.ceiling = 10;
    let sent = false;
    void pace.acquire().then(() => {
      sent = true;
    });
    await clock.advance(999);
    expect(sent).toBe(false);
    await clock.advance(1);
    expect(sent).toBe(true);
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

it('catches up on a delay of up to an interval, where intervals are long', async () => {
  const clock = new FakeClock();
  const lateBy = 400;
  const pace = new Pace(2, { ...clock, sleep: (ms, signal) => clock.sleep(ms + lateBy, signal) });
  const times: number[] = [];
  for (let call = 0; call < 3; call += 1) void pace.acquire().then(() => times.push(clock.monotonic()));
  await clock.advance(5000);
  expect(times).toEqual([0, 500 + lateBy, 1000 + lateBy]);
});

it('does not catch up on time in which nobody asked', async () => {
  const clock = new FakeClock();
  const pace = new Pace(10, clock);
  await pace.acquire();
  await clock.advance(10_000);
  const times: number[] = [];
  for (let call = 0; call < 4; call += 1) void pace.acquire().then(() => times.push(clock.monotonic()));
  await clock.advance(1000);
  expect(times).toEqual([10_000, 10_100, 10_200, 10_300]);
});
