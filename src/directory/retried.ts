import { type Clock, stopwatch } from '../clock.js';
import { DirectoryError } from './types.js';

const FIRST_WINDOW_MS = 200;
const LONGEST_WINDOW_MS = 1000;

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: no limit. */
  readonly attempts?: number;
  /** No attempt begins later than this. Default: no limit. */
  readonly patienceMs?: number;
  readonly random?: () => number;
}

/**
 * Repeats what was throttled or unavailable. Each pause is drawn from the whole of a window that doubles: functions that
 * started in the same second would otherwise be refused together again.
 *
 * @throws the last attempt's error, or the signal's reason
 */
export async function retried<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, attempts = Number.POSITIVE_INFINITY, patienceMs = Number.POSITIVE_INFINITY } = options;
  const { random = Math.random } = options;
  const passed = stopwatch(clock);
  const began = passed();
  let window = FIRST_WINDOW_MS;
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      const pause = window * random();
      if (!mayPass(error) || made >= attempts || passed() - began + pause > patienceMs) throw error;
      await clock.sleep(pause, signal);
      window = Math.min(window * 2, LONGEST_WINDOW_MS);
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof DirectoryError && (error.kind === 'throttled' || error.kind === 'unavailable');
}
