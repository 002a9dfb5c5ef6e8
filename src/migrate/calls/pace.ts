import { type Clock, stopwatch } from '../../clock.js';

/** How late calls may be and still be made up for: a busy process or a slow disk then costs no speed. */
const MOST_LATE_MS = 250;

/** Share of throttled calls that is taken for chance; above it the quota is used up by somebody. */
const TOLERATED_SHARE = 0.2;

/** Calls and time the share is judged over. */
const JUDGED_CALLS = 10;
const JUDGED_MS = 2000;

/** How much of the ceiling is regained per judgement without throttling, and the least that is kept. */
const REGAINED = 0.1;
const LEAST_SHARE = 0.05;

/**
 * Hands out the moments at which calls may be sent, evenly spaced and in the order asked for. The ceiling is never exceeded by
 * more than one call in any second; below it, the pace follows what the pool lets through. The quota is shared with the
 * account's own users, so throttling is a sign to make room, not to try harder.
 */
export class Pace {
  readonly #clock: Clock;
  /** Never the time of day: a clock that is set during a run neither stops the calls nor bunches them. */
  readonly #passed: () => number;
  readonly #ceiling: number;
  #rate: number;
  #next = Number.NEGATIVE_INFINITY;
  #interval: number;
  /** The last moments handed out, one less than may lie within a second: a call may leave a little after its moment. */
  readonly #recent: number[];
  #oldest = 0;
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  #judgedFrom: number;
  #answered = 0;
  #throttled = 0;

  constructor(rps: number, clock: Clock) {
    this.#clock = clock;
    this.#passed = stopwatch(clock);
    this.#ceiling = rps;
    this.#rate = rps;
    this.#recent = new Array(Math.ceil(rps)).fill(Number.NEGATIVE_INFINITY);
    this.#interval = 1000 / rps;
    this.#judgedFrom = this.#passed();
  }

  /** Calls per second at present. */
  get rps(): number {
    return this.#rate;
  }

  /** Resolves when one call may be sent. Rejects with the signal's reason; the moment is then left to the next. */
  acquire(signal?: AbortSignal): Promise<void> {
    // Nobody waited: a moment that went by unused is not one to make up for.
    if (this.#waiting === 0) this.#next = Math.max(this.#next, this.#passed());
    this.#waiting += 1;
    const turn = this.#turn.then(() => this.#wait(signal));
    this.#turn = turn
      .catch(() => undefined)
      .then(() => {
        this.#waiting -= 1;
      });
    return turn;
  }

  /** To be told how each call that was sent ended. */
  answered(throttled: boolean): void {
    this.#answered += 1;
    if (throttled) this.#throttled += 1;
    const elapsed = this.#passed() - this.#judgedFrom;
    if (elapsed < JUDGED_MS || this.#answered < JUDGED_CALLS) return;
    const share = this.#throttled / this.#answered;
    this.#rate =
      share > TOLERATED_SHARE
        ? Math.max(this.#ceiling * LEAST_SHARE, this.#rate * Math.max(0.5, 1 - share))
        : Math.min(this.#ceiling, this.#rate + this.#ceiling * REGAINED);
    this.#judgedFrom = this.#passed();
    this.#answered = 0;
    this.#throttled = 0;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    for (let wait = this.#untilNext(); wait > 0; wait = this.#untilNext()) {
      await this.#clock.sleep(Math.ceil(wait), signal);
    }
    this.#recent[this.#oldest] = this.#passed();
    this.#oldest = (this.#oldest + 1) % this.#recent.length;
    this.#interval = 1000 / this.#rate;
    const most = Math.max(MOST_LATE_MS, this.#interval);
    this.#next = Math.max(this.#next, this.#passed() - most) + this.#interval;
  }

  /** From when on one more call does not exceed what may lie within a second. */
  get #window(): number {
    return (this.#recent[this.#oldest] ?? Number.NEGATIVE_INFINITY) + 1000;
  }

  #untilNext(): number {
    return Math.max(this.#next, this.#window) - this.#passed();
  }
}
