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

/** What every command takes. */
export interface RunOptions {
  readonly state: State;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Aborting drains what is in flight, records it, and rejects with `ERR_INTERRUPTED`. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (event: ProgressEvent) => void;
  /**
   * How long failures that may pass (the network, 5xx, credentials that have expired) are waited for, in milliseconds; ten seconds
   * at most before anything answered. @defaultValue an hour
   */
  readonly patienceMs?: number;
}

/** What every run of the sync script works with: its state, its clock, and how it is heard. */
export class Run {
  readonly state: State;
  readonly db: Sqlite;
  readonly meta: Meta;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly report: (event: ProgressEvent) => void;
  /** Where warnings are kept: with the finished plan, or with the one that is being made. */
  warnsOf: 'warnings' | 'draftWarnings' = 'warnings';
  /** Why nothing is sent at present. */
  readonly waiting: Waiting;
  /** How long calls that fail are repeated. */
  readonly patience: Patience;
  readonly #listeners: ((event: ProgressEvent) => void)[] = [];
  readonly #passed: () => number;
  #startedAt: number;
  /** What was done so far, for a run that stops. Set once something may have been done. */
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
    const onWaiting = (reason: string | undefined) => this.waiting.set('calls', reason);
    this.patience = new Patience({ clock, patienceMs, onWaiting });
  }

  /** Hears what is reported, besides the caller. */
  listen(listener: (event: ProgressEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Something a person should know: shown now, and kept in the state. */
  warn = (message: string): void => {
    this.meta.addWarning(message, this.warnsOf);
    this.report({ type: 'warning', message });
  };

  /** What is done at present, where it has no measure of its own yet. */
  step = (what: string, count?: { readonly done: number; readonly total: number }): void =>
    this.report({ type: 'step', what, ...count });

  /** How long it has taken. */
  get seconds(): number {
    return Math.round(this.#passed() - this.#startedAt) / 1000;
  }

  /** The run takes time from here on: what came before was waiting for a person. */
  restartWatch(): void {
    this.#startedAt = this.#passed();
  }

  /**
   * The pace of reading.
   * @throws {@link ConfigurationError}
   */
  readPace(readRps: number | undefined): Pace {
    return new Pace(checkReadRps(readRps), this.clock);
  }

  /** How calls of this run are paced and repeated. */
  calls(pace: Pace): CallOptions & { readonly signal: AbortSignal | undefined } {
    const { clock, signal, patience } = this;
    return { clock, signal, pace, patience };
  }

  /** What a run that was killed waited for. */
  forgetWaiting(): void {
    const { role } = this.state;
    if (role !== undefined && this.meta.get('waiting')?.[role] !== undefined) this.#keep(undefined);
  }

  /** For `status`. A disk that takes no more must not end a run that waits for something else. */
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

/** The bracket around every run: what ends it is an error that says what to do, with what was done before. */
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

/** A state that cannot be read any more has no numbers to give. */
function partialOf(result: () => unknown): unknown {
  try {
    return result();
  } catch {
    return undefined;
  }
}
