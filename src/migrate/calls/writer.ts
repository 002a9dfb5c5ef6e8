import type { Clock } from '../../clock.js';
import { DirectoryError, type DirectoryErrorKind, isThrottle } from '../../directory/user-types.js';
import { MigrationError } from '../migration-error.js';
import { Crew } from './crew.js';
import type { Gate } from './gate.js';
import type { Pace } from './pace.js';
import { MOST_FAILURES, Patience } from './patience.js';
import { asMigrationError, type CallCounts } from './repeated.js';

/** If this many users in a row are refused, the users are not the cause. */
const MOST_REFUSED = 25;

/** Failures that show that a change by someone else made the write unnecessary. */
const OVERTAKEN: readonly DirectoryErrorKind[] = ['user-not-found', 'group-not-found', 'group-exists'];

/** One write: how it is recorded, and how it is sent. */
export interface WriteJob {
  begin(): void;
  /** Called before each attempt. Returns why the write must not be sent any more, or `undefined` to send it. Default: always sent. */
  settled?(): Promise<Settled | undefined>;
  /** One attempt. */
  send(): Promise<void>;
  end(status: 'written' | 'failed' | 'skipped', error?: string): void;
  /** The write was begun and certainly had no effect. */
  cancel(): void;
}

/** Why the write must not be sent, and how that is recorded. */
export interface Settled {
  readonly status: 'written' | 'skipped' | 'failed';
  readonly reason?: string;
}

export interface WriterOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal?: AbortSignal | undefined;
  /** Shared by all calls of the run. */
  readonly patience?: Patience | undefined;
  /** Checked before each write. Default: always open. */
  readonly gate?: Gate | undefined;
  readonly concurrency: number;
  /** The writer stops after this many successful writes. */
  readonly maxWrites: number;
  /** The next write; `undefined` when there is none left. Called concurrently. */
  readonly next: () => Promise<WriteJob | undefined> | WriteJob | undefined;
  /** Called when the pool refuses a write's parameters. Returns the error that concerns every write, or `undefined`. */
  readonly whyInvalid: () => Promise<Error | undefined>;
  readonly onProgress: () => void;
  readonly random?: () => number;
}

/** The results of a writer's jobs. */
export interface WriteCounts extends CallCounts {
  written: number;
  failed: number;
  skipped: number;
  inFlight: number;
}

/**
 * Carries out writes concurrently, and records each one before and after. Ends when no write is left, when the signal aborts, or
 * at the first failure that concerns all writes. Writes in flight are always awaited and recorded.
 */
export class Writer {
  readonly counts: WriteCounts = { written: 0, failed: 0, skipped: 0, inFlight: 0, attempts: 0, throttled: 0 };
  readonly #options: WriterOptions;
  readonly #crew: Crew;
  readonly #patience: Patience;
  #refusedInARow = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    const { signal, clock, random } = options;
    this.#patience = options.patience ?? Patience.ofOneCall(clock, random);
    this.#crew = new Crew(signal);
  }

  /** @throws the failure that concerns all writes, or the signal's reason */
  async run(): Promise<void> {
    try {
      await this.#crew.work(this.#options.concurrency, () => this.#nextWrite());
    } catch (error) {
      throw asMigrationError(error);
    }
  }

  /** Returns false if no write is left. */
  async #nextWrite(): Promise<boolean> {
    if (this.counts.written + this.counts.inFlight >= this.#options.maxWrites) return false;
    // Counted before the job is known, because other workers ask at the same time.
    this.counts.inFlight += 1;
    try {
      // A write that has to wait is neither looked up nor begun.
      await this.#options.gate?.pass(this.#crew.signal);
      const job = await this.#options.next();
      if (job === undefined) return false;
      job.begin();
      await this.#carryOut(job);
    } finally {
      this.counts.inFlight -= 1;
    }
    this.#options.onProgress();
    return true;
  }

  async #carryOut(job: WriteJob): Promise<void> {
    let writtenAtFirst = 0;
    let writtenAtLast = 0;
    for (const trouble = this.#patience.trouble(); ; ) {
      let settled: Settled | undefined;
      try {
        // Checked before taking a turn that another write could use, and again after waiting for the turn.
        settled = await job.settled?.();
        if (settled === undefined) {
          await this.#moment();
          settled = await job.settled?.();
        }
      } catch (error) {
        if (trouble.failures === 0) job.cancel();
        throw error;
      }
      if (settled !== undefined) return this.#end(job, settled.status, settled.reason);
      const failure = await this.#attempt(job);
      if (failure === undefined) return this.#end(job, 'written');
      if (!this.#patience.mayPass(failure)) return this.#refused(job, failure, trouble.failures > 0);
      const pause = trouble.pauseAfter(failure);
      if (trouble.failures === 1) writtenAtFirst = this.counts.written;
      if (trouble.failures >= MOST_FAILURES) {
        // Other writes succeeded and this one did not: the problem is this user, whom the next run tries again.
        const othersFail = this.counts.written === writtenAtLast && this.counts.inFlight > 1;
        const alone = !isThrottle(failure) && this.counts.written > writtenAtFirst && !othersFail;
        if (alone) return this.#end(job, 'failed', failure.exception);
      }
      if (pause === undefined) throw failure;
      writtenAtLast = this.counts.written;
      await this.#options.clock.sleep(pause, this.#crew.signal);
    }
  }

  /** Resolves when one attempt may be sent. After a closed gate, takes another turn, because other writes waited at the gate as well. */
  async #moment(): Promise<void> {
    const { pace, gate } = this.#options;
    do await pace.acquire(this.#crew.signal);
    while ((await gate?.pass(this.#crew.signal)) === true);
  }

  async #attempt(job: WriteJob): Promise<DirectoryError | undefined> {
    const { pace } = this.#options;
    this.counts.attempts += 1;
    try {
      await this.#patience.watch(() => job.send());
      pace.answered(false);
      return undefined;
    } catch (error) {
      pace.answered(isThrottle(error));
      if (isThrottle(error)) this.counts.throttled += 1;
      if (!(error instanceof DirectoryError)) throw error;
      return error;
    }
  }

  async #refused(job: WriteJob, failure: DirectoryError, mayHaveArrived: boolean): Promise<void> {
    if (OVERTAKEN.includes(failure.kind)) return this.#end(job, 'skipped', failure.exception);
    const common = failure.kind === 'invalid' ? await this.#options.whyInvalid() : failure;
    if (common !== undefined) {
      // An earlier attempt without an answer may have been carried out: the job then stays begun, and the next run repeats it.
      if (!mayHaveArrived) job.cancel();
      throw common;
    }
    this.#end(job, 'failed', failure.exception);
    this.#refusedInARow += 1;
    if (this.#refusedInARow < MOST_REFUSED) return;
    throw new MigrationError('ERR_POOL', `${MOST_REFUSED} users in a row were refused: ${failure.message}`, {
      fix: 'Find out why, then run the same command again: it retries them.',
      cause: failure,
    });
  }

  #end(job: WriteJob, status: 'written' | 'failed' | 'skipped', error?: string): void {
    job.end(status, error);
    this.counts[status] += 1;
    if (status === 'written') this.#refusedInARow = 0;
  }
}
