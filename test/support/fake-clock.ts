import type { Clock } from '../../src/clock.js';

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #wallOffset: number;
  #passed = 0;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs: number = Date.UTC(2026, 0, 15, 12)) {
    this.#wallOffset = startMs;
  }

  now = (): number => this.#wallOffset + this.#passed;

  monotonic = (): number => this.#passed;

  /** Sets the wall clock forward or, with a negative number, back. No time passes. */
  setWallClock(byMs: number): void {
    this.#wallOffset += byMs;
  }

  /** Lets `ms` pass in which nothing runs, as in a process that is stopped. */
  freeze(ms: number): void {
    this.#passed += ms;
  }

  /** Seconds since the epoch, as tokens count. */
  get seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** How many wait in `sleep`. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakeAt: this.#passed + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
    });

  /** Lets `ms` pass: wakes everybody whose time comes, in order, each with all that follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#passed + ms;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#passed = Math.max(this.#passed, next.wakeAt);
      next.wake();
      await settled();
    }
    this.#passed = Math.max(this.#passed, end);
    await settled();
  }

  #next(until: number): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const sleeper of this.#sleepers) {
      if (sleeper.wakeAt <= until && (first === undefined || sleeper.wakeAt < first.wakeAt)) first = sleeper;
    }
    return first;
  }
}

/** Resolves once all promises that can go on without time or I/O have done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
