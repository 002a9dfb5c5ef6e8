import { type Clock, stopwatch } from '../../clock.js';
import { withTimeLimit } from '../../time-limit.js';
import { retried } from './retried.js';

/** Age at which an answer is refreshed. */
const FRESH_MS = 300_000;
/** Age up to which an answer is used while refreshes fail: answers decide whether a user needs a second factor. */
const STALE_MS = 3_600_000;
/** Time until the next attempt after a failed refresh. */
const ASK_AGAIN_MS = 60_000;
/** How long a refresh may take while an old answer can be used. */
const REFRESH_MS = 1000;

type Question<T> = (signal: AbortSignal) => Promise<T>;

export interface RememberOptions {
  readonly clock: Clock;
  readonly random?: () => number;
  /** Called for each failed refresh while the last answer is used: nothing else reports it. Default: none. */
  readonly onFault?: (fault: unknown) => void;
}

/**
 * Shares one request among all callers at a time, and refreshes the answer after about five minutes. `ask` makes one attempt.
 * While there is no answer, failures that may pass are retried for as long as a caller waits, who then gets the error of the
 * last attempt. Once there is an answer, a failed refresh affects no caller, because the last answer is used.
 *
 * Nothing runs between calls, because Lambda freezes the process then. Times vary by a quarter, so that functions that started
 * together do not keep asking together.
 */
export function remembered<T>(ask: Question<T>, options: RememberOptions): Question<T> {
  const { clock, random = Math.random, onFault } = options;
  const passed = stopwatch(clock);
  const from = (ms: number): number => passed() + ms * (0.75 + random() / 2);
  let known: { readonly answer: T; readonly at: number; readonly askAt: number } | undefined;
  let failure: unknown;

  const attempt = async (signal: AbortSignal): Promise<T> => {
    try {
      return await ask(signal);
    } catch (error) {
      if (!signal.aborted) failure = error;
      throw error;
    }
  };

  const refresh = shared(async (signal) => {
    failure = undefined;
    try {
      const answer =
        known === undefined
          ? await retried(() => attempt(signal), { clock, signal, random })
          : await withTimeLimit({ timeoutMs: REFRESH_MS, clock, ending: signal }, ask);
      known = { answer, at: passed(), askAt: from(FRESH_MS) };
      return answer;
    } catch (error) {
      if (known !== undefined) {
        known = { ...known, askAt: from(ASK_AGAIN_MS) };
        onFault?.(error);
      }
      throw error;
    }
  });

  return async (signal) => {
    if (known !== undefined && passed() - known.at >= STALE_MS) known = undefined;
    if (known !== undefined && passed() < known.askAt) return known.answer;
    try {
      return await refresh(signal);
    } catch (error) {
      if (known !== undefined) return known.answer;
      // The failure says more than that the time is up.
      throw signal.aborted ? (failure ?? error) : error;
    }
  };
}

/**
 * Shares one request in flight among all callers. A caller who stops waiting does not stop it for the others. When no caller
 * waits any more, it is aborted.
 */
function shared<T>(ask: Question<T>): Question<T> {
  interface Flight {
    readonly answer: Promise<T>;
    readonly ended: AbortController;
    waiting: number;
  }
  let flight: Flight | undefined;
  const start = (): Flight => {
    const ended = new AbortController();
    return { answer: ask(ended.signal), ended, waiting: 0 };
  };
  return async (signal) => {
    signal.throwIfAborted();
    flight ??= start();
    const joined = flight;
    joined.waiting++;
    let leave: () => void = () => {};
    const left = new Promise<never>((_resolve, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([joined.answer, left]);
    } finally {
      signal.removeEventListener('abort', leave);
      joined.waiting--;
      if (joined.waiting === 0) {
        if (flight === joined) flight = undefined;
        joined.ended.abort();
      }
    }
  };
}
