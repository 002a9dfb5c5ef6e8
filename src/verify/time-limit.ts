/** A timer that comes later than this did not come late by chance: the process was stopped, or its event loop blocked. */
const LATE_MS = 50;

/**
 * Runs `task` for at most `timeoutMs`, or until `ending` aborts. Rejects with a `TimeoutError`, as `AbortSignal.timeout` does.
 *
 * Real timers, whatever the clock: they guard against a connection that hangs, which no injected time makes good. A process
 * that was frozen (AWS Lambda between two calls, SIGSTOP) runs its timers before it reads its sockets, so an answer that
 * arrived long ago would lose against the timer. The time that a timer is late is therefore given back, at most `timeoutMs`
 * in all.
 */
export async function withTimeLimit<T>(
  timeoutMs: number,
  what: string,
  task: (signal: AbortSignal) => PromiseLike<T>,
  ending?: AbortSignal,
): Promise<T> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let toGiveBackMs = timeoutMs;
  const end = () => limit.abort(ending?.reason);
  const arm = (ms: number) => {
    const dueAt = performance.now() + ms;
    timer = setTimeout(() => {
      const lateMs = performance.now() - dueAt;
      const more = lateMs > LATE_MS ? Math.min(lateMs, toGiveBackMs) : 0;
      toGiveBackMs -= more;
      if (more > 0) arm(more);
      else limit.abort(new DOMException(`${what} did not answer within ${timeoutMs} ms`, 'TimeoutError'));
    }, ms);
  };
  if (ending?.aborted) throw ending.reason;
  ending?.addEventListener('abort', end);
  try {
    return await new Promise<T>((resolve, reject) => {
      // Before the task sees the signal, so that the reason of the abort is what comes out, not what a task makes of it.
      limit.signal.addEventListener('abort', () => reject(limit.signal.reason));
      arm(timeoutMs);
      task(limit.signal).then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    ending?.removeEventListener('abort', end);
  }
}
