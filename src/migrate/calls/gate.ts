import { type Clock, stopwatch } from '../../clock.js';

/** Why nothing may be written at present; `undefined` where it may. */
export type Hold = () => string | undefined | Promise<string | undefined>;

/** A gate that is shut is tried again so often. */
const TRIED_MS = 1000;

export interface GateOptions {
  readonly clock: Clock;
  /** In the order of their weight: the first reason is the one that is told. */
  readonly holds: readonly Hold[];
  /** Told why it is shut each time it is tried, and `undefined` when it opens. */
  readonly onWaiting: (reason: string | undefined) => void;
}

/** Stands before each write, and is shut as long as one of its holds has a reason. */
export class Gate {
  readonly #options: GateOptions;
  #shut: Promise<void> | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Resolves when writing may go on: `true` where it was shut, and the moment of before is gone. */
  async pass(signal: AbortSignal): Promise<boolean> {
    const reason = await this.#reason();
    if (reason === undefined) return false;
    this.#shut ??= this.#wait(reason, signal).finally(() => {
      this.#shut = undefined;
    });
    await this.#shut;
    return true;
  }

  async #wait(first: string, signal: AbortSignal): Promise<void> {
    const { clock, onWaiting } = this.#options;
    for (let reason: string | undefined = first; reason !== undefined; reason = await this.#reason()) {
      onWaiting(reason);
      await clock.sleep(TRIED_MS, signal);
    }
    onWaiting(undefined);
  }

  async #reason(): Promise<string | undefined> {
    for (const hold of this.#options.holds) {
      const reason = await hold();
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}

/** A hold that is asked once in so much time, by all at once, and whose answer counts until then. */
export function askedEvery(ms: number, hold: Hold, clock: Clock): Hold {
  const passed = stopwatch(clock);
  let asked: { readonly at: number; readonly reason: ReturnType<Hold> } | undefined;
  return () => {
    if (asked === undefined || passed() - asked.at >= ms) asked = { at: passed(), reason: hold() };
    return asked.reason;
  };
}
