import { setMaxListeners } from 'node:events';

/** A signal that aborts as soon as one of these does. Ignores `undefined`. */
export function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined));
  // Each waiting call adds a listener, so a large number is not a leak.
  setMaxListeners(0, signal);
  return signal;
}
