import { ConfigurationError } from '../../src/errors.js';

/** The error for a middleware, or a guard, that was passed to a framework in place of what it returns. */
export function uncalled(name: string, call: string): ConfigurationError {
  return new ConfigurationError(name, `was passed without being called. Call it: ${call}`);
}

/**
 * Finds a function that was itself passed to a framework, which then calls it with a request, a response and `next`, or with a context and
 * `next`. Without this, `app.use(requireUser)` would leave every request without an answer.
 *
 * @param args all arguments that it was called with
 */
export function checkCalled(name: string, call: string, args: readonly unknown[]): void {
  if (args.length < 2) return;
  const isNext = typeof args.at(-1) === 'function';
  // Fastify's request and reply.
  const isExchange = args.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
  if (isNext || isExchange) throw uncalled(name, call);
}
