/**
 * Whether an answer is still to come. Promises of other libraries, of another realm, and native ones where a library has
 * replaced the global `Promise` are recognised by their `then`, never by `instanceof`.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveMethods = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveMethods && typeof (value as { readonly then?: unknown }).then === 'function';
}

/**
 * Ignores the outcome of an answer that nothing waits for. Without this, a promise that rejects would end the process.
 */
export function disregard(answer: unknown): void {
  if (isThenable(answer)) void settle(answer);
}

/** `await` takes promises of other libraries too, and turns a fault of their `then` into a rejection. */
async function settle(answer: PromiseLike<unknown>): Promise<void> {
  try {
    await answer;
  } catch {
    // Ignored, as documented.
  }
}

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
