/**
 * Whether an answer comes later. Promises are recognised by their `then`, never by `instanceof`: they may be of another
 * library or realm, or a library may have replaced the global `Promise`.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveMethods = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveMethods && typeof (value as { readonly then?: unknown }).then === 'function';
}

/** Ignores the outcome of an answer that nothing waits for. Otherwise a promise that rejects would end the process. */
export function disregard(answer: unknown): void {
  if (isThenable(answer)) void settle(answer);
}

/** `await` accepts promises of other libraries too, and turns an exception of their `then` into a rejection. */
async function settle(answer: PromiseLike<unknown>): Promise<void> {
  try {
    await answer;
  } catch {
    // Ignored, as documented.
  }
}

/**
 * Calls a listener of the application. An error of the listener, thrown or rejected, reaches neither the caller nor the
 * process.
 */
export function tell<E>(listener: ((event: E) => unknown) | undefined, event: E): void {
  try {
    disregard(listener?.(event));
  } catch {
    // There is nowhere to report an error of a listener.
  }
}
