import { type Clock, systemClock } from '../clock.js';
import type { Pace } from './calls/pace.js';
import { asMigrationError, type CallCounts, type CallOptions, interruptedOr } from './calls/repeated.js';
import { MigrationError } from './errors.js';
import type { RunOptions } from './options.js';
import type { ProgressEvent } from './results.js';
import type { Meta } from './state/meta.js';
import type { Sqlite } from './state/sqlite.js';
import type { State } from './state/state.js';

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
  /** What was done so far, for a run that stops. Set once something may have been done. */
  partial: (() => unknown) | undefined;

  constructor({ state, clock = systemClock, signal, onProgress }: RunOptions) {
    this.state = state;
    this.db = state.db;
    this.meta = state.meta;
    this.clock = clock;
    this.signal = signal;
    this.report = (event) => onProgress?.(event);
  }

  /** Something a person should know: shown now, and kept in the state. */
  warn = (message: string): void => {
    this.meta.addWarning(message, this.warnsOf);
    this.report({ type: 'warning', message });
  };

  /** How calls of this run are paced and repeated. */
  calls(pace: Pace, counts?: CallCounts): CallOptions {
    const { clock, signal } = this;
    return { clock, signal, pace, ...(counts === undefined ? {} : { counts }) };
  }
}

/** The bracket around every run: what ends it is an error that says what to do, with what was done before. */
export async function inRun<T>(options: RunOptions, work: (run: Run) => Promise<T>): Promise<T> {
  const run = new Run(options);
  try {
    return await work(run);
  } catch (error) {
    const failure = interruptedOr(asMigrationError(error), options.signal);
    if (failure instanceof MigrationError && run.partial !== undefined) failure.partial = partialOf(run.partial);
    throw failure;
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
