import { describe, expect, it } from 'vitest';
import { untilAborted, withTimeLimit } from '../src/time-limit.js';
import { FakeClock, settled } from './support/fake-clock.js';

const never = () => new Promise<never>(() => {});

/** A clock whose timers come late by what `lag` says. */
function lateClock(lag: () => number): FakeClock {
  const clock = new FakeClock();
  const { sleep } = clock;
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    clock.freeze(lag());
  };
  return clock;
}

describe('withTimeLimit', () => {
  it('answers what the task answers, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    expect(await withTimeLimit({ timeoutMs: 100, clock }, async () => 5)).toBe(5);
    const failing = withTimeLimit({ timeoutMs: 100, clock }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(clock.sleeping).toBe(0);
  });

  it('rejects with a TimeoutError, and tells the task to stop', async () => {
    const clock = new FakeClock();
    let signal: AbortSignal | undefined;
    const work = withTimeLimit({ timeoutMs: 100, clock }, (given) => {
      signal = given;
      return never();
    });
    work.catch(() => {});
    await clock.advance(99);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    await expect(work).rejects.toMatchObject({ name: 'TimeoutError', message: 'no answer within 100 ms' });
    expect(signal?.aborted).toBe(true);
  });

  it('ends with the signal that ends everything', async () => {
    const clock = new FakeClock();
    const ending = new AbortController();
    const limits = { timeoutMs: 100, clock, ending: ending.signal };
    const work = withTimeLimit(limits, never);
    ending.abort(new Error('closed'));
    await expect(work).rejects.toThrow('closed');
    await expect(withTimeLimit(limits, never)).rejects.toThrow('closed');
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    [60, 60],
    [3_600_000, 100],
  ])('gives back the %i ms for which the process stood still, up to the limit', async (lateMs, givenBackMs) => {
    const late = [lateMs];
    const clock = lateClock(() => late.shift() ?? 0);
    let state = 'waiting';
    withTimeLimit({ timeoutMs: 100, clock }, never).catch(() => {
      state = 'given up';
    });
    await clock.advance(100);
    await clock.advance(givenBackMs - 1);
    expect(state).toBe('waiting');
    await clock.advance(1);
    expect(state).toBe('given up');
  });

  it('is not stretched without end by an event loop that is always late', async () => {
    const clock = lateClock(() => 80);
    let gaveUp = false;
    withTimeLimit({ timeoutMs: 100, clock }, never).catch(() => {
      gaveUp = true;
    });
    for (let round = 0; round < 3; round += 1) await clock.advance(100);
    expect(gaveUp).toBe(true);
  });
});

describe('untilAborted', () => {
  const reason = new Error('gone');

  it('answers what comes before the abort', async () => {
    const limit = new AbortController();
    const answer = untilAborted(Promise.resolve('found'), limit.signal);
    await expect(answer).resolves.toBe('found');
    limit.abort(reason);
  });

  it.each(['before', 'after'])('rejects with the reason of an abort %s the call', async (when) => {
    const limit = new AbortController();
    if (when === 'before') limit.abort(reason);
    const answer = untilAborted(never(), limit.signal);
    limit.abort(reason);
    await expect(answer).rejects.toBe(reason);
  });

  it('gives an answer the time that it is told to', async () => {
    const limit = new AbortController();
    let giveUp = () => {};
    let fail = (_error: Error) => {};
    const failing = new Promise((_resolve, reject) => (fail = reject));
    const answer = untilAborted(failing, limit.signal, (callback) => (giveUp = callback));
    const rejection = expect(answer).rejects.toThrow('throttled');
    limit.abort(reason);
    fail(new Error('throttled'));
    await settled();
    giveUp();
    await rejection;
  });
});
