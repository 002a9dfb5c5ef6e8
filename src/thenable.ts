/**
 * Whether an answer has yet to come. Promises of other libraries, of another realm, and native ones where a library has
 * replaced the global `Promise` are all told by their `then`, never by `instanceof`.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveMethods = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveMethods && typeof (value as { readonly then?: unknown }).then === 'function';
}
