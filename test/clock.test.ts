import { expect, test } from 'vitest';
import { stopwatch, systemClock } from '../src/clock.js';
import { FakeClock } from './support/fake-clock.js';

test('the system clock measures intervals without looking at the wall clock', () => {
  const passed = stopwatch(systemClock);
  const before = performance.now();
  expect(passed()).toBeGreaterThanOrEqual(before);
});

test('a clock that measures intervals itself is believed', async () => {
  const clock = new FakeClock();
  const passed = stopwatch(clock);
  const started = passed();
  clock.setWallClock(-86_400_000);
  await clock.advance(1_000);
  expect(passed() - started).toBe(1_000);
});

test('of a clock that only tells the time of day, a step counts as time passed, whichever way it goes', () => {
  let now = 5_000_000;
  const passed = stopwatch({ now: () => now });
  const started = passed();
  now += 1_000;
  expect(passed() - started).toBe(1_000);
  now -= 4_000_000;
  expect(passed() - started).toBe(4_001_000);
  now += 500;
  expect(passed() - started).toBe(4_001_500);
});

test('sleeping ends with the time, or with the signal and its reason', async () => {
  await systemClock.sleep(1);
  await systemClock.sleep(1, new AbortController().signal);
  const reason = new Error('enough');
  await expect(systemClock.sleep(1_000_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  const stop = new AbortController();
  const asleep = systemClock.sleep(1_000_000, stop.signal);
  stop.abort(reason);
  await expect(asleep).rejects.toBe(reason);
});
