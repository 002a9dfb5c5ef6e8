import { ConfigurationError } from '../src/errors.js';

/** The error for a middleware, or a guard, that was passed to a framework in place of what it returns. */
export function uncalled(name: string, call: string): ConfigurationError {
  return new ConfigurationError(name, `was passed without being called. Call it: ${call}`);
}

/**
 * Finds a function that was itself passed to Express: Express then calls it with a request, a response and `next`. Without
 * this, `app.use(requireUser)` would leave every request without an answer.
 *
 * @param args all arguments that it was called with
 */
export function checkCalled(name: string, call: string, args: readonly unknown[]): void {
  if (args.length >= 3 && typeof args[2] === 'function') throw uncalled(name, call);
}
