import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Clock, systemClock } from '../../clock.js';
import { checkFunction, checkKeys, checkNumber, checkString, refuse } from '../../options.js';
import { tell } from '../../thenable.js';
import { withTimeLimit } from '../../time-limit.js';
import { CHANNELS, type DecisionEvent } from '../events.js';
import { DrainCounter } from './count/drain-counter.js';
import { defaultInstanceName, lambdaFunction } from './count/instance-name.js';
import type { DrainInstance, DrainReport, DrainStore } from './drain-types.js';
import type { DrainQuestion } from './report/drain-question.js';
import { REASONS } from './report/drain-reasons.js';
import { drainReport } from './report/drain-report.js';
import { readDrainReport, wordsOf } from './report/read-report.js';

/** Options of {@link createDrainMonitor}. */
export interface DrainMonitorOptions {
  /** Where instances leave what they count, so that it can be read together. Default: none, this process counts for itself. */
  readonly store?: DrainStore;
  /**
   * The name of this process, the same after a restart and different from every other's. Default: the host's name, with the number of the
   * process under pm2 and `node:cluster`; in AWS Lambda the function's name.
   */
  readonly instance?: string;
  /**
   * How often to write to the store, in seconds, 0.05 to 3 600. An instance that has not written for three times as long has stopped
   * reporting, and what a process counts after its last write is lost if it is killed.
   * @defaultValue 60
   */
  readonly flushSeconds?: number;
  /** Called with every failure to count or to write. Its exceptions and rejections are ignored. Default: none. */
  readonly onError?: (error: Error) => unknown;
  /** @defaultValue the system's clock */
  readonly clock?: Clock;
}

/** Counts the tokens that one instance accepts. */
export interface DrainMonitor {
  readonly instance: string;
  /** Writes what was counted now. Rejects when the store does; it is counted on, and written with the next flush. */
  flush(): Promise<void>;
  /**
   * What the instances of the store counted together, or this process alone where there is no store. Never rejects for a store: one that
   * cannot be read is a reason.
   */
  report(question?: DrainQuestion): Promise<DrainReport>;
  /**
   * Stops counting, writes the rest, and tells the store that this instance has ended. To be called when no request is served any more.
   * Resolves after five seconds at the latest; a failure is given to `onError`.
   */
  close(): Promise<void>;
}

const WRITE_LIMIT_MS = 10_000;
const CLOSE_LIMIT_MS = 5_000;
/** An instance is known to the store soon after its start, and those that start together do not write together. */
const FIRST_FLUSH_SECONDS = 1;

/**
 * Counts the tokens that all verifiers of this process accept, per pool and app client, in bounded memory, and with a store those of all
 * instances together: to know when the legacy pool can be closed.
 *
 * @throws `ConfigurationError`
 */
export function createDrainMonitor(options: DrainMonitorOptions = {}): DrainMonitor {
  checkKeys('', options, ['store', 'instance', 'flushSeconds', 'onError', 'clock']);
  const { store, instance = defaultInstanceName(), clock = systemClock } = options;
  for (const method of ['write', 'read', 'forget'] as const) {
    if (store !== undefined && typeof store?.[method] !== 'function') refuse('store', 'a drain store', store);
  }
  checkString('instance', instance);
  if (instance.length > LONGEST_INSTANCE) refuse('instance', `at most ${LONGEST_INSTANCE} characters`, instance);
  const flushSeconds = checkNumber('flushSeconds', options.flushSeconds, { min: 0.05, max: 3600, fallback: 60 });
  const onError = checkFunction('onError', options.onError);
  return new Monitor({ store, instance, flushSeconds, onError, clock });
}

const LONGEST_INSTANCE = 256;

interface Settings {
  readonly store: DrainStore | undefined;
  readonly instance: string;
  readonly flushSeconds: number;
  readonly onError: DrainMonitorOptions['onError'] | undefined;
  readonly clock: Clock;
}

/**
 * A token of which it could not be told whether it is good is not counted, and says that somebody may still use the pool. Anybody can send
 * one that only looks like it, but not for longer than the outage lasts.
 */
