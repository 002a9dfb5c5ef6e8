import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Tally } from './load.js';

/** Prints what happens, each line with the seconds since the start. */
export class Timeline {
  readonly #startedAt = Date.now();
  readonly #delay = monitorEventLoopDelay();

  constructor(readonly print: (line: string) => void) {
    this.#delay.enable();
  }

  say(text: string): void {
    this.print(`${this.at(Date.now())}  ${text}`);
  }

  /** Says for how long this process and others stood still at most: on a machine that is too busy, no answer comes in time. */
  end(others: readonly number[]): void {
    this.#delay.disable();
    const pauses = [this.#delay.max / 1e6, ...others].map((ms) => `${Math.round(ms)} ms`);
    this.say(`the longest pauses of this process and the APIs: ${pauses.join(', ')}`);
  }

  at(time: number): string {
    return `${((time - this.#startedAt) / 1000).toFixed(1).padStart(6)} s`;
  }
}

export function tallyInWords({ requests, accepted, refused, repeated }: Tally): string {
  const refusals = Object.entries(refused)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, count]) => `${count} ${code}`);
  return [
    `${requests} requests: ${accepted.legacy} legacy and ${accepted.new} new accepted`,
    ...refusals,
    ...(repeated > 0 ? [`${repeated} sent again`] : []),
  ].join(', ');
}
