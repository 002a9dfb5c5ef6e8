import { type Clock, stopwatch } from '../../clock.js';

/** How late calls may be and still be made up for: a busy process or a slow disk then costs no speed. */
const MOST_LATE_MS = 250;

/** What a throttled call leaves of the rate; where more than a few calls were throttled since the last time, the second. */
const KEPT = 0.75;
const KEPT_OF_MANY = 0.5;
const MANY = 0.2;

/** Nothing is sent for so long after a throttled call: the quota is empty, and what becomes free is for the account's own users. */
const HELD_MS = 1000;

/** Calls that were sent before the rate was lowered are answered until then, and say nothing about the lower rate. */
const JUDGED_MS = 2000;

/** Shares of the ceiling: what is regained in a second without throttling, up to the rate that is safe and above it. */
const REGAINED = 0.02;
const TRIED = 0.005;

/** The share of the ceiling that is kept, whatever is throttled. */
const LEAST_SHARE = 0.05;

/** A rate that was throttled is not tried again for so long; up to this share of it is taken to be safe. */
const REMEMBERED_MS = 10 * 60_000;
const SAFE_SHARE = 0.8;

/** One throttled call among more than so many, or in so long, was a burst of others: it says nothing of the rate that is safe. */
const BURST_CALLS = 100;
const BURST_MS = 15_000;

/** The longest nap of a waiting call: a rate that is changed in between counts from then on. */
const NAP_MS = 1000;

/**
 * Hands out the moments at which calls may be sent, evenly spaced and in the order asked for. The ceiling is never exceeded by
 * more than one call in any second; below it, the pace follows what the pool lets through. The quota is shared with the
 * account's own users, and every throttled call is a sign that theirs fail as well: the rate sinks at once, rises slowly, and
 * stays for some minutes below a rate at which one call in a hundred was throttled.
 */
export class Pace {
  readonly #clock: Clock;
  /** Never the time of day: setting the clock during a run must neither stop the calls nor bunch them. */
  readonly #passed: () => number;
  #ceiling: number;
  #rate: number;
  #next = Number.NEGATIVE_INFINITY;
  #interval: number;
  /** The last moments handed out, one less than may lie within a second: a call may leave a little after its moment. */
  #recent: number[];
  #oldest = 0;
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  /** When the rate was last lowered or raised. */
  #loweredAt = Number.NEGATIVE_INFINITY;
  #raisedAt: number;
  readonly #startedAt: number;
  /** Of the calls answered since it was lowered. */
  #answered = 0;
  #throttled = 0;
  /** The rate up to which it rises, for a limited time. */
  #safe: { readonly rps: number; readonly until: number } | undefined;

  constructor(rps: number, clock: Clock) {
    this.#clock = clock;
    this.#passed = stopwatch(clock);
    this.#ceiling = rps;
    this.#rate = rps;
    this.#recent = new Array(Math.ceil(rps)).fill(Number.NEGATIVE_INFINITY);
    this.#interval = 1000 / rps;
    this.#startedAt = this.#passed();
    this.#raisedAt = this.#startedAt;
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

  /** From now on so many calls per second at most. */
  set ceiling(rps: number) {
    if (rps === this.#ceiling) return;
    // What throttling took stays taken; a rate that was free follows at once.
    this.#rate = this.#rate === this.#ceiling ? rps : Math.min(this.#rate, rps);
    this.#ceiling = rps;
    const recent = [...this.#recent.slice(this.#oldest), ...this.#recent.slice(0, this.#oldest)];
    const size = Math.ceil(rps);
    const none: number[] = new Array(Math.max(0, size - recent.length)).fill(Number.NEGATIVE_INFINITY);
    this.#recent = [...none, ...recent.slice(-size)];
    this.#oldest = 0;
    this.#interval = 1000 / this.#rate;
    this.#next = Math.min(this.#next, this.#passed() + this.#interval);
  }

  /** To be told how each call that was sent ended. */
  answered(throttled: boolean): void {
    this.#answered += 1;
    if (throttled) this.#throttled += 1;
    if (throttled) this.#lower();
    else this.#raise();
  }

  #lower(): void {
    const now = this.#passed();
    this.#raisedAt = now;
    this.#next = Math.max(this.#next, now + HELD_MS);
    if (now - this.#loweredAt < JUDGED_MS) return;
    const kept = this.#throttled / this.#answered > MANY && this.#throttled > 1 ? KEPT_OF_MANY : KEPT;
    if (this.#answered < BURST_CALLS && now - Math.max(this.#loweredAt, this.#startedAt) < BURST_MS) {
      this.#safe = { rps: this.#rate * SAFE_SHARE, until: now + REMEMBERED_MS };
    }
    this.#rate = Math.max(this.#ceiling * LEAST_SHARE, this.#rate * kept);
    this.#loweredAt = now;
    this.#answered = 0;
    this.#throttled = 0;
  }

  #raise(): void {
    const now = this.#passed();
    // Time in which nothing was asked for proves nothing.
    const proven = Math.min(now - this.#raisedAt, JUDGED_MS);
    this.#raisedAt = now;
    if (this.#rate >= this.#ceiling) return;
    const isKnown = this.#safe !== undefined && this.#rate < this.#safe.rps;
    const raised = this.#rate + (this.#ceiling * (isKnown ? REGAINED : TRIED) * proven) / 1000;
    this.#rate = Math.max(this.#rate, Math.min(this.#safeAt(now), raised));
  }

  /** The rate up to which it rises. */
  #safeAt(now: number): number {
    return this.#safe !== undefined && now < this.#safe.until ? Math.min(this.#safe.rps, this.#ceiling) : this.#ceiling;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    for (let wait = this.#untilNext(); wait > 0; wait = this.#untilNext()) {
      await this.#clock.sleep(Math.min(NAP_MS, Math.ceil(wait)), signal);
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
