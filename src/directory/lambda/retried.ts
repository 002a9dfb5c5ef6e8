import type { Clock } from '../../clock.js';
import { DirectoryError } from '../user-types.js';

const FIRST_WINDOW_MS = 200;
const LONGEST_WINDOW_MS = 1000;

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: no limit. */
  readonly attempts?: number;
  readonly random?: () => number;
  /** Which failures are repeated. Default: those that may pass. */
  readonly repeats?: (error: unknown) => boolean;
}

/**
 * Repeats what was throttled or unavailable, until it is answered or `signal` aborts. Each pause is drawn from the whole of a window that doubles: functions that
 * started in the same second would otherwise be refused together again.
 *
 * @throws the last attempt's error, or the signal's reason
 */
export async function retried<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, attempts = Number.POSITIVE_INFINITY, random = Math.random, repeats = mayPass } = options;
  let window = FIRST_WINDOW_MS;
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      if (!repeats(error) || made >= attempts) throw error;
      await clock.sleep(window * random(), signal);
      window = Math.min(window * 2, LONGEST_WINDOW_MS);
    }
  }
}

/** Whether the same call could be answered a little later. */
export function mayPass(error: unknown): boolean {
  return isThrottle(error) || (error instanceof DirectoryError && error.kind === 'unavailable');
}

/** Whether the call was turned away at the door: it has done nothing. */
export function isThrottle(error: unknown): boolean {
  return error instanceof DirectoryError && error.kind === 'throttled';
}
