import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../clock.js';

/** Pages that are open at once. A browser that hides a page ends its connection. */
export const MOST_VIEWERS = 32;
/** How soon a browser connects again, in milliseconds. */
const RETRY_MS = 2_000;
/** So often the open pages are told how new the numbers are, which also shows who is gone. */
const BEAT_MS = 2_000;
/** A viewer that has not read so much is gone, or stands still: it may connect again. */
const MOST_UNREAD_BYTES = 65_536;

/** What the open pages are told: whether to draw themselves again, and when each source was last read without trouble. */
export interface Beat {
  readonly version: number;
  readonly readAt: Readonly<Record<string, number>>;
}

/**
 * The open pages, told by server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). `work` runs while there
 * is at least one, once for all of them.
 */
export class LiveEvents {
  readonly #viewers = new Set<ServerResponse>();
  readonly #clock: Clock;
  readonly #beat: () => Beat;
  readonly #work: (signal: AbortSignal) => Promise<void>;
  #watching: AbortController | undefined;

  constructor(options: {
    readonly clock: Clock;
    readonly beat: () => Beat;
    readonly work: (signal: AbortSignal) => Promise<void>;
  }) {
    this.#clock = options.clock;
    this.#beat = options.beat;
    this.#work = options.work;
  }

  get isFull(): boolean {
    return this.#viewers.size >= MOST_VIEWERS;
  }

  /** Keeps the response open, and tells it what comes. */
  add(response: ServerResponse): void {
    this.#viewers.add(response);
    response.on('close', () => this.#remove(response));
    response.write(`retry: ${RETRY_MS}\n\n${this.#text()}`);
    if (this.#watching !== undefined) return;
    const watching = new AbortController();
    this.#watching = watching;
    void this.#work(watching.signal);
    void this.#beats(watching.signal);
  }

  /** Something changed: the open pages are told at once. */
  tell(): void {
    const text = this.#text();
    for (const viewer of this.#viewers) {
      if (viewer.writableLength > MOST_UNREAD_BYTES) viewer.destroy();
      else viewer.write(text);
    }
  }

  async #beats(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(BEAT_MS, signal).catch(() => {});
      if (!signal.aborted) this.tell();
    }
  }

  #text(): string {
    return `event: beat\ndata: ${JSON.stringify(this.#beat())}\n\n`;
  }

  #remove(response: ServerResponse): void {
    this.#viewers.delete(response);
    if (this.#viewers.size > 0) return;
    this.#watching?.abort();
    this.#watching = undefined;
  }

  close(): void {
    for (const viewer of this.#viewers) viewer.destroy();
    this.#watching?.abort();
  }
}
