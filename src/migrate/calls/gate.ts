import { type Clock, stopwatch } from '../../clock.js';

/** The reason why writing is currently not allowed; `undefined` if it is allowed. */
export type Hold = () => string | undefined | Promise<string | undefined>;

/** Interval at which a closed gate is checked again. */
const TRIED_MS = 1000;

export interface GateOptions {
  readonly clock: Clock;
  /** In order of importance: only the first reason is reported. */
  readonly holds: readonly Hold[];
  /** Called with the reason each time a closed gate is checked, and with `undefined` when it opens. */
  readonly onWaiting: (reason: string | undefined) => void;
}

/** Checked before each write. Closed as long as one of its holds returns a reason. */
export class Gate {
  readonly #options: GateOptions;
  #shut: Promise<void> | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Resolves when writing may continue: `true` if it was closed, so that the turn to write has passed. */
  async pass(signal: AbortSignal): Promise<boolean> {
    const reason = await this.#reason(signal);
    if (reason === undefined) return false;
    this.#shut ??= this.#wait(reason, signal).finally(() => {
      this.#shut = undefined;
    });
    await this.#shut;
    return true;
  }

  async #wait(first: string, signal: AbortSignal): Promise<void> {
    const { clock, onWaiting } = this.#options;
    for (let reason: string | undefined = first; reason !== undefined; reason = await this.#reason(signal)) {
      onWaiting(reason);
      await clock.sleep(TRIED_MS, signal);
    }
    onWaiting(undefined);
  }

  async #reason(signal: AbortSignal): Promise<string | undefined> {
    for (const hold of this.#options.holds) {
      const reason = await orAborted(hold(), signal);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}

/** A hold may take seconds to answer. A run that stops does not wait for the answer. */
async function orAborted(reason: ReturnType<Hold>, signal: AbortSignal): Promise<string | undefined> {
  if (!(reason instanceof Promise)) return reason;
  signal.throwIfAborted();
  const { promise: stopped, reject } = withRejection();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([reason, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function withRejection(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}

/** A hold that is asked at most once every `ms` milliseconds. All callers share its answer until then. */
export function askedEvery(ms: number, hold: Hold, clock: Clock): Hold {
  const passed = stopwatch(clock);
  let asked: { readonly at: number; readonly reason: ReturnType<Hold> } | undefined;
  return () => {
    if (asked === undefined || passed() - asked.at >= ms) asked = { at: passed(), reason: hold() };
    return asked.reason;
  };
}
