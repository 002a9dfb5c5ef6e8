/**
 * Whether an answer has yet to come. Promises of other libraries, of another realm, and native ones where a library has
 * replaced the global `Promise` are all told by their `then`, never by `instanceof`.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveMethods = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveMethods && typeof (value as { readonly then?: unknown }).then === 'function';
}

/**
 * Takes no notice of what becomes of an answer that nobody waits for: left alone, a promise that rejects would end the
 * process.
 */
export function disregard(answer: unknown): void {
  if (isThenable(answer)) void settle(answer);
}

/** `await` takes promises of other libraries too, and turns a fault of their `then` into a rejection. */
async function settle(answer: PromiseLike<unknown>): Promise<void> {
  try {
    await answer;
  } catch {
    // As was said.
  }
}
