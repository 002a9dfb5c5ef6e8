import { anyOf } from './signals.js';

/** Workers that share one source of work and stop together. */
export class Crew {
  /** Aborts when the caller's signal does, and at the first failure of a worker. */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  /** Kept here too: a run must not pass for complete because a signal did not arrive. */
  #failure: { readonly error: unknown } | undefined;

  constructor(signal: AbortSignal | undefined) {
    this.signal = anyOf(this.#stop.signal, signal);
  }

  /**
   * Each worker takes turns until a turn returns `false`, because nothing is left. Settles when every worker has stopped.
   * @throws the first failure of a worker, or the reason of the caller's signal if that aborted first
   */
  async work(workers: number, turn: () => Promise<boolean>): Promise<void> {
    await Promise.all(Array.from({ length: workers }, () => this.#takeTurns(turn)));
    if (this.#failure !== undefined) throw this.#failure.error;
    this.signal.throwIfAborted();
  }

  /** Processes each item once. Throws as {@link work} does. */
  async each<T>(workers: number, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const rest = items.values();
    await this.work(Math.min(workers, items.length), async () => {
      const next = rest.next();
      if (next.done === true) return false;
      await work(next.value);
      return true;
    });
  }

  async #takeTurns(turn: () => Promise<boolean>): Promise<void> {
    try {
      while (!this.signal.aborted && (await turn()));
    } catch (error) {
      // The others fail because of the first failure, which is the one to report.
      if (this.signal.aborted) return;
      this.#failure ??= { error };
      this.#stop.abort(error);
    }
  }
}
