import type { Clock } from '../../clock.js';
import { DirectoryError, isThrottle } from '../user-types.js';

const FIRST_WINDOW_MS = 200;
const LONGEST_WINDOW_MS = 1000;

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: no limit. */
  readonly attempts?: number;
  readonly random?: () => number;
  /** Which failures are retried. Default: those that may pass. */
  readonly repeats?: (error: unknown) => boolean;
}

/**
 * Retries an attempt that was throttled or unavailable, until it succeeds or `signal` aborts. Each pause is random within a
 * window that doubles: otherwise functions that started in the same second would be refused together again.
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

/** Whether the same call may succeed a little later. */
export function mayPass(error: unknown): boolean {
  return isThrottle(error) || (error instanceof DirectoryError && error.kind === 'unavailable');
}
