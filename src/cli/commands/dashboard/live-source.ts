import { type Clock, stopwatch } from '../../../clock.js';
import { withTimeLimit } from '../../../time-limit.js';

/** What is known of a source: what was last read of it, and why it cannot be read now. Times are milliseconds since the epoch. */
export interface Reading<T> {
  readonly value?: T;
  /** When `value` was read. */
  readonly readAt?: number;
  readonly problem?: Problem;
}

/** Why a source cannot be read. */
export interface Problem {
  /** For people, with what to do. */
  readonly text: string;
  readonly since: number;
  /** It is not an error: there is nothing to read yet. */
  readonly isAwaited: boolean;
  /** What was read before has lost its meaning, for example because the file is gone. */
  readonly isGone: boolean;
}

export interface LiveSourceOptions<T> {
  readonly everyMs: number;
  readonly read: (signal: AbortSignal) => Promise<T>;
  readonly explain: (error: unknown) => Omit<Problem, 'since'>;
  readonly clock: Clock;
  /** Called when something changed for a reader, and not when it is only newer. */
  readonly onChange: () => void;
}

/** A store that does not answer for so long counts as failing. */
const LIMIT_MS = 10_000;
/** A reading that takes long is repeated less often: this part of the time at most is spent on it. */
const SHARE_OF_TIME = 0.2;

/** Something that is read again and again while somebody looks. It never rejects: a failure is a part of what is known. */
export class LiveSource<T> {
  #reading: Reading<T> = {};
  #said = '';
  #underWay: Promise<void> | undefined;
  #readAtPassed = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  readonly #options: LiveSourceOptions<T>;
  readonly #passed: () => number;

  constructor(options: LiveSourceOptions<T>) {
    this.#options = options;
    this.#passed = stopwatch(options.clock);
  }

  get reading(): Reading<T> {
    return this.#reading;
  }

  /** Reads, unless that was done a moment ago. All who ask meanwhile share one reading. */
  async refresh(): Promise<void> {
    if (this.#passed() - this.#readAtPassed < this.#pauseMs) return;
    this.#underWay ??= this.#read().finally(() => {
      this.#underWay = undefined;
    });
    await this.#underWay;
  }

  /** Reads until nobody looks any more. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.refresh();
      // Not less than a moment: a clock that was stopped must not make this a busy loop.
      const leftMs = Math.max(50, this.#pauseMs - (this.#passed() - this.#readAtPassed));
      await this.#options.clock.sleep(leftMs, signal).catch(() => {});
    }
  }

  get #pauseMs(): number {
    return Math.max(this.#options.everyMs, this.#tookMs / SHARE_OF_TIME);
  }

  async #read(): Promise<void> {
    const { read, explain, clock, onChange } = this.#options;
    const began = this.#passed();
    const { problem: before, ...last } = this.#reading;
    try {
      const value = await withTimeLimit({ timeoutMs: LIMIT_MS, clock }, read);
      this.#reading = { value, readAt: clock.now() };
    } catch (error) {
      const problem = explain(error);
      const since = before?.text === problem.text ? before.since : clock.now();
      this.#reading = { ...(problem.isGone ? {} : last), problem: { ...problem, since } };
    }
    this.#readAtPassed = this.#passed();
    this.#tookMs = this.#readAtPassed - began;
    const says = JSON.stringify([this.#reading.value, this.#reading.problem]);
    if (says === this.#said) return;
    this.#said = says;
    onChange();
  }
}
