import { type Clock, systemClock } from '../../../src/clock.js';

/** The system's clock, on which intervals pass so many times as fast, and whose time of day a test sets. */
export class QuickClock implements Clock {
  readonly #speed: number;
  #wallOffset = 0;

  constructor(speed: number) {
    this.#speed = speed;
  }

  now = (): number => systemClock.now() + this.#wallOffset;

  monotonic = (): number => performance.now() * this.#speed;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> => systemClock.sleep(ms / this.#speed, signal);

  /** Sets the time of day forward or, with a negative number, back. */
  setWallClock(byMs: number): void {
    this.#wallOffset += byMs;
  }
}
