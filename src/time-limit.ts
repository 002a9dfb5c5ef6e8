import { type Clock, stopwatch, systemClock } from './clock.js';

/** A timer that fires later than this is not merely inaccurate: the process was stopped, or its event loop was blocked. */
const LATE_MS = 50;

export interface TimeLimit {
  readonly timeoutMs: number;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /** Is aborted when the time is up, so that the work can stop. Default: one of its own, whose signal the task gets. */
  readonly limit?: AbortController;
  /** Ends the wait early, with its reason. Default: none. */
  readonly ending?: AbortSignal;
}

/**
 * Runs `task` for at most `timeoutMs`. Rejects with a `TimeoutError`, as `AbortSignal.timeout` does, when the time is up.
 *
 * A process that was frozen (AWS Lambda between two calls, SIGSTOP) runs its timers before it reads its sockets, so that an
 * answer that arrived long ago would lose against the timer. The time by which a timer is late is therefore given back, at
 * most `timeoutMs` in all.
 */
export async function withTimeLimit<T>(
  { timeoutMs, clock = systemClock, limit = new AbortController(), ending }: TimeLimit,
  task: (signal: AbortSignal) => PromiseLike<T>,
): Promise<T> {
  const over = new AbortController();
  const end = () => limit.abort(ending?.reason);
  if (ending?.aborted) throw ending.reason;
  ending?.addEventListener('abort', end);
  // Registered before the task sees the signal, so that the rejection is the reason of the abort, not what the task makes of
  // it.
  const stopped = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason), { signal: over.signal });
  });
  stopped.catch(() => {});
  timeIsUp(timeoutMs, clock, over.signal).then(
    () => limit.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')),
    () => {},
  );
  try {
    return await Promise.race([task(limit.signal), stopped]);
  } finally {
    over.abort();
    ending?.removeEventListener('abort', end);
  }
}

/** Resolves once the process has run for `timeoutMs`. Rejects when `over` aborts. */
async function timeIsUp(timeoutMs: number, clock: Clock, over: AbortSignal): Promise<void> {
  const passed = stopwatch(clock);
  let toGiveBackMs = timeoutMs;
  for (let ms = timeoutMs; ms > 0; ) {
    const dueAt = passed() + ms;
    await clock.sleep(ms, over);
    const lateMs = passed() - dueAt;
    ms = lateMs > LATE_MS ? Math.min(lateMs, toGiveBackMs) : 0;
    toGiveBackMs -= ms;
  }
}

/**
 * `answer`, or a rejection with the signal's reason once it aborts: at once, or when `giveUp` calls back.
 */
export function untilAborted<T>(
  answer: Promise<T>,
  signal: AbortSignal,
  giveUp: (callback: () => void) => unknown = (callback) => callback(),
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => giveUp(() => reject(signal.reason));
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Whether a lookup ended because its time was up, rather than because its caller went away. The name is that of
 * `AbortSignal.timeout`, so that limits set by callers are recognised too.
 */
export function isTimeout(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError';
}
