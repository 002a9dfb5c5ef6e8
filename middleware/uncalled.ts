import { ConfigurationError } from '../src/errors.js';

/**
 * Finds a middleware, or a guard, that was itself passed to Express in place of what it returns: Express then calls it with a
 * request, a response and `next`. Without this, `app.use(requireUser)` would leave every request without an answer.
 *
 * @param args all arguments that it was called with
 */
export function checkCalled(name: string, call: string, args: readonly unknown[]): void {
  if (args.length >= 3 && typeof args[2] === 'function') {
    throw new ConfigurationError(name, `was passed without being called. Call it: ${call}`);
  }
}
