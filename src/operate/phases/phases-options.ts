import { type Clock, stopwatch, systemClock } from '../../clock.js';
import { checkFunction, checkKeys, checkNumber, refuse } from '../../options.js';
import type { LegacyTokenPhases } from './legacy-window.js';
import { checkPlan, type PlanTimes } from './phase-plan.js';
import type { PhaseEvent, PhasePlan, PhasePlanJson, PhaseSource, PhaseStatus, PhaseStore } from './phase-source.js';

/** Options of `createPhases`. */
export interface PhasesOptions {
  /** Answers the plan: a {@link PhaseStore}, or a function. */
  readonly source: PhaseSource | Pick<PhaseStore, 'read'>;
  /** How often the source is asked, in seconds, 0.01 to 86 400. @defaultValue 30 */
  readonly pollSeconds?: number;
  /** The time limit of one poll, and the longest that a request waits for it, in milliseconds, 1 to 60 000. @defaultValue 3000 */
  readonly timeoutMs?: number;
  /**
   * The plan that holds until the source has answered for the first time. `{}` accepts legacy tokens. Default: none, and legacy
   * tokens are refused with 503 where the first answer does not come.
   */
  readonly initial?: PhasePlan | PhasePlanJson;
  /** Called when the plan changes, when polls begin to fail, and when they succeed again. Its exceptions are ignored. Default: none. */
  readonly onEvent?: (event: PhaseEvent) => unknown;
  /** @defaultValue the system's clock */
  readonly clock?: Pick<Clock, 'now' | 'monotonic'>;
}

/** The phases of the cutover, followed without a restart. Given to verifiers as `legacyTokens`; several may share it. */
export interface Phases extends LegacyTokenPhases {
  /** Waits until the source was asked for the first time, and answers what is known then. Does not reject. */
  ready(): Promise<PhaseStatus>;
  /** Asks the source now. @throws what the poll failed with; the last known plan stays in use */
  refresh(): Promise<PhaseStatus>;
  /**
   * The same phases with the next planned refusal in force already: `legacyTokens` of a verifier for `mode: 'observe'`, which then
   * reports whom the next phase would refuse.
   */
  readonly next: LegacyTokenPhases;
  /** Ends the polling. The last known plan stays in use. A verifier's `close()` does not do this, because others may use it too. */
  close(): void;
}

/** {@link PhasesOptions}, checked, with every default filled in. */
export interface PhasesSettings {
  readonly ask: (signal: AbortSignal) => unknown;
  readonly pollMs: number;
  readonly timeoutMs: number;
  readonly initial: PlanTimes | undefined;
  readonly onEvent: PhasesOptions['onEvent'];
  readonly now: () => number;
  readonly passed: () => number;
}

/** @throws {@link ConfigurationError} naming the option */
export function checkPhasesOptions(given: PhasesOptions): PhasesSettings {
  checkKeys('', given, ['source', 'pollSeconds', 'timeoutMs', 'initial', 'onEvent', 'clock']);
  const { initial, clock = systemClock } = given;
  if (initial === null) refuse('initial', 'a plan; {} accepts legacy tokens', initial);
  if (typeof clock?.now !== 'function') refuse('clock', 'an object with a method now()', clock);
  checkFunction('clock.monotonic', clock.monotonic);
  return {
    ask: checkSource(given.source),
    pollMs: 1_000 * checkNumber('pollSeconds', given.pollSeconds, { min: 0.01, max: 86_400, fallback: 30 }),
    timeoutMs: checkNumber('timeoutMs', given.timeoutMs, { min: 1, max: 60_000, fallback: 3_000 }),
    initial: initial === undefined ? undefined : checkPlan('initial', initial),
    onEvent: checkFunction('onEvent', given.onEvent),
    now: clock.now.bind(clock),
    passed: stopwatch(clock),
  };
}

function checkSource(source: unknown): (signal: AbortSignal) => unknown {
  if (typeof source === 'function') return source as PhaseSource;
  const { read } = (source ?? {}) as Partial<PhaseStore>;
  if (typeof read === 'function') return read.bind(source);
  return refuse('source', 'a function that answers the plan, or a store of phases', source);
}
