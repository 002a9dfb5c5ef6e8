import { anyOf } from './signals.js';

/** Workers that share one source of work and stop together. */
export class Crew {
  /** Aborts when the caller's signal does, and at the first failure of a worker. */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();

  constructor(signal: AbortSignal | undefined) {
    this.signal = anyOf(this.#stop.signal, signal);
  }

  /**
   * Has each worker take turns until one of its turns answers `false`: nothing is left. Ends when every worker has ended.
   * @throws the first failure of a worker, or the reason of the caller's signal where that came first
   */
  async work(workers: number, turn: () => Promise<boolean>): Promise<void> {
    await Promise.all(Array.from({ length: workers }, () => this.#takeTurns(turn)));
    this.signal.throwIfAborted();
  }

  /** Has the workers do every item, each item once. As of {@link work}. */
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
      if (!this.signal.aborted) this.#stop.abort(error);
    }
  }
}
