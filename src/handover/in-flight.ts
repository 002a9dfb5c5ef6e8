import { HandoverError } from './handover-error.js';

/** What is under way, and how many wait for it. */
interface Flight {
  readonly ending: AbortController;
  readonly result: Promise<unknown>;
  waiting: number;
}

const flights = new Map<string, Flight>();

/**
 * The result of `work`, which two callers with the same key share: each legacy token is accepted once, so a second exchange at the same
 * moment would spoil the first. The work is ended when its last caller has aborted.
 */
export function shared<T>(key: string, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>) {
  if (signal?.aborted) return Promise.reject<T>(aborted(signal));
  const flight = flights.get(key) ?? start(key, work);
  flight.waiting += 1;
  return new Promise<T>((resolve, reject) => {
    const leave = () => {
      reject(aborted(signal));
      flight.waiting -= 1;
      if (flight.waiting > 0) return;
      // Whoever comes now begins again.
      forget(key, flight);
      flight.ending.abort();
    };
    signal?.addEventListener('abort', leave);
    const done = () => signal?.removeEventListener('abort', leave);
    flight.result.then(
      (value) => {
        done();
        resolve(value as T);
      },
      (error) => {
        done();
        reject(error);
      },
    );
  });
}

function start<T>(key: string, work: (signal: AbortSignal) => Promise<T>): Flight {
  const ending = new AbortController();
  // Begins after the caller's signal is listened to.
  const result = Promise.resolve().then(() => work(ending.signal));
  const flight: Flight = { ending, waiting: 0, result: result.finally(() => forget(key, flight)) };
  flights.set(key, flight);
  return flight;
}

function forget(key: string, flight: Flight): void {
  if (flights.get(key) === flight) flights.delete(key);
}

const aborted = (signal: AbortSignal | undefined) =>
  new HandoverError('ERR_HANDOVER_UNAVAILABLE', { detail: 'aborted by the caller', cause: signal?.reason });

/**
 * Runs `work` for at most `timeoutMs`, and until `ending` aborts. Waits for neither a `fetch` that ignores its signal nor a callback
 * that never ends.
 */
export function bounded<T>(
  timeoutMs: number,
  ending: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const stop = (detail: string) => {
      reject(new HandoverError('ERR_HANDOVER_UNAVAILABLE', { detail }));
      limit.abort();
    };
    const leave = () => stop('aborted by the caller');
    if (ending?.aborted) return leave();
    const timer = setTimeout(() => stop(`not done within ${timeoutMs} ms`), timeoutMs);
    ending?.addEventListener('abort', leave);
    work(limit.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        ending?.removeEventListener('abort', leave);
      });
  });
}
