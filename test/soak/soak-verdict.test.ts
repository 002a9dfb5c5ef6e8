import { describe, expect, it } from 'vitest';
import { medianOf, memoryVerdict, printed, type Sample, slopeOf } from './soak-verdict.js';

const SECONDS = 600;
const samplesOf = (heapAt: (second: number) => number): Sample[] =>
  Array.from({ length: 120 }, (_, n) => ({
    second: n * 5,
    heapMb: heapAt(n * 5),
    rssMb: 80,
    externalMb: 2,
    handles: 10,
    delayP99Ms: 12,
    delayMaxMs: 30,
  }));
const warm = (second: number) => (second < 100 ? 10 + second / 10 : 20);

describe('memory', () => {
  it.each<[string, (second: number) => number, boolean]>([
    ['fills its caches in the first fifth', warm, true],
    ['is given back', (second) => 30 - second / 100, true],
    ['has a sawtooth', (second) => 20 + (second % 25) / 10, true],
    ['grows by 8 % after the first fifth', (second) => 20 + (second * 1.6) / 480, true],
    ['grows by a fifth of its size', (second) => 20 + (second * 4) / 480, false],
    ['jumps at the end', (second) => (second < 500 ? 20 : 30), false],
  ])('that %s is judged', (_what, heapAt, isSteady) => {
    expect(memoryVerdict(samplesOf(heapAt), SECONDS).isSteady).toBe(isSteady);
  });

  it('of a short run may still grow', () => {
    const samples = samplesOf((second) => 20 + second / 120);
    expect(memoryVerdict(samples, SECONDS).isSteady).toBe(false);
    const fast = samples.map((one) => ({ ...one, second: one.second / 20 }));
    expect(memoryVerdict(fast, SECONDS / 20).isSteady).toBe(true);
  });

  it('without samples is not steady', () => {
    expect(memoryVerdict([], SECONDS).isSteady).toBe(false);
  });

  it('that grows has its slope told per hour', () => {
    expect(
      memoryVerdict(
        samplesOf((second) => 20 + second / 3600),
        SECONDS,
      ).megabytesPerHour,
    ).toBeCloseTo(1);
    expect(slopeOf([[1, 5]])).toBe(0);
  });
});

it('the median of an even number is between the two', () => {
  expect([medianOf([3, 1, 2]), medianOf([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

describe('a run', () => {
  const histogram = { count: 50, p50: 1000, p99: 2000, p999: 3000 };
  const run = (requests: number, unexpectedCount: number, heapAt = warm) =>
    printed({
      report: {
        requests,
        unexpectedCount,
        unexpected: [],
        answers: { 200: 40, ERR_TOKEN_EXPIRED: 10 },
        latencies: ['server 1', 'control'].map((name) => ({ name, hot: histogram, all: histogram })),
      },
      servers: [{ name: 'server 1', samples: samplesOf(heapAt) }],
      control: { name: 'control', samples: samplesOf(warm) },
      seconds: SECONDS,
    });

  it('is good with steady memory and no unexpected answer', () => {
    const { text, isGood } = run(100, 0);
    expect(isGood).toBe(true);
    expect(text).toContain(
      '100 requests in 600 s, 0 unexpected, heap steady: 20.0 to 20.0 MB, slope 0.0 MB/hour, p99 2.00 ms beside 2.00 ms',
    );
  });

  it.each([
    ['one unexpected answer', run(100, 1)],
    ['no request', run(0, 0)],
    ['memory that grows', run(100, 0, (second) => second)],
  ])('is not good with %s', (_what, { isGood }) => {
    expect(isGood).toBe(false);
  });
});
