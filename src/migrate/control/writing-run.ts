import { checkNumber } from '../../options.js';
import { type Settled, type WriteCounts, type WriteJob, Writer } from '../calls/writer.js';
import type { Run } from '../run.js';
import type { MetaValues } from '../state/meta.js';
import type { Control, ControlOptions } from './control.js';

/** Options of every run that writes. */
export interface WritingOptions extends ControlOptions {
  /** Stop after this many writes. Default: no limit. */
  readonly maxWrites?: number;
  /** Writes in flight at a time, 1 to 64. @defaultValue 8 */
  readonly concurrency?: number;
  /** Check and read everything, and write nothing. @defaultValue false */
  readonly dryRun?: boolean;
}

export interface WritingLimits {
  readonly maxWrites: number;
  readonly maxFailed: number;
  readonly concurrency: number;
  readonly dryRun: boolean;
}

const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** @throws {@link ConfigurationError} */
export function checkLimits({
  maxWrites,
  maxFailed,
  concurrency,
  dryRun = false,
}: WritingOptions & { readonly maxFailed?: number }): WritingLimits {
  const atLeastOne = { min: 1, max: UNLIMITED, integer: true, fallback: UNLIMITED };
  return {
    concurrency: checkNumber('concurrency', concurrency, { min: 1, max: 64, integer: true, fallback: 8 }),
    maxWrites: checkNumber('maxWrites', maxWrites, atLeastOne),
    maxFailed: checkNumber('maxFailed', maxFailed, atLeastOne),
    dryRun,
  };
}

/** Returns the next job; `undefined` when there is none left. */
export type NextJob = () => Promise<WriteJob | undefined>;

/** The jobs of a run, one step after the other. */
export interface WriteSteps {
  readonly steps: readonly NextJob[];
  /** Called after each step. Returns how many of the failed writes were carried out after all. */
  settle?(): Promise<number>;
  /** Called at the end, however the run ends. */
  end?(): Promise<void>;
}

/** What differs between the runs that write. */
export interface Writing<Result> {
  /** Called if there is something to write. Makes the last checks and returns the jobs. */
  readonly prepare: () => Promise<WriteSteps>;
  /** Called before the first write. */
  readonly isWanted: () => Promise<boolean>;
  /** The state's phase from the first write on, and after the last one. Default: it does not change. */
  readonly phases?: readonly [during: MetaValues['phase'], after: MetaValues['phase']] | undefined;
  /** Called when the last step has ended. */
  readonly ended?: () => void;
  readonly result: () => Result;
}

interface WritingSetup extends WritingLimits {
  /** How many writes it intends to send. */
  readonly total: number;
  /** Called when the pool refuses a write's parameters. Returns the error that concerns every write, or `undefined`. */
  readonly whyInvalid?: () => Promise<Error | undefined>;
}

/** A run that writes: confirms, writes step by step under the operator's control or does a dry run, and reports its progress. */
export class WritingRun {
  readonly #run: Run;
  readonly #control: Control;
  readonly #setup: WritingSetup;
  readonly #writer: Writer;
  #step: NextJob = async () => undefined;
  #isStopped = false;
  #wouldWrite = 0;
  /** Jobs that needed no write. */
  readonly #settled = { written: 0, failed: 0, skipped: 0 };

  constructor(run: Run, control: Control, setup: WritingSetup) {
    const { pace, gate, signal } = control;
    const { concurrency, maxWrites, whyInvalid = async () => undefined } = setup;
    this.#run = run;
    this.#control = control;
    this.#setup = setup;
    this.#writer = new Writer({
      ...run.calls(pace),
      ...{ gate, signal, concurrency, maxWrites, whyInvalid },
      next: () => this.#next(),
      onProgress: () => this.#progress(false),
    });
  }

  /** The results of the writes that were sent. */
  get sent(): Readonly<WriteCounts> {
    return this.#writer.counts;
  }

  /** The results of all jobs, including those of a dry run. */
  get numbers(): { readonly written: number; readonly failed: number; readonly skipped: number } {
    const { written, failed, skipped } = this.#writer.counts;
    return {
      written: written + this.#wouldWrite + this.#settled.written,
      failed: failed + this.#settled.failed,
      skipped: skipped + this.#settled.skipped,
    };
  }

  /** Writes that a dry run would have sent. */
  get wouldWrite(): number {
    return this.#wouldWrite;
  }

  /** Whether it ended because too many writes failed. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Counts something that needed no write and no job. */
  settled(status?: Settled['status']): void {
    if (status !== undefined) this.#settled[status] += 1;
    this.#progress(false);
  }

  async carryOut<Result extends { readonly remaining: number }>(writing: Writing<Result>): Promise<Result> {
    const { prepare, isWanted, phases, ended, result } = writing;
    const { dryRun, total } = this.#setup;
    const { meta } = this.#run;
    if (total > 0) {
      this.#run.partial = result;
      const work = await prepare();
      try {
        if (dryRun) await this.#tryOut(work);
        else {
          if (!(await isWanted())) return result();
          this.#run.restartWatch();
          if (phases !== undefined) meta.set('phase', phases[0]);
          await this.#control.during(() => this.#write(work));
        }
      } finally {
        await work.end?.();
      }
      ended?.();
    }
    this.#progress(true);
    const final = result();
    if (phases !== undefined && final.remaining === 0 && !dryRun) meta.set('phase', phases[1]);
    return final;
  }

  async #write({ steps, settle }: WriteSteps): Promise<void> {
    const { counts } = this.#writer;
    for (const step of steps) {
      this.#step = step;
      await this.#writer.run();
      const arrived = (await settle?.()) ?? 0;
      counts.written += arrived;
      counts.failed -= arrived;
    }
  }

  async #next(): Promise<WriteJob | undefined> {
    this.#isStopped ||= this.#writer.counts.failed >= this.#setup.maxFailed;
    return this.#isStopped ? undefined : this.#step();
  }

  /** Checks each job as the writer would, and sends nothing. */
  async #tryOut({ steps }: WriteSteps): Promise<void> {
    const { signal } = this.#control;
    for (const step of steps) {
      while (this.#wouldWrite < this.#setup.maxWrites) {
        const job = await step();
        if (job === undefined) break;
        const settled = await job.settled?.();
        signal.throwIfAborted();
        job.end(settled?.status ?? 'written', settled?.reason);
        if (settled === undefined) this.#wouldWrite += 1;
        // What an earlier run has written is not counted in this one.
        this.settled(settled?.status === 'written' ? undefined : settled?.status);
      }
    }
  }

  #progress(done: boolean): void {
    const { total, dryRun } = this.#setup;
    const { attempts, throttled } = this.#writer.counts;
    const { rps } = this.#control.pace;
    const counts = { ...this.numbers, total, attempts, throttled, rps };
    this.#run.report({ type: 'write', ...counts, done, ...(dryRun ? { dryRun } : {}) });
  }
}
