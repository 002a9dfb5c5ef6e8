import { createNoopMeter, type Meter, metrics } from '@opentelemetry/api';
import { type Clock, systemClock } from '../clock.js';
import { checkFunction, checkKeys, refuse } from '../options.js';
import { record } from './recording.js';

/** Options of {@link instrumentCutover}. */
export interface MetricsOptions {
  /** @defaultValue `metrics.getMeter('cognito-cutover')` of the registered `MeterProvider` */
  readonly meter?: Meter;
  /** The source of time. @defaultValue the system's clock */
  readonly clock?: Pick<Clock, 'now' | 'monotonic'>;
}

/** A recording that has begun. */
export interface CutoverInstrumentation {
  /** Ends the recording. */
  close(): void;
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
