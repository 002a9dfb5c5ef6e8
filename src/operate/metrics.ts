import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type Attributes, createNoopMeter, type Meter, metrics } from '@opentelemetry/api';
import { type Clock, stopwatch, systemClock } from '../clock.js';
import { checkFunction, checkKeys, refuse } from '../options.js';
import { tell } from '../thenable.js';
import { CHANNELS, type CutoverEvent, type DecisionEvent, type KeysEvent, type ResolverEvent } from './events.js';
import { instrumentsOf } from './metric-instruments.js';
import { ClientNames, isOfToken, labels } from './metric-labels.js';

export interface MetricsOptions {
  /** @defaultValue `metrics.getMeter('cognito-cutover')` of the registered `MeterProvider` */
  readonly meter?: Meter;
  /** The source of time. @defaultValue the system's clock */
  readonly clock?: Pick<Clock, 'now' | 'monotonic'>;
}

export interface CutoverInstrumentation {
  /** Ends the recording. */
  close(): void;
}

interface Seen {
  readonly labels: Attributes;
  at: number;
}

/**
 * Records what every verifier and entry point of this process decides, through OpenTelemetry's API. Register a `MeterProvider` first.
 * The metrics, their units and attributes: docs/metrics.md.
 *
 * @returns the recording, which goes on until it is closed. A second call with the same meter changes nothing, warns
 * (`CUTOVER_INSTRUMENTED_TWICE`) and answers the same one
 * @throws {@link ConfigurationError} when an option is wrong
 */
export function instrumentCutover(options: MetricsOptions = {}): CutoverInstrumentation {
  checkKeys('', options, ['meter', 'clock']);
  const clock = options.clock ?? systemClock;
  if (typeof clock.now !== 'function') refuse('clock', 'an object with a method now()', clock);
  checkFunction('clock.monotonic', clock.monotonic);
  const meter = options.meter ?? metrics.getMeter('cognito-cutover');
  if (typeof meter?.createCounter !== 'function') refuse('meter', "a Meter of OpenTelemetry's API", meter);
  if (meter === createNoopMeter() && process.env['OTEL_SDK_DISABLED'] !== 'true') {
    const message =
      'instrumentCutover() records nothing: no MeterProvider is registered yet. Register one before, with metrics.setGlobalMeterProvider() or the SDK of OpenTelemetry.';
    process.emitWarning(message, { type: 'CutoverWarning', code: 'CUTOVER_METRICS_NOT_RECORDED' });
  }
  const running = recordings();
  const first = running.get(meter);
  if (first !== undefined) {
    const message = 'instrumentCutover() was called again with the same meter. Everything is recorded once.';
    process.emitWarning(message, { type: 'CutoverWarning', code: 'CUTOVER_INSTRUMENTED_TWICE' });
    return first;
  }
  const stop = record(meter, clock);
  const recording: CutoverInstrumentation = {
    close: () => {
      if (running.get(meter) === recording) running.delete(meter);
      stop();
    },
  };
  running.set(meter, recording);
  return recording;
}

const RECORDINGS = Symbol.for('cognito-cutover.recordings');

/** What is being recorded, by meter. Shared by both builds of this package. */
function recordings(): WeakMap<Meter, CutoverInstrumentation> {
  const holder = globalThis as { [RECORDINGS]?: WeakMap<Meter, CutoverInstrumentation> };
  holder[RECORDINGS] ??= new WeakMap();
  return holder[RECORDINGS];
}

/** Returns how to stop. */
function record(meter: Meter, clock: Pick<Clock, 'now' | 'monotonic'>): () => void {
  const { decisions, tokens, lookups, fetches, age, lastSeen } = instrumentsOf(meter);
  const passed = stopwatch(clock);
  const clients = new ClientNames();
  const fetched = new Map<string, Seen>();
  const legacy = new Map<string, Seen>();
  const ends = [
    listen(CHANNELS.decision, (event: DecisionEvent) => {
      const { outcome, mode, pool, userPoolId, tokenUse, userIdSource, code, cached, durationMs } = event;
      const clientId = clients.nameOf(event);
      decisions.add(1, labels({ outcome, mode, pool, userPoolId, clientId, tokenUse, userIdSource, code }));
      if (isOfToken(event)) tokens.record(durationMs / 1_000, labels({ outcome, mode, pool, code, cached }));
      if (outcome !== 'accepted' || pool !== 'legacy') return;
      const key = `${userPoolId} ${clientId}`;
      const seen = legacy.get(key) ?? { labels: labels({ pool, userPoolId, clientId }), at: 0 };
      seen.at = clock.now();
      legacy.set(key, seen);
    }),
    listen(CHANNELS.resolver, ({ userPoolId, outcome, durationMs }: ResolverEvent) => {
      const code = outcome === 'failed' ? 'ERR_LEGACY_ID_UNAVAILABLE' : undefined;
      lookups.record(durationMs / 1_000, labels({ outcome, userPoolId, code }));
    }),
    listen(CHANNELS.keys, ({ pool, userPoolId, outcome, durationMs }: KeysEvent) => {
      const code = outcome === 'failed' ? 'ERR_KEYS_UNAVAILABLE' : undefined;
      fetches.record(durationMs / 1_000, labels({ pool, userPoolId, code }));
      if (code === undefined) fetched.set(userPoolId, { labels: labels({ pool, userPoolId }), at: passed() });
    }),
    observe(age, (report) => {
      for (const seen of fetched.values()) report((passed() - seen.at) / 1_000, seen.labels);
    }),
    observe(lastSeen, (report) => {
      for (const seen of legacy.values()) report(seen.at / 1_000, seen.labels);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** Errors of the meter end here: what is recorded decides nothing. */
function listen<E extends CutoverEvent>(name: string, listener: (event: E) => void): () => void {
  const subscriber = (message: unknown) => tell(listener, message as E);
  subscribe(name, subscriber);
  return () => {
    unsubscribe(name, subscriber);
  };
}

type Gauge = ReturnType<Meter['createObservableGauge']>;

function observe(gauge: Gauge, answer: (report: (value: number, attributes: Attributes) => void) => void): () => void {
  const callback: Parameters<Gauge['addCallback']>[0] = (result) => answer((value, to) => result.observe(value, to));
  gauge.addCallback(callback);
  return () => gauge.removeCallback(callback);
}
