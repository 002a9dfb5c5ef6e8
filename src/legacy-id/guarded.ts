import { type Clock, stopwatch, systemClock } from '../clock.js';
import { checkFunction, checkKeys, checkNumber, refuse } from '../options.js';
import { isTimeout, untilAborted, withTimeLimit } from '../time-limit.js';
import { Breaker } from './breaker.js';
import { Gate } from './lookup-gate.js';
import { checkAnswer, inFrontOf, type LegacyIdQuery, type LegacyIdResolver, unavailable } from './resolver.js';

/** Options of {@link guarded}. */
export interface GuardOptions {
  /** Lookups under way at once, 1 to 1000. @defaultValue 8 */
  readonly maxConcurrent?: number;
  /**
   * Lookups started per second, 1 to 100 000, in this process; after a pause `maxConcurrent` may start at once. `null` sets
   * no limit.
   * @defaultValue null
   */
  readonly maxPerSecond?: number | null;
  /** Lookups that may wait for their turn, 0 to 100 000. Any more fail at once. @defaultValue 50 */
  readonly maxWaiting?: number;
  /** Time limit of one lookup in milliseconds, from its turn on, 1 to 60 000. @defaultValue 2000 */
  readonly timeoutMs?: number;
  /**
   * Failures in a row, timeouts included, after which the source is not asked for `openSeconds`, 1 to 1000. A time limit
   * from outside counts like `timeoutMs` (the query's signal aborts with a `TimeoutError`, as the verifier's and
   * `AbortSignal.timeout` do), unless the lookup spent most of that time waiting for its turn. A caller that leaves does
   * not count.
   * @defaultValue 5
   */
  readonly failuresToOpen?: number;
  /**
   * How long the source is not asked then, in seconds, 1 to 3600. Afterwards one lookup at a time probes whether it works
   * again. @defaultValue 10
   */
  readonly openSeconds?: number;
  /**
   * Whether a failure is the source's fault. Must answer false for a failure that a single user's token causes, or that user
   * could close the source to everyone.
   * @defaultValue every failure counts
   */
  readonly isOutage?: (error: unknown) => boolean;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

const KNOWN = [
  'maxConcurrent',
  'maxPerSecond',
  'maxWaiting',
  'timeoutMs',
  'failuresToOpen',
  'openSeconds',
  'isOutage',
  'clock',
] as const satisfies readonly (keyof GuardOptions)[];

/**
 * Protects the source behind a resolver from floods, and callers from a source that is down: a limit on lookups at once and
 * per second, a time limit, and a circuit breaker. A caller that cannot be served is refused at once with
 * `retryAfterSeconds`.
 *
 * Belongs inside {@link cached}: `cached(guarded(resolver))`, so that remembered users pass while the source is down.
 *
 * @throws `ConfigurationError` when `resolver` is not a function or an option is wrong
 */
export function guarded(resolver: LegacyIdResolver, options: GuardOptions = {}): LegacyIdResolver {
  if (typeof resolver !== 'function') refuse('resolver', 'a function', resolver);
  checkKeys('', options, KNOWN);
  const whole = (name: 'maxConcurrent' | 'maxWaiting' | 'failuresToOpen', min: number, max: number, fallback: number) =>
    checkNumber(name, options[name], { integer: true, min, max, fallback });
  const maxPerSecond =
    options.maxPerSecond === undefined || options.maxPerSecond === null
      ? null
      : checkNumber('maxPerSecond', options.maxPerSecond, { min: 1, max: 100_000, fallback: 1 });
  const timeoutMs = checkNumber('timeoutMs', options.timeoutMs, { min: 1, max: 60_000, fallback: 2000 });
  const openSeconds = checkNumber('openSeconds', options.openSeconds, { min: 1, max: 3600, fallback: 10 });
  const isOutage = checkFunction('isOutage', options.isOutage) ?? (() => true);
  const clock = options.clock ?? systemClock;
  const passedMs = stopwatch(clock);

  const limits = {
    maxConcurrent: whole('maxConcurrent', 1, 1000, 8),
    maxPerSecond,
    maxWaiting: whole('maxWaiting', 0, 100_000, 50),
  };
  const gate = new Gate(limits, clock);
  const breaker = new Breaker(whole('failuresToOpen', 1, 1000, 5), openSeconds * 1000, clock);
  let lastFailure: unknown;

  const refusal = () => unavailable(lastFailure, Math.ceil(breaker.refusesForMs / 1000));

  const isSourceFault = (error: unknown): boolean => {
    try {
      return isOutage(error);
    } catch {
      // A failure that cannot be judged counts.
      return true;
    }
  };

  /** Counts what a failed lookup says about the source. */
  const judge = (error: unknown, startedIn: number) => {
    if (isSourceFault(error)) {
      lastFailure = error;
      breaker.failed(startedIn);
      if (breaker.isOpen) gate.dismiss(refusal());
    } else {
      breaker.succeeded(startedIn);
    }
  };

  const lookUp = async (query: LegacyIdQuery): Promise<string | undefined> => {
    const ask = async (ended: AbortSignal) => resolver({ ...query, signal: AbortSignal.any([query.signal, ended]) });
    return checkAnswer(await withTimeLimit({ timeoutMs, clock }, ask));
  };

  const leave = () => gate.leave();

  /** Must be called inside the gate, and leaves it. */
  const ask = async (query: LegacyIdQuery, waitedMs: number): Promise<string | undefined> => {
    const startedAt = passedMs();
    const startedIn = breaker.started();
    const work = lookUp(query);
    let isGone = false;
    try {
      const answer = await untilAborted(work, query.signal);
      breaker.succeeded(startedIn);
      return answer;
    } catch (error) {
      const isStopped = query.signal.aborted && error === query.signal.reason;
      isGone = isStopped && !isTimeout(error);
      // A lookup whose time was used up by the queue tells nothing about the source.
      const hadItsTime = passedMs() - startedAt >= waitedMs;
      if (isGone || (isStopped && !hadItsTime)) breaker.abandoned(startedIn);
      else judge(error, startedIn);
      throw error;
    } finally {
      // The source may still be at work for a caller that is gone: callers that come and go must not add up there.
      if (isGone) work.then(leave, leave);
      else leave();
    }
  };

  return inFrontOf([resolver], async (query) => {
    if (breaker.refusesForMs > 0) throw refusal();
    const cameAt = passedMs();
    await gate.enter(query.signal);
    // Checked again, because a probe may have started, or the caller left, while this one waited.
    if (breaker.refusesForMs > 0 || query.signal.aborted) {
      leave();
      throw query.signal.aborted ? query.signal.reason : refusal();
    }
    return ask(query, passedMs() - cameAt);
  });
}
