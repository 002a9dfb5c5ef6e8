import { disregard } from './thenable.js';

/**
 * Tells a listener of the application what happened. A fault of the listener is its own: whether it throws or is
 * asynchronous and rejects, neither the caller nor the process notices.
 */
export function tell<E>(listener: ((event: E) => unknown) | undefined, event: E): void {
  try {
    disregard(listener?.(event));
  } catch {
    // The listener's own fault, with nowhere to report it.
  }
}
