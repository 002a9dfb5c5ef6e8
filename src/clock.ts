export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Time, handed in so that tests need not wait for it. */
export interface Clock {
  /** Milliseconds since the epoch, as `Date.now()`: what time it is. */
  now(): number;
  /**
   * Milliseconds since any fixed moment, as `performance.now()`: how much time has passed. It never goes back, whatever the
   * wall clock is set to. Default: derived from `now`, where a step of the wall clock in either direction counts as time
   * passed.
   */
  monotonic?(): number;
  /** Resolves after `ms`; rejects with the signal's reason when `signal` aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock & Required<Pick<Clock, 'monotonic'>> = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  // The global timer, so that an application's fake timers work here too.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};

/**
 * How much time has passed, by this clock. Every interval (age, backoff, cooldown, pace) is measured with it: a wall clock
 * that is wrong at boot and corrected later would stretch an interval by the size of the correction. Where a clock tells only
 * the time of day, a step in either direction counts as passed time: intervals may end early then, but never late.
 */
export function stopwatch(clock: Pick<Clock, 'now' | 'monotonic'>): () => number {
  if (clock.monotonic !== undefined) return clock.monotonic.bind(clock);
  let last = clock.now();
  let passed = 0;
  return () => {
    const now = clock.now();
    passed += Math.abs(now - last);
    last = now;
    return passed;
  };
}
