import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { CutoverError, sentenceOf } from '../../../src/errors.js';
import { CHANNELS } from '../../../src/operate/events.js';
import { assertNoCanary } from '../canary.js';

/** What became of a question: an answer, or what was thrown. */
export type Settled<T> = { readonly answer: T } | { readonly error: unknown };

export async function settledOf<T>(ask: () => T | PromiseLike<T>): Promise<Settled<T>> {
  try {
    return { answer: await ask() };
  } catch (error) {
    return { error };
  }
}

export function settledSync<T>(ask: () => T): Settled<T> {
  try {
    return { answer: ask() };
  } catch (error) {
    return { error };
  }
}

/** The code of a refusal, which is a CutoverError with a known code, and shows nothing private. */
export function refusalCode(where: string, error: unknown): CutoverError['code'] {
  if (!(error instanceof CutoverError)) throw new Error(`${where} threw what is not a refusal`, { cause: error });
  if (sentenceOf(error.code) === undefined) throw new Error(`${where} refused with the unknown code ${error.code}`);
  if (![400, 401, 403, 503].includes(error.status)) throw new Error(`${where} refused with status ${error.status}`);
  assertNoCanary(where, error);
  return error.code;
}

/** Listens to everything that is published while a target runs, and looks for private values in it. */
export function eavesdrop(): { forget(): void; check(): void; close(): void } {
  const heard: unknown[] = [];
  const listen = (event: unknown) => void heard.push(event);
  for (const channel of Object.values(CHANNELS)) subscribe(channel, listen);
  return {
    /** An input that failed must not make the next one fail. */
    forget: () => void heard.splice(0),
    check() {
      const events = heard.splice(0);
      assertNoCanary('a published event', events);
      assertNoCanary('a published event as JSON', JSON.stringify(events));
    },
    close() {
      for (const channel of Object.values(CHANNELS)) unsubscribe(channel, listen);
    },
  };
}

/** Keeps from the terminal what is logged and warned of, and looks for private values in it. */
export function overhear(): { check(): void; close(): void } {
  const heard: unknown[] = [];
  const listen = (...all: unknown[]) => void heard.push(...all);
  const { error } = console;
  const { emitWarning } = process;
  console.error = listen;
  process.emitWarning = listen;
  return {
    check: () => assertNoCanary('the log', heard.splice(0)),
    close() {
      console.error = error;
      process.emitWarning = emitWarning;
    },
  };
}

export function ensure(holds: unknown, message: string): asserts holds {
  if (!holds) throw new Error(message);
}
