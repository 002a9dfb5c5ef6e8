import type { Tally } from './load.js';

/** Prints what happens, each line with the seconds since the start. */
export class Timeline {
  readonly #startedAt = Date.now();

  constructor(readonly print: (line: string) => void) {}

  say(text: string): void {
    this.print(`${this.at(Date.now())}  ${text}`);
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
