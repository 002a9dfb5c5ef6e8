import { type Clock, stopwatch } from '../clock.js';
import type { CutoverError } from '../errors.js';
import { unavailable } from './resolver.js';

export interface GateLimits {
  /** How many may be inside at once. */
  readonly maxConcurrent: number;
  /** How many may enter per second; as many as `maxConcurrent` may enter at once after a pause. `null`: any number. */
  readonly maxPerSecond: number | null;
  /** How many may wait; the next one is turned away. */
  readonly maxWaiting: number;
}

interface Waiter {
  readonly enter: () => void;
  readonly turnAway: (error: unknown) => void;
}

/** Lets callers in one after the other, no more at once and no faster than its limits say. */
export class Gate {
  readonly #limits: GateLimits;
  readonly #clock: Clock;
  readonly #passedMs: () => number;
  readonly #waiting = new Set<Waiter>();
  #inside = 0;
  /** When the pace would allow the next one if there were no burst. */
  #dueAt = 0;
  #sleeping = false;

  constructor(limits: GateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#passedMs = stopwatch(clock);
  }

  /**
   * Resolves when the caller is inside, and must call {@link leave} later. Rejects when too many wait already, when turned
   * away, and when `signal` aborts.
   */
  enter(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(waiter);
        reject(signal.reason);
      };
      const end = (settle: () => void) => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', stop);
        settle();
      };
      const waiter: Waiter = { enter: () => end(resolve), turnAway: (error) => end(() => reject(error)) };
      if (signal.aborted) {
        stop();
        return;
      }
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.add(waiter);
      this.#admit();
      if (this.#waiting.size > this.#limits.maxWaiting) waiter.turnAway(this.#full());
    });
  }

  leave(): void {
    this.#inside -= 1;
    this.#admit();
  }

  /** Turns away everybody who waits. */
  dismiss(error: unknown): void {
    for (const waiter of this.#waiting) waiter.turnAway(error);
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (this.#inside >= this.#limits.maxConcurrent) return;
      const waitMs = this.#waitMs();
      if (waitMs > 0) {
        this.#admitIn(waitMs);
        return;
      }
      this.#inside += 1;
      waiter.enter();
    }
  }

  /** Milliseconds until the pace allows the next one; 0 counts it as let in. */
  #waitMs(): number {
    const { maxConcurrent, maxPerSecond } = this.#limits;
    if (maxPerSecond === null) return 0;
    const intervalMs = 1000 / maxPerSecond;
    const now = this.#passedMs();
    const dueAt = Math.max(this.#dueAt, now);
    const waitMs = dueAt - now - (maxConcurrent - 1) * intervalMs;
    if (waitMs > 0) return Math.ceil(waitMs);
    this.#dueAt = dueAt + intervalMs;
    return 0;
  }

  #full(): CutoverError {
    const { maxPerSecond, maxWaiting } = this.#limits;
    const seconds = maxPerSecond === null ? 1 : Math.max(1, Math.ceil(maxWaiting / maxPerSecond));
    return unavailable(new Error('too many lookups are waiting'), seconds);
  }

  #admitIn(ms: number): void {
    if (this.#sleeping) return;
    this.#sleeping = true;
    void this.#clock.sleep(ms).then(() => {
      this.#sleeping = false;
      this.#admit();
    });
  }
}
