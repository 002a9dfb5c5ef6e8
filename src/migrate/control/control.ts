import { ConfigurationError } from '../../errors.js';
import type { Hold } from '../calls/gate.js';
import { askedEvery, Gate } from '../calls/gate.js';
import { Pace } from '../calls/pace.js';
import { checkRps, checkWriteRps, USER_UPDATE_QUOTA } from '../calls/quotas.js';
import type { Run } from '../run.js';
import type { State } from '../state/state.js';
import { type Hook, Hooks } from './hooks.js';
import type { BetweenOptions } from './hours.js';
import { outside } from './hours.js';

/** How fast a run writes at most, when, and who is told. */
export interface ControlOptions {
  /** Writes per second, repeated ones included. @defaultValue what `pace` set, else 10 */
  readonly rps?: number;
  /** What AWS granted the account in writes per second; needed for more than 25. */
  readonly quota?: number;
  /** Hours of the day in which to write. Default: all. */
  readonly between?: BetweenOptions;
  /** Asked every ten seconds: why not to write at present. */
  readonly waitWhile?: Hold;
  readonly hook?: Hook | undefined;
}

/** What is wanted of the commands that write. */
export interface ControlState {
  /** Writes a second; `null`: as the command says. */
  readonly rps: number | null;
  readonly paused: boolean;
}

const POLLED_MS = 1000;
const ASKED_MS = 10_000;

const PAUSED = 'paused; `cognito-cutover pace --resume` continues';

export function readControl({ meta }: State): ControlState {
  return meta.get('control') ?? { rps: null, paused: false };
}

/**
 * Tells the running command, and those that come after it, what is wanted.
 * @throws {@link ConfigurationError} where that is more than the running command's quota
 */
export function changeControl(
  state: State,
  wanted: { readonly rps?: number; readonly paused?: boolean },
): ControlState {
  const { rps, paused } = wanted;
  const most = state.meta.get('mostRps') ?? USER_UPDATE_QUOTA;
  if (rps !== undefined && checkRps(rps) > most) {
    const fix = 'start the command with a higher --quota to allow more';
    throw new ConfigurationError('rps', `${rps} is more than the ${most} writes a second that are allowed: ${fix}`);
  }
  return state.db.transaction(() => {
    const before = readControl(state);
    const control = { rps: rps ?? before.rps, paused: paused ?? before.paused };
    state.meta.set('control', control);
    return control;
  });
}

/** A run that writes, under the operator's hand: how fast, when, and who is told. */
export class Control {
  readonly pace: Pace;
  readonly gate: Gate;
  /** Aborts where a hook failed, besides for what the run aborts for. */
  readonly signal: AbortSignal;
  readonly #run: Run;
  readonly #hooks: Hooks;
  readonly #given: number | undefined;
  readonly #fallback: number;
  readonly #most: number;
  #isPaused: boolean;

  /** @throws {@link ConfigurationError} */
  constructor(run: Run, options: ControlOptions) {
    const { state, clock, waiting } = run;
    const { rps, most } = checkWriteRps(options);
    this.#run = run;
    this.#given = options.rps;
    this.#fallback = Math.min(rps, most);
    this.#most = most;
    const control = readControl(state);
    this.#isPaused = control.paused;
    this.pace = new Pace(options.rps ?? this.#wantedBy(control), clock);
    const { between, waitWhile } = options;
    this.#hooks = new Hooks(options.hook, run);
    this.signal = AbortSignal.any([this.#hooks.signal, ...(run.signal === undefined ? [] : [run.signal])]);
    this.gate = new Gate({
      clock,
      holds: [
        () => (this.#isPaused ? PAUSED : undefined),
        ...(between === undefined ? [] : [outside(between, clock.now)]),
        ...(waitWhile === undefined ? [] : [askedEvery(ASKED_MS, waitWhile, clock)]),
      ],
      onWaiting: (reason) => waiting.set('gate', reason),
    });
  }

  /** Writes, and follows what is wanted meanwhile. */
  async during(work: () => Promise<void>): Promise<void> {
    const { state } = this.#run;
    state.db.transaction(() => {
      // Whoever starts a command with a rate means it, whatever an earlier one was told.
      if (this.#given !== undefined) state.meta.set('control', { ...readControl(state), rps: null });
      state.meta.set('mostRps', this.#most);
    });
    const ended = new AbortController();
    const following = this.#follow(ended.signal);
    try {
      await this.#hooks.around(work);
    } finally {
      ended.abort();
      await following;
    }
  }

  async #follow(ended: AbortSignal): Promise<void> {
    const { state, clock } = this.#run;
    while (!ended.aborted) {
      await clock.sleep(POLLED_MS, ended).catch(() => undefined);
      if (ended.aborted) return;
      try {
        const control = readControl(state);
        this.#isPaused = control.paused;
        this.pace.ceiling = this.#wantedBy(control);
      } catch {
        // A state that cannot be read ends the run where it records a write; the next look may find it well again.
      }
    }
  }

  #wantedBy({ rps }: ControlState): number {
    return Math.min(rps ?? this.#fallback, this.#most);
  }
}
