import { setMaxListeners } from 'node:events';

/** A signal that aborts as soon as one of these does. `undefined` stands for a signal that nobody gave. */
export function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined));
  // Each call that waits adds a listener: many are no leak.
  setMaxListeners(0, signal);
  return signal;
}
