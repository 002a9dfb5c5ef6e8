import type { LoadReport } from './soak-messages.js';

/** One sample of a server's process, after garbage collection. */
export interface Sample {
  /** Seconds since the load began. */
  readonly second: number;
  readonly heapMb: number;
  readonly rssMb: number;
  readonly externalMb: number;
  readonly handles: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
}

export interface MemoryVerdict {
  /** Heap after the first fifth of the time, and at the end, in megabytes. */
  readonly early: number;
  readonly late: number;
  readonly growthPercent: number;
  readonly megabytesPerHour: number;
  readonly isSteady: boolean;
}

/** A run shorter than this has hardly filled the caches after a fifth of its time. */
const LONG_SECONDS = 180;
const MOST_GROWTH_PERCENT = { long: 10, short: 30 };

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Least squares, per second. */
export function slopeOf(points: readonly (readonly [second: number, value: number])[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([second]) => second)), mean(points.map(([, value]) => value))];
  const spread = points.reduce((sum, [second]) => sum + (second - x) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [second, value]) => sum + (second - x) * (value - y), 0) / spread;
}

/**
 * Whether the heap stays as it is once the caches are full: the first samples after a fifth of the time, beside the last ones. Without
 * any, it does not.
 */
export function memoryVerdict(samples: readonly Sample[], seconds: number): MemoryVerdict {
  const settled = samples.filter(({ second }) => second >= 0.2 * seconds);
  const heaps = settled.map(({ heapMb }) => heapMb);
  const few = Math.max(3, Math.ceil(heaps.length / 10));
  const early = medianOf(heaps.slice(0, few));
  const late = medianOf(heaps.slice(-few));
  const growthPercent = (late / early - 1) * 100;
  return {
    early,
    late,
    growthPercent,
    megabytesPerHour: slopeOf(settled.map(({ second, heapMb }) => [second, heapMb])) * 3600,
    isSteady: growthPercent <= MOST_GROWTH_PERCENT[seconds >= LONG_SECONDS ? 'long' : 'short'],
  };
}

/** Columns of equal width; the first is text, the others numbers. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))))
    .map((row) => row.join('  '))
    .join('\n');
}

interface Measured {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** The tables and the last line of a run. */
export function printed({
  report,
  servers,
  control,
  seconds,
}: {
  readonly report: LoadReport;
  readonly servers: readonly Measured[];
  readonly control: Measured;
  readonly seconds: number;
}): { readonly text: string; readonly isGood: boolean } {
  const latency = new Map(report.latencies.map((one) => [one.name, one]));
  const milliseconds = (value = Number.NaN) => (value / 1000).toFixed(2);
  const rows = [...servers, control].map(({ name, samples }) => {
    const memory = memoryVerdict(samples, seconds);
    const { hot, all } = latency.get(name) ?? {};
    const last = samples.at(-1);
    return [
      name,
      `${all?.count ?? 0}`,
      ...[hot?.p50, hot?.p99, all?.p50, all?.p99, all?.p999].map(milliseconds),
      ...[memory.early, memory.late, memory.growthPercent, memory.megabytesPerHour].map((value) => value.toFixed(1)),
      `${last?.rssMb.toFixed(0)}`,
      `${medianOf(samples.slice(0, 5).map(({ handles }) => handles))}-${last?.handles}`,
      medianOf(samples.map(({ delayP99Ms }) => delayP99Ms)).toFixed(0),
      Math.max(...samples.map(({ delayMaxMs }) => delayMaxMs)).toFixed(0),
    ];
  });
  const heads = ['', 'requests', 'hot p50', 'p99 ms', 'all p50', 'p99', 'p99.9 ms', 'heap', 'end MB', '+%', 'MB/h'];
  const answers = Object.entries(report.answers).sort(([, a], [, b]) => b - a);
  const memories = servers.map(({ samples }) => memoryVerdict(samples, seconds));
  const worst = memories.reduce((one, other) => (one.growthPercent >= other.growthPercent ? one : other));
  const isSteady = memories.every((one) => one.isSteady);
  const p99 = servers.map(({ name }) => milliseconds(latency.get(name)?.hot.p99)).join(' and ');
  const summary = [
    `${report.requests} requests in ${seconds.toFixed(0)} s, ${report.unexpectedCount} unexpected`,
    `heap ${isSteady ? 'steady' : 'NOT STEADY'}: ${worst.early.toFixed(1)} to ${worst.late.toFixed(1)} MB`,
    `slope ${worst.megabytesPerHour.toFixed(1)} MB/hour`,
    `p99 ${p99} ms beside ${milliseconds(latency.get(control.name)?.hot.p99)} ms without authentication`,
  ];
  const faults = report.unexpected.map((one) => `UNEXPECTED ${JSON.stringify(one)}`);
  const text = [
    '',
    columns([[...heads, 'rss MB', 'handles', 'loop p99', 'max ms'], ...rows]),
    '',
    columns(answers.map(([name, count]) => [name, `${count}`])),
    ...faults,
    '',
    summary.join(', '),
  ].join('\n');
  return { text, isGood: isSteady && report.unexpectedCount === 0 && report.requests > 0 };
}
