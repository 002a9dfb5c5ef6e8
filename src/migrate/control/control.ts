import { ConfigurationError } from '../../errors.js';
import type { Hold } from '../calls/gate.js';
import { askedEvery, Gate } from '../calls/gate.js';
import { Pace } from '../calls/pace.js';
import { checkRps, checkWriteRps, USER_UPDATE_QUOTA } from '../calls/quotas.js';
import { anyOf } from '../calls/signals.js';
import type { Run } from '../run.js';
import type { State } from '../state/state.js';
import { type Hook, Hooks } from './hooks.js';
import type { BetweenOptions } from './hours.js';
import { outside } from './hours.js';

/** How fast a run may write, when it may write, and which hook is called. */
export interface ControlOptions {
  /** Writes per second, including repeated ones. @defaultValue what `pace` set, else 10 */
  readonly rps?: number;
  /** The account's quota in writes per second, as granted by AWS. Required for more than 25. */
  readonly quota?: number;
  /** The hours of the day in which to write. Default: all. */
  readonly between?: BetweenOptions;
  /** Called every ten seconds. Returns why nothing may be written now. */
  readonly waitWhile?: Hold;
  readonly hook?: Hook | undefined;
}

/** What `pace` set for the commands that write. */
export interface ControlState {
  /** Writes per second; `null`: the rate of the command itself. */
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
 * Changes the rate or the pause of the running command and of later ones.
 * @throws {@link ConfigurationError} if the rate is higher than the running command's quota
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

/** The operator's control over a run that writes: how fast, when, and which hook is called. */
export class Control {
  readonly pace: Pace;
  readonly gate: Gate;
  /** Aborts when the run's signal aborts, and when a hook has failed. */
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
    this.signal = anyOf(this.#hooks.signal, run.signal);
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

  /** Runs `work` and follows changes by `pace` in the meantime. */
  async during(work: () => Promise<void>): Promise<void> {
    const { state } = this.#run;
    state.db.transaction(() => {
      // A rate given on the command line overrides what `pace` set for an earlier command.
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
        // If the state stays unreadable, recording the next write ends the run. A passing failure is ignored here.
      }
    }
  }

  #wantedBy({ rps }: ControlState): number {
    return Math.min(rps ?? this.#fallback, this.#most);
  }
}
