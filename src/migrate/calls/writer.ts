import type { Clock } from '../../clock.js';
import { DirectoryError, type DirectoryErrorKind, isThrottle } from '../../directory/user-types.js';
import { MigrationError } from '../migration-error.js';
import { Crew } from './crew.js';
import type { Gate } from './gate.js';
import type { Pace } from './pace.js';
import { MOST_FAILURES, Patience } from './patience.js';
import { asMigrationError, type CallCounts } from './repeated.js';

/** If so many users in a row are refused, the cause is not the users. */
const MOST_REFUSED = 25;

/** Others have done something in the meantime that leaves nothing to do. */
const OVERTAKEN: readonly DirectoryErrorKind[] = ['user-not-found', 'group-not-found', 'group-exists'];

/** One write: how it is recorded, and how it is sent. */
export interface WriteJob {
  begin(): void;
  /** Looked at before each attempt: why nothing is to be sent any more; `undefined` to send it. Default: always sent. */
  settled?(): Promise<Settled | undefined>;
  /** One attempt. */
  send(): Promise<void>;
  end(status: 'written' | 'failed' | 'skipped', error?: string): void;
  /** Begun, and certainly without effect. */
  cancel(): void;
}

/** Why nothing is to be sent, and how that is recorded. */
export interface Settled {
  readonly status: 'written' | 'skipped' | 'failed';
  readonly reason?: string;
}

export interface WriterOptions {
  readonly clock: Clock;
  readonly pace: Pace;
  readonly signal?: AbortSignal | undefined;
  /** The run's. */
  readonly patience?: Patience | undefined;
  /** Asked before each write. Default: it is open. */
  readonly gate?: Gate | undefined;
  readonly concurrency: number;
  /** Stop after so many writes that were carried out. */
  readonly maxWrites: number;
  /** The next write; `undefined` when there is none left. Called by several at a time. */
  readonly next: () => Promise<WriteJob | undefined> | WriteJob | undefined;
  /** Asked when the pool refuses a write's parameters: the error that concerns every write, or `undefined`. */
  readonly whyInvalid: () => Promise<Error | undefined>;
  readonly onProgress: () => void;
  readonly random?: () => number;
}

/** What became of a writer's jobs. */
export interface WriteCounts extends CallCounts {
  written: number;
  failed: number;
  skipped: number;
  inFlight: number;
}

/**
 * Carries out writes, some at a time, each recorded before and after. Ends when there are no more, when the signal aborts, or at
 * the first failure that concerns all: writes in flight are always waited for and recorded.
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

  /** @throws the failure that concerns all, or the signal's reason */
  async run(): Promise<void> {
    try {
      await this.#crew.work(this.#options.concurrency, () => this.#nextWrite());
    } catch (error) {
      throw asMigrationError(error);
    }
  }

  /** Answers false where no write is left. */
  async #nextWrite(): Promise<boolean> {
    if (this.counts.written + this.counts.inFlight >= this.#options.maxWrites) return false;
    // Counted before it is known: others ask at the same time.
    this.counts.inFlight += 1;
    try {
      // Nothing is looked up, let alone begun, for a write that has to wait.
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
        // Before a moment is taken that others could use, and once more after waiting for it.
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
        // Others got through while this one did not: it is this user's trouble, and the next run tries them again.
        const othersFail = this.counts.written === writtenAtLast && this.counts.inFlight > 1;
        const alone = !isThrottle(failure) && this.counts.written > writtenAtFirst && !othersFail;
        if (alone) return this.#end(job, 'failed', failure.exception);
      }
      if (pause === undefined) throw failure;
      writtenAtLast = this.counts.written;
      await this.#options.clock.sleep(pause, this.#crew.signal);
    }
  }

  /** Resolves when one attempt may be sent. A gate that was closed costs the turn, because others waited for it as well. */
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
      // An earlier attempt without an answer may have been carried out: then it stays begun, for the next run to repeat.
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
