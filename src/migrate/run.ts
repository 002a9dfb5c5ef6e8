import { type Clock, stopwatch, systemClock } from '../clock.js';
import { Pace } from './calls/pace.js';
import { Patience } from './calls/patience.js';
import { checkReadRps } from './calls/quotas.js';
import { asMigrationError, type CallOptions, interruptedOr } from './calls/repeated.js';
import { Waiting } from './calls/waiting.js';
import { MigrationError } from './migration-error.js';
import type { ProgressEvent } from './progress.js';
import type { Meta } from './state/meta.js';
import type { Sqlite } from './state/sqlite.js';
import type { State } from './state/state.js';

/** Options of every command. */
export interface RunOptions {
  readonly state: State;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /** When it aborts, calls in flight are finished and recorded, and the run rejects with `ERR_INTERRUPTED`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: ProgressEvent) => void;
  /**
   * How long the run waits for failures that may pass (the network, 5xx, expired credentials), in milliseconds. Before the first answer
   * it waits at most ten seconds. @defaultValue one hour
   */
  readonly patienceMs?: number;
}

/** What every run of the sync script works with: its state, its clock, its patience, and where it reports. */
export class Run {
  readonly state: State;
  readonly db: Sqlite;
  readonly meta: Meta;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly report: (event: ProgressEvent) => void;
  /** Where warnings are stored: with the finished plan, or with the one being made. */
  warnsOf: 'warnings' | 'draftWarnings' = 'warnings';
  /** Why nothing is being sent. */
  readonly waiting: Waiting;
  /** How long failing calls are repeated. */
  readonly patience: Patience;
  readonly #listeners: ((event: ProgressEvent) => void)[] = [];
  readonly #passed: () => number;
  #startedAt: number;
  /** Returns what has been done so far, for a run that stops. Set as soon as something may have been done. */
  partial: (() => unknown) | undefined;

  constructor({ state, clock = systemClock, signal, onProgress, patienceMs }: RunOptions) {
    this.state = state;
    this.db = state.db;
    this.meta = state.meta;
    this.clock = clock;
    this.signal = signal;
    this.#passed = stopwatch(clock);
    this.#startedAt = this.#passed();
    this.report = (event) => {
      for (const listener of this.#listeners) listener(event);
      onProgress?.(event);
    };
    this.waiting = new Waiting({ clock, report: this.report, record: (waiting) => this.#keep(waiting) });
    this.patience = new Patience({ clock, patienceMs, onWaiting: (...why) => this.waiting.set('calls', ...why) });
  }

  /** Also sends every reported event to this listener. */
  listen(listener: (event: ProgressEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Reports something that a person should know, and stores it in the state. */
  warn = (message: string): void => {
    this.meta.addWarning(message, this.warnsOf);
    this.report({ type: 'warning', message });
  };

  /** Reports what is being done while there is nothing to measure yet. */
  step = (what: string, count?: { readonly done: number; readonly total: number }): void =>
    this.report({ type: 'step', what, ...count });

  /** How long the run has taken so far. */
  get seconds(): number {
    return Math.round(this.#passed() - this.#startedAt) / 1000;
  }

  /** Starts measuring again, so that waiting for a person's answer is not counted. */
  restartWatch(): void {
    this.#startedAt = this.#passed();
  }

  /**
   * The pace of read calls.
   * @throws {@link ConfigurationError}
   */
  readPace(readRps: number | undefined): Pace {
    return new Pace(checkReadRps(readRps), this.clock);
  }

  /** How calls of this run are paced and repeated: for {@link repeated}. */
  calls(pace: Pace): CallOptions & { readonly signal: AbortSignal | undefined } {
    const { clock, signal, patience } = this;
    return { clock, signal, pace, patience };
  }

  /** Removes what a killed run waited for. */
  forgetWaiting(): void {
    const { role } = this.state;
    if (role !== undefined && this.meta.get('waiting')?.[role] !== undefined) this.#keep(undefined);
  }

  /** For `status`. A full disk must not end a run that is waiting for something else. */
  #keep(waiting: { reason: string; since: number } | undefined): void {
    const { role } = this.state;
    if (role === undefined) return;
    try {
      this.db.transaction(() => {
        const { [role]: _, ...others } = this.meta.get('waiting') ?? {};
        this.meta.set('waiting', waiting === undefined ? others : { ...others, [role]: waiting });
      });
    } catch (error) {
      if (!(error instanceof MigrationError)) throw error;
    }
  }
}

/** The bracket around every run: turns any failure into an error that says what to do and what was done before. */
export async function inRun<T>(options: RunOptions, work: (run: Run) => Promise<T>): Promise<T> {
  const run = new Run(options);
  run.forgetWaiting();
  try {
    return await work(run);
  } catch (error) {
    const failure = interruptedOr(asMigrationError(error), options.signal);
    if (failure instanceof MigrationError && run.partial !== undefined) failure.partial = partialOf(run.partial);
    throw failure;
  } finally {
    run.waiting.over();
  }
}

/** Returns nothing if the state can no longer be read. */
function partialOf(result: () => unknown): unknown {
  try {
    return result();
  } catch {
    return undefined;
  }
}
