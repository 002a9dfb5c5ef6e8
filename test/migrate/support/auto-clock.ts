import type { Clock } from '../../../src/clock.js';

interface Sleeper {
  readonly wakeAt: number;
  readonly wake: () => void;
}

/** A clock on which time passes by itself, as soon as everybody waits for it: hours take milliseconds. */
export class AutoClock implements Clock {
  #wallOffset = Date.UTC(2026, 0, 15, 12);
  #passed = 0;
  readonly #sleepers: Sleeper[] = [];
  #pumping = false;

  now = (): number => this.#wallOffset + this.#passed;

  monotonic = (): number => this.#passed;

  /** Sets the wall clock forward or, with a negative number, back. No time passes. */
  setWallClock(byMs: number): void {
    this.#wallOffset += byMs;
  }

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakeAt: this.#passed + ms,
        wake: () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
      this.#pump();
    });

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      let first: Sleeper | undefined;
      for (const sleeper of this.#sleepers) if (first === undefined || sleeper.wakeAt < first.wakeAt) first = sleeper;
      if (first === undefined) return;
      this.#sleepers.splice(this.#sleepers.indexOf(first), 1);
      this.#passed = Math.max(this.#passed, first.wakeAt);
      first.wake();
      if (this.#sleepers.length > 0) this.#pump();
    });
  }
}
