import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withTimeLimit } from '../../src/verify/time-limit.js';

const never = () => new Promise<never>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** The process stands still: time passes, and no timer runs until it goes on. */
function freeze(ms: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + ms);
}

describe('withTimeLimit', () => {
  it('answers what the task answers, and leaves no timer behind', async () => {
    expect(await withTimeLimit(100, 'it', async () => 5)).toBe(5);
    await expect(withTimeLimit(100, 'it', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects with a TimeoutError, and tells the task to stop', async () => {
    let signal: AbortSignal | undefined;
    const work = withTimeLimit(100, 'the store', (given) => {
      signal = given;
      return never();
    });
    work.catch(() => {});
    await vi.advanceTimersByTimeAsync(99);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await expect(work).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'the store did not answer within 100 ms',
    });
    expect(signal?.aborted).toBe(true);
  });

  it('ends with the signal that ends everything', async () => {
    const ending = new AbortController();
    const work = withTimeLimit(100, 'it', never, ending.signal);
    ending.abort(new Error('closed'));
    await expect(work).rejects.toThrow('closed');
    await expect(withTimeLimit(100, 'it', never, ending.signal)).rejects.toThrow('closed');
  });

  it('gives back the time in which the process stood still, up to the limit', async () => {
    for (const [frozenMs, extraMs] of [
      [60, 60],
      [3_600_000, 100],
    ] as const) {
      let state = 'waiting';
      withTimeLimit(100, 'it', never).catch(() => {
        state = 'given up';
      });
      freeze(frozenMs);
      await vi.advanceTimersByTimeAsync(100 + extraMs - 1);
      expect(state).toBe('waiting');
      await vi.advanceTimersByTimeAsync(1);
      expect(state).toBe('given up');
      vi.restoreAllMocks();
    }
  });

  it('is not stretched without end by an event loop that is always late', async () => {
    const real = performance.now.bind(performance);
    let lag = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => {
      lag += 80;
      return real() + lag;
    });
    let gaveUp = false;
    withTimeLimit(100, 'it', never).catch(() => {
      gaveUp = true;
    });
    await vi.advanceTimersByTimeAsync(200);
    expect(gaveUp).toBe(true);
  });
});
