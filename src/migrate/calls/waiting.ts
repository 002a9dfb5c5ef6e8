import { type Clock, stopwatch } from '../../clock.js';
import type { ProgressEvent } from '../progress.js';

/** Interval at which a waiting run is reported again: people read a log from its end. */
const AGAIN_MS = 60_000;

/** What may keep a run from sending: a closed gate, and failing calls. The first source with a reason is shown. */
const SOURCES = ['gate', 'calls'] as const;

export interface WaitingOptions {
  readonly clock: Clock;
  readonly report: (event: Extract<ProgressEvent, { type: 'waiting' }>) => void;
  /** Stores the reason for `status`; `undefined` when the run continues. */
  readonly record: (waiting: { reason: string; since: number } | undefined) => void;
}

/** Why a run currently sends nothing: reported when the wait begins, once a minute, and when the run continues. */
export class Waiting {
  readonly #options: WaitingOptions;
  readonly #passed: () => number;
  readonly #reasons: { [S in (typeof SOURCES)[number]]?: string | undefined } = {};
  #shown: { reason: string; since: number; at: number } | undefined;

  constructor(options: WaitingOptions) {
    this.#options = options;
    this.#passed = stopwatch(options.clock);
  }

  /** @param how `each`: also shown if another reason was shown just before */
  set(source: (typeof SOURCES)[number], reason: string | undefined, how?: 'each'): void {
    this.#reasons[source] = reason;
    const current = SOURCES.map((one) => this.#reasons[one]).find((one) => one !== undefined);
    if (current === undefined) this.end();
    else this.#show(current, source, how);
  }

  /** The run has ended, so it is not reported to continue. */
  over(): void {
    if (this.#shown === undefined) return;
    this.#shown = undefined;
    this.#options.record(undefined);
  }

  /** The run continues. */
  end(): void {
    if (this.#shown === undefined) return;
    const { since } = this.#shown;
    this.#shown = undefined;
    this.#options.record(undefined);
    this.#options.report({ type: 'waiting', reason: undefined, since });
  }

  #show(reason: string, source: (typeof SOURCES)[number], how?: 'each'): void {
    const { clock, report, record } = this.#options;
    const at = this.#passed();
    const shown = this.#shown;
    // Calls fail for changing reasons, which are not worth a line each.
    const isKnown = shown !== undefined && (shown.reason === reason || source === 'calls');
    if (isKnown && how !== 'each' && at - shown.at < AGAIN_MS) return;
    const since = isKnown ? shown.since : clock.now();
    this.#shown = { reason, since, at };
    record({ reason, since });
    report({ type: 'waiting', reason, since });
  }
}
