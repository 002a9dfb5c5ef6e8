import { isThenable } from './thenable.js';

/**
 * Tells a listener. What it throws, and a promise of it that rejects, end here: a fault of whoever listens must not reach
 * what was going on, nor end the process as an unhandled rejection.
 */
export function tell<E>(listener: ((event: E) => unknown) | undefined, event: E): void {
  if (listener === undefined) return;
  try {
    const answer = listener(event);
    if (isThenable(answer)) answer.then(undefined, () => {});
  } catch {
    // The listener's own fault; there is nobody to tell.
  }
}
