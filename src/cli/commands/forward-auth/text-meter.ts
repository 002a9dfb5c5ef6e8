import type { Attributes, ObservableCallback, ObservableResult } from '@opentelemetry/api';
import type { Instruments } from '../../../operate/metric-instruments.js';

/** The media type of Prometheus' text format. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

interface Series {
  readonly labels: string;
  value: number;
}

interface Distribution {
  readonly labels: string;
  /** By upper bound, not yet added up; the last is beyond all bounds. */
  readonly counts: number[];
  sum: number;
}

type Creation<Method extends keyof Instruments> = NonNullable<Parameters<Instruments[Method]>[1]>;

/**
 * A meter whose text Prometheus reads, with names and labels as OpenTelemetry's own exporter for Prometheus writes them: queries and
 * alerts that fit a service with OpenTelemetry fit this one.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export class TextMeter implements Instruments {
  readonly #parts: (() => string[])[] = [];

  createCounter(name: string, { description = '' }: Creation<'createCounter'> = {}) {
    const total = `${nameOf(name)}_total`;
    const series = new Map<string, Series>();
    this.#parts.push(() => [
      ...heading(total, 'counter', description),
      ...[...series.values()].map(({ labels, value }) => line(total, labels, value)),
    ]);
    return {
      add: (value: number, attributes: Attributes = {}) => {
        const labels = labelsOf(attributes);
        const one = series.get(labels);
        if (one === undefined) series.set(labels, { labels, value });
        else one.value += value;
      },
    };
  }

  createHistogram(name: string, { description = '', advice }: Creation<'createHistogram'> = {}) {
    const base = nameOf(name);
    const bounds = advice?.explicitBucketBoundaries ?? [];
    const series = new Map<string, Distribution>();
    this.#parts.push(() => [
      ...heading(base, 'histogram', description),
      ...[...series.values()].flatMap((one) => distribution(base, bounds, one)),
    ]);
    return {
      record: (value: number, attributes: Attributes = {}) => {
        const labels = labelsOf(attributes);
        const one = series.get(labels) ?? { labels, counts: new Array(bounds.length + 1).fill(0), sum: 0 };
        series.set(labels, one);
        const bucket = bounds.findIndex((bound) => value <= bound);
        one.counts[bucket < 0 ? bounds.length : bucket]! += 1;
        one.sum += value;
      },
    };
  }

  createObservableGauge(name: string, { description = '' }: Creation<'createObservableGauge'> = {}) {
    const base = nameOf(name);
    const callbacks = new Set<ObservableCallback>();
    this.#parts.push(() => {
      // By their labels: a series that comes twice would spoil the whole text.
      const values = new Map<string, number>();
      const observe: ObservableResult['observe'] = (value, attributes) =>
        void values.set(labelsOf(attributes ?? {}), value);
      for (const callback of callbacks) callback({ observe });
      return [
        ...heading(base, 'gauge', description),
        ...[...values].map(([labels, value]) => line(base, labels, value)),
      ];
    });
    return {
      addCallback: (callback: ObservableCallback) => void callbacks.add(callback),
      removeCallback: (callback: ObservableCallback) => void callbacks.delete(callback),
    };
  }

  /** A number that is read when the text is. */
  watch(name: string, description: string, read: () => number): void {
    this.createObservableGauge(name, { description }).addCallback((result) => result.observe(read()));
  }

  text(): string {
    return `${this.#parts.flatMap((part) => part()).join('\n')}\n`;
  }
}

/** The few names that there are, because they are asked for with every measurement. */
const names = new Map<string, string>();

function nameOf(name: string): string {
  const known = names.get(name) ?? name.replaceAll('.', '_');
  names.set(name, known);
  return known;
}

const heading = (name: string, type: string, description: string): string[] => [
  `# HELP ${name} ${description}`,
  `# TYPE ${name} ${type}`,
];

const line = (name: string, labels: string, value: number): string =>
  `${name}${labels === '' ? '' : `{${labels}}`} ${value}`;

function labelsOf(attributes: Attributes): string {
  let labels = '';
  for (const key in attributes)
    labels += `${labels === '' ? '' : ','}${nameOf(key)}="${escaped(`${attributes[key]}`)}"`;
  return labels;
}

/** Half a character has no bytes of its own: two names that differ in one only would be the same series, twice. */
const escaped = (value: string): string =>
  /["\\\n]|\p{Surrogate}/u.test(value)
    ? value
        .replace(/["\\]/g, '\\$&')
        .replaceAll('\n', '\\n')
        .replace(/\p{Surrogate}/gu, '\ufffd')
    : value;

function distribution(name: string, bounds: readonly number[], { labels, counts, sum }: Distribution): string[] {
  const upTo = (bound: number | '+Inf') => `${labels}${labels === '' ? '' : ','}le="${bound}"`;
  let count = 0;
  const buckets = counts.map((inBucket, index) => {
    count += inBucket;
    return line(`${name}_bucket`, upTo(bounds[index] ?? '+Inf'), count);
  });
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, count)];
}
