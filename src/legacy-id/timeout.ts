import type { Clock } from '../clock.js';

/** `answer`, or a rejection once `timeoutMs` have passed, which also aborts `ended` so that the work behind it can stop. */
export async function withTimeout<T>(
  answer: T | PromiseLike<T>,
  timeoutMs: number,
  clock: Clock,
  ended: AbortController,
): Promise<T> {
  const answered = new AbortController();
  const timeout = clock.sleep(timeoutMs, answered.signal).then(() => {
    const error = new Error(`no answer within ${timeoutMs} ms`);
    ended.abort(error);
    throw error;
  });
  // Whichever comes second is nobody's concern any more.
  timeout.catch(() => {});
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    answered.abort();
  }
}
