import { type Clock, stopwatch } from '../../clock.js';

/** Delays of up to this are caught up on, so that a busy process or a slow disk does not lower the rate. */
const MOST_LATE_MS = 250;

/** The share of the rate that remains after throttling. `KEPT_OF_MANY` applies if the share of throttled calls exceeds `MANY`. */
const KEPT = 0.75;
const KEPT_OF_MANY = 0.5;
const MANY = 0.2;

/** Pause after a throttled call: the quota is used up, and the account's own users get what becomes free. */
const HELD_MS = 1000;

/** After the rate is lowered, answers to earlier calls arrive for this long. They say nothing about the lower rate. */
const JUDGED_MS = 2000;

/** Shares of the ceiling that are regained per second without throttling: below the safe rate, and above it. */
const REGAINED = 0.02;
const TRIED = 0.005;

/** The rate never falls below this share of the ceiling. */
const LEAST_SHARE = 0.05;

/** A throttled rate is not tried again for this long. This share of it is considered safe. */
const REMEMBERED_MS = 10 * 60_000;
const SAFE_SHARE = 0.8;

/** A throttled call after this many calls or this much time is due to a burst by others. It says nothing about the safe rate. */
const BURST_CALLS = 100;
const BURST_MS = 15_000;

/** The longest sleep of a waiting call, so that it notices a changed rate. */
const NAP_MS = 1000;

/**
 * Lets calls through at even intervals, in the order in which they ask. The ceiling is never exceeded by more than one call in
 * any second; below it, the pace follows what the pool accepts. The quota is shared with the account's own users, and every
 * throttled call is a sign that theirs fail as well: the rate drops at once, rises slowly, and stays for some minutes below a
 * rate at which one call in a hundred was throttled.
 */
export class Pace {
  readonly #clock: Clock;
  /** Monotonic: changing the system time during a run must neither stop the calls nor bunch them. */
  readonly #passed: () => number;
  #ceiling: number;
  #rate: number;
  #next = Number.NEGATIVE_INFINITY;
  /** When the last calls were let through, one fewer than allowed per second: a call may be sent slightly later than that. */
  #recent: number[];
  #oldest = 0;
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  /** When the rate was last lowered or raised. */
  #loweredAt = Number.NEGATIVE_INFINITY;
  #raisedAt: number;
  readonly #startedAt: number;
  /** Calls since the rate was last lowered. */
  #answered = 0;
  #throttled = 0;
  /** The maximum to which the rate rises, for a limited time. */
  #safe: { readonly rps: number; readonly until: number } | undefined;

  constructor(rps: number, clock: Clock) {
    this.#clock = clock;
    this.#passed = stopwatch(clock);
    this.#ceiling = rps;
    this.#rate = rps;
    this.#recent = new Array(Math.ceil(rps)).fill(Number.NEGATIVE_INFINITY);
    this.#startedAt = this.#passed();
    this.#raisedAt = this.#startedAt;
  }

  /** Current calls per second. */
  get rps(): number {
    return this.#rate;
  }

  /** Resolves when one call may be sent. Rejects with the signal's reason; the next caller then gets the turn. */
  acquire(signal?: AbortSignal): Promise<void> {
    // No call was waiting, so unused time is not caught up on.
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

  /** The maximum number of calls per second, effective immediately. */
  set ceiling(rps: number) {
    if (rps === this.#ceiling) return;
    // A rate that throttling lowered is not raised. An unthrottled rate follows the ceiling at once.
    this.#rate = this.#rate === this.#ceiling ? rps : Math.min(this.#rate, rps);
    this.#ceiling = rps;
    const recent = [...this.#recent.slice(this.#oldest), ...this.#recent.slice(0, this.#oldest)];
    const size = Math.ceil(rps);
    const none: number[] = new Array(Math.max(0, size - recent.length)).fill(Number.NEGATIVE_INFINITY);
    this.#recent = [...none, ...recent.slice(-size)];
    this.#oldest = 0;
    this.#next = Math.min(this.#next, this.#passed() + 1000 / this.#rate);
  }

  /** Must be called with the outcome of each call that was sent. */
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
    // Time without calls proves nothing about the rate.
    const proven = Math.min(now - this.#raisedAt, JUDGED_MS);
    this.#raisedAt = now;
    if (this.#rate >= this.#ceiling) return;
    const isKnown = this.#safe !== undefined && this.#rate < this.#safe.rps;
    const raised = this.#rate + (this.#ceiling * (isKnown ? REGAINED : TRIED) * proven) / 1000;
    this.#rate = Math.max(this.#rate, Math.min(this.#safeAt(now), raised));
  }

  /** The maximum to which the rate rises. */
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
    const interval = 1000 / this.#rate;
    const most = Math.max(MOST_LATE_MS, interval);
    this.#next = Math.max(this.#next, this.#passed() - most) + interval;
  }

  /** When one more call no longer exceeds the limit per second. */
  get #window(): number {
    return (this.#recent[this.#oldest] ?? Number.NEGATIVE_INFINITY) + 1000;
  }

  #untilNext(): number {
    return Math.max(this.#next, this.#window) - this.#passed();
  }
}
