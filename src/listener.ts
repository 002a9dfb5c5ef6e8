import { isThenable } from './thenable.js';

/**
 * Tells a listener of the application what happened. A fault of the listener is its own: whether it throws or is
 * asynchronous and rejects, neither the caller nor the process notices.
 */
export function tell<E>(listener: ((event: E) => unknown) | undefined, event: E): void {
  try {
    const answer = listener?.(event);
    if (isThenable(answer)) void settle(answer);
  } catch {
    // Nobody is left to tell.
  }
}

/** `await` takes promises of other libraries too, and turns a fault of their `then` into a rejection. */
async function settle(answer: PromiseLike<unknown>): Promise<void> {
  try {
    await answer;
  } catch {
    // As above.
  }
}
