import { type Clock, stopwatch } from '../clock.js';

/**
 * Stops asking a source that keeps failing: opens after `failuresToOpen` failures in a row, refuses for `openMs`, then lets
 * one call at a time through as a probe until one succeeds.
 */
export class Breaker {
  readonly #failuresToOpen: number;
  readonly #openMs: number;
  readonly #passedMs: () => number;
  #failures = 0;
  #openUntil = 0;
  #probing = false;
  /** How often it has opened. Outcomes of calls that began before the last time no longer count. */
  #openings = 0;

  constructor(failuresToOpen: number, openMs: number, clock: Pick<Clock, 'now' | 'monotonic'>) {
    this.#failuresToOpen = failuresToOpen;
    this.#openMs = openMs;
    this.#passedMs = stopwatch(clock);
  }

  /** Milliseconds after which a call may be tried, or 0 when one may be tried now. */
  get refusesForMs(): number {
    if (!this.isOpen) return 0;
    const left = this.#openUntil - this.#passedMs();
    // While a probe is under way, its answer is expected soon; nothing more is known.
    return left > 0 ? left : this.#probing ? 1 : 0;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#failuresToOpen;
  }

  /** Must be called before each call that is not refused. Its result must be passed on with the outcome of the call. */
  started(): number {
    this.#probing = this.isOpen;
    return this.#openings;
  }

  succeeded(startedIn = this.#openings): void {
    if (startedIn !== this.#openings) return;
    this.#failures = 0;
    this.#probing = false;
  }

  failed(startedIn = this.#openings): void {
    if (startedIn !== this.#openings) return;
    this.#failures += 1;
    this.#probing = false;
    if (!this.isOpen) return;
    this.#openUntil = this.#passedMs() + this.#openMs;
    this.#openings += 1;
  }

  /** The call ended and tells nothing about the source. */
  abandoned(startedIn = this.#openings): void {
    if (startedIn === this.#openings) this.#probing = false;
  }
}
