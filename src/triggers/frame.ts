import { type Clock, systemClock } from '../clock.js';
import { checkFunction, checkKeys, checkNumber, isPlainObject } from '../options.js';
import { tell } from '../thenable.js';
import { untilAborted, withTimeLimit } from '../time-limit.js';
import { reasonOf, TriggerError, type TriggerErrorCode } from './trigger-error.js';

/** Options every trigger has. */
export interface TriggerOptions {
  /**
   * Time after which the trigger gives up, in milliseconds, 100 to 4900. Cognito waits five seconds and may then call the
   * function again, so that a late trigger may do its work several times.
   * @defaultValue 4000
   */
  readonly timeoutMs?: number;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
  /**
   * Called with each error of a store or pool, whether the trigger continues or not. The error may contain personal data.
   * Exceptions and rejections of this function are ignored. Default: none.
   */
  readonly onFault?: (fault: unknown) => unknown;
}

const TRIGGER_KEYS = ['timeoutMs', 'clock', 'onFault'] as const;

/** Time reserved at the end, or a quarter of a short `timeoutMs`. */
const RESERVE_MS = 500;

/** Attributes by which users are looked up, or which say who they are. */
const LOOKED_UP = ['sub', 'email', 'phone_number', 'preferred_username', 'identities'] as const;

/**
 * Checks what a trigger reads of an event. Cognito always sends it; a test event written by hand, or an emulator's, may not have it.
 *
 * @throws {@link TriggerError} `ERR_EVENT_UNEXPECTED` with the name of the field
 */
export function checkEvent(event: unknown, needed: readonly ('userAttributes' | 'response')[]): void {
  const { triggerSource, userName, request, response } = (event ?? {}) as Readonly<Record<string, unknown>>;
  const attributes = isPlainObject(request) ? request['userAttributes'] : undefined;
  const hasTexts = (one: Readonly<Record<string, unknown>>) =>
    LOOKED_UP.every((name) => one[name] === undefined || typeof one[name] === 'string');
  const wrong =
    (typeof triggerSource !== 'string' && 'triggerSource') ||
    (typeof userName !== 'string' && 'userName') ||
    (!isPlainObject(request) && 'request') ||
    (needed.includes('userAttributes') && !(isPlainObject(attributes) && hasTexts(attributes)) && 'userAttributes') ||
    (needed.includes('response') && !isPlainObject(response) && 'response');
  if (wrong) throw new TriggerError('ERR_EVENT_UNEXPECTED', `no ${wrong}`);
}

/** How a trigger runs its work. */
export interface TriggerFrame {
  readonly clock: Clock;
  /**
   * Runs `work`, and rejects with `ERR_DEADLINE` when it takes too long; its signal aborts then. `patience` aborts half a
   * second earlier: for questions that are repeated while there is time, but leave some to act without an answer.
   */
  withinDeadline<T>(work: (signal: AbortSignal, patience: AbortSignal) => Promise<T>): Promise<T>;
  /** Awaits a store or a pool; a fault becomes a `TriggerError` of `code`, unless it is one already. */
  ask<T>(code: TriggerErrorCode, question: () => Promise<T>): Promise<T>;
  report(fault: unknown): void;
}

/** Checks the names of all options and the values of those every trigger has. */
export function frameOf(options: TriggerOptions, own: readonly string[]): TriggerFrame {
  checkKeys('', options, [...own, ...TRIGGER_KEYS]);
  const timeoutMs = checkNumber('timeoutMs', options.timeoutMs, { min: 100, max: 4900, fallback: 4000 });
  const onFault = checkFunction('onFault', options.onFault);
  const clock = options.clock ?? systemClock;

  const report = (fault: unknown): void => tell(onFault, fault);
  return {
    clock,
    report,
    async withinDeadline(work) {
      const late = new AbortController();
      const impatient = new AbortController();
      const done = new AbortController();
      const patienceMs = timeoutMs - Math.min(RESERVE_MS, timeoutMs / 4);
      clock.sleep(patienceMs, done.signal).then(
        () => impatient.abort(new DOMException(`no answer within ${patienceMs} ms`, 'TimeoutError')),
        () => {},
      );
      try {
        return await withTimeLimit({ timeoutMs, clock, limit: late }, (signal) => work(signal, impatient.signal));
      } catch (error) {
        throw late.signal.aborted ? new TriggerError('ERR_DEADLINE', `${timeoutMs} ms`) : error;
      } finally {
        done.abort();
      }
    },
    async ask(code, question) {
      try {
        return await question();
      } catch (error) {
        if (error instanceof TriggerError) throw error;
        report(error);
        throw new TriggerError(code, reasonOf(error));
      }
    },
  };
}

/**
 * `answer`, or a rejection with the signal's reason soon after it aborts: a question that heeds the signal has the chance to
 * reject with the reason why there is no answer.
 */
export function untilImpatient<T>(answer: Promise<T>, patience: AbortSignal): Promise<T> {
  return untilAborted(answer, patience, setImmediate);
}