const isUnjudged = ({ pool, code }: DecisionEvent): boolean =>
  pool === 'legacy' && (code === 'ERR_KEYS_UNAVAILABLE' || code === 'ERR_REVOCATION_UNAVAILABLE');

class Monitor implements DrainMonitor {
  readonly #settings: Settings;
  readonly #run: string;
  readonly #startedAt: number;
  readonly #counter: DrainCounter;
  #unjudgedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#startedAt = settings.clock.now();
    this.#run = `${this.#startedAt.toString(36)}-${randomBytes(6).toString('hex')}`;
    this.#counter = new DrainCounter(settings.instance, this.#run);
    subscribe(CHANNELS.decision, this.#hear);
    this.#flushAfter(Math.min(FIRST_FLUSH_SECONDS, settings.flushSeconds) * Math.random());
  }

  get instance(): string {
    return this.#settings.instance;
  }

  flush(): Promise<void> {
    // One that is on its way may have left before what was counted last.
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        this.#running = this.#write();
        return this.#running;
      });
    return this.#next;
  }

  async report(question: DrainQuestion = {}): Promise<DrainReport> {
    const { store, clock } = this.#settings;
    if (store === undefined) {
      const troubles = question.expectInstances === 1 ? [] : [REASONS.noStore];
      const content = { instances: [this.#state()], records: this.#counter.records() };
      return drainReport({ ...question, ...content, troubles, now: clock.now() });
    }
    const troubles = await this.flush().then(
      () => [],
      (error: unknown) => [REASONS.notWritten(this.instance, store.name, wordsOf(error))],
    );
    return readDrainReport({ ...question, stores: [store], troubles, clock });
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** Runs within a request, and must not throw there. */
  readonly #hear = (message: unknown): void => {
    try {
      const event = message as DecisionEvent;
      if (event.outcome === 'accepted') this.#counter.count(event, this.#settings.clock.now());
      else if (isUnjudged(event)) this.#unjudgedAt = this.#settings.clock.now();
    } catch (error) {
      this.#tell(error);
    }
  };

  async #end(): Promise<void> {
    unsubscribe(CHANNELS.decision, this.#hear);
    clearTimeout(this.#timer);
    const { clock } = this.#settings;
    await withTimeLimit({ timeoutMs: CLOSE_LIMIT_MS, clock }, () => this.flush()).catch((error) => this.#tell(error));
  }

  #flushAfter(seconds: number): void {
    if (this.#settings.store === undefined || this.#closing !== undefined) return;
    this.#timer = setTimeout(() => {
      this.flush()
        .catch((error) => this.#tell(error))
        .finally(() => this.#flushAfter(this.#settings.flushSeconds * (0.9 + Math.random() / 10)));
    }, seconds * 1000).unref();
  }

  async #write(): Promise<void> {
    const { store, clock } = this.#settings;
    if (store === undefined) return;
    // What is counted while it is written is written next time.
    const unwritten = this.#counter.unwritten();
    const state = this.#state();
    await withTimeLimit({ timeoutMs: WRITE_LIMIT_MS, clock }, () => store.write(state, unwritten.records));
    unwritten.written(clock.now());
  }

  #state(): DrainInstance {
    const { store, instance, flushSeconds, clock } = this.#settings;
    const now = clock.now();
    const retentionDays = store?.retentionDays;
    return {
      instance,
      run: this.#run,
      // A clock that was set back must not make it end before it began.
      startedAt: Math.min(this.#startedAt, now),
      reportedAt: now,
      ...(this.#closing === undefined ? {} : { endedAt: now }),
      flushSeconds,
      ...(retentionDays === undefined ? {} : { retentionDays }),
      ...(lambdaFunction() === undefined ? {} : { lambda: true }),
      ...(this.#unjudgedAt === undefined ? {} : { unjudgedAt: this.#unjudgedAt }),
      legacy: this.#counter.traces(),
    };
  }

  #tell(error: unknown): void {
    tell(
      this.#settings.onError,
      error instanceof Error ? error : new Error('the drain monitor failed', { cause: error }),
    );
  }
}
