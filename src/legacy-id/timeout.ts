import type { Clock } from '../clock.js';

/**
 * Whether a look-up ended because its time was up, rather than because nobody waits for it any more. The name is that of
 * `AbortSignal.timeout`, so that whoever sets a limit from outside is understood.
 */
export function isTimeout(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError';
}

/** `answer`, or a rejection once `timeoutMs` have passed, which also aborts `ended` so that the work behind it can stop. */
export async function withTimeout<T>(
  answer: T | PromiseLike<T>,
  timeoutMs: number,
  clock: Clock,
  ended: AbortController,
): Promise<T> {
  const answered = new AbortController();
  const timeout = clock.sleep(timeoutMs, answered.signal).then(() => {
    const error = new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError');
    ended.abort(error);
    throw error;
  });
  // Whichever comes second is no longer of interest.
  timeout.catch(() => {});
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    answered.abort();
  }
}

/** `answer`, or a rejection with the signal's reason as soon as it aborts. */
export function untilAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
