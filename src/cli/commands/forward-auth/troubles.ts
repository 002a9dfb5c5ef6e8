import type { CutoverEvent } from '../../../operate/events.js';
import type { PhaseEvent } from '../../../operate/phases/phase-source.js';

/** Says once when something begins to fail, and once when it works again: a server runs for months. */
export class Troubles {
  readonly #failing = new Set<string>();
  readonly #note: (line: string) => void;

  constructor(note: (line: string) => void) {
    this.#note = note;
  }

  /** @param error `undefined`: it works */
  report(what: string, error: Error | undefined): void {
    if (error === undefined) {
      if (this.#failing.delete(what)) this.#note(`${what}: works again.`);
      return;
    }
    if (this.#failing.has(what)) return;
    this.#failing.add(what);
    this.#note(`warning: ${what}: ${sentence(error.message || error.name)} It is tried again.`);
  }

  readonly onEvent = (event: CutoverEvent): void => {
    if (event.type === 'keys') {
      const failed = event.outcome === 'failed' ? (event.error ?? new Error('failed')) : undefined;
      this.report(`The keys of ${event.userPoolId}`, failed);
    }
    if (event.type === 'resolver') {
      this.report('The legacy ids', event.outcome === 'failed' ? new Error('cannot be looked up') : undefined);
    }
  };

  readonly onPhases = ({ outcome, status }: PhaseEvent): void => {
    if (outcome === 'changed') this.#note(`Phase: ${status.phase}.`);
    this.report('The phases', outcome === 'failed' ? (status.error ?? new Error('cannot be read')) : undefined);
  };
}

const sentence = (words: string): string => (/[.?!]$/.test(words) ? words : `${words}.`);
